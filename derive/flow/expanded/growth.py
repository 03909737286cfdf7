"""How fast a flow's printed coefficients grow: numbers, and a rough radius of convergence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derive.flow.expanded.flow_series import FlowSeries
from derive.flow.expanded.values import arguments, fraction_value

NEGLIGIBLE = 1e-12


def coefficients(series: FlowSeries, values: Sequence[float], g: float) -> list[float]:
    """The coefficients at the parameters' ``values``, in the flow's order, and g."""
    numbers = arguments(series.variables, [*values, g])
    return [float(fraction_value(c, numbers, 1.0, len(values) + 1)) for c in series.coefficients]


def estimated_radius(several: Iterable[FlowSeries], values: Sequence[float], g: float) -> float | None:
    """The smallest of the series' radii as their coefficients show them between the first and the last order.

    None where no series has two terms beyond the constant.
    """
    found = []
    for series in several:
        size = [abs(c) for c in coefficients(series, values, g)]
        orders = [k for k in range(1, len(size)) if size[k] > NEGLIGIBLE * max(size)]
        if len(orders) > 1:
            low, high = orders[0], orders[-1]
            found.append((size[low] / size[high]) ** (1 / (high - low)))
    return min(found) if found else None
