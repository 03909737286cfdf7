"""Where the Taylor series of overlaps and loss can be trusted: radius of convergence and next term.

All ten overlaps share the singularities of one flow, so that the root test may take the largest of their
coefficients,

    1/radius = limsup_n max_name |c_n|^(1/n),

read off at the orders from half the highest known to the highest. At order 20 that is good to about a
tenth: |c_n| ~ n^p radius^-n leaves a factor n^(p/n).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from derive.series.exact_series import ExactSeries

ORDER = 20


@dataclass(frozen=True)
class SeriesTrust:
    """``radius`` of convergence in tau, infinite where nothing moves; ``error``: the first term of the
    loss left out, a series of that one term."""

    radius: float
    error: ExactSeries


def series_trust(series: Mapping[str, ExactSeries], order: int) -> SeriesTrust:
    """How far `learning_series`'s result in numbers holds when cut off after tau**order.

    ``series`` must be known through max(order + 1, `ORDER`). Raises ValueError for others, and symbols.
    """
    loss = series["loss"]
    if loss.scalars.names or loss.order < max(order + 1, ORDER):
        raise ValueError(f"radius of {loss!r}: allowed are numbers, order >= {max(order + 1, ORDER)}")
    rate = max(
        abs(int(c.p) / int(c.q)) ** (1 / n)
        for one in series.values()
        for n, c in enumerate(one.coefficients)
        if n >= ORDER // 2
    )
    nothing = loss.coefficients[0] * 0
    error = replace(loss, coefficients=(*[nothing] * (order + 1), loss.coefficients[order + 1]))
    return SeriesTrust(1 / rate if rate else float("inf"), error)
