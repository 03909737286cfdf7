"""The exact Taylor series of one given network under a flow in words, as numbers: no limit is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

from derive.flow.product_rule.new_start import NoSeries
from derive.flow.routes.product_rule_route import ProductRuleRoute
from derive.flow.statement.scalar import holds_imaginary
from derive.flow.statement.tokens import FlowProblem
from derive.observables.of_flows.flow_observable import is_spared
from derive.observables.of_flows.flow_registry import flow_observables

if TYPE_CHECKING:
    from derive.flow.given.network import FlowInstance
    from derive.flow.product_rule.limit_scalars import LimitScalars
    from derive.flow.statement.meaning import Meaning


@dataclass(frozen=True, eq=False)
class NetworkFlowSeries:
    """Lists of coefficients of tau**0, ..., tau**order by name: readouts (complex ones as z_re and z_im),
    ``loss`` where there is one, observables with their titles and the left sides of their formulas."""

    network: FlowInstance
    order: int
    readouts: dict[str, list[float]]
    loss: list[float] | None
    observables: dict[str, list[float]]
    titles: dict[str, str]
    left: dict[str, tuple[str, tuple[str, ...]]]

    @property
    def named(self) -> dict[str, list[float]]:
        """All of them."""
        return self.readouts | ({} if self.loss is None else {"loss": self.loss}) | self.observables


def network_flow_series(network: FlowInstance, order: int, singular_values: int = 2) -> NetworkFlowSeries:
    """Expand. Raises FlowProblem where a coefficient overflows or a scalar is not smooth at the start."""
    scalars = cast("LimitScalars", network.scalars)
    try:
        change = ProductRuleRoute().run(network.flow, scalars, order)
        readouts = _readouts(network.flow.meaning, change.readouts)
        loss = None if change.loss is None else _real(change.loss)
        observables: dict[str, list[float]] = {}
        titles: dict[str, str] = {}
        left: dict[str, tuple[str, tuple[str, ...]]] = {}
        for observable in flow_observables(network.flow.meaning, singular_values):
            if observable.name in readouts or observable.variable or is_spared(observable, observables):
                continue
            try:
                found = observable.series(change)
            except (NoSeries, ZeroDivisionError):
                continue
            observables[observable.name] = _real(found)
            titles[observable.name] = observable.title
            left[observable.name] = observable.left, observable.names
    except ZeroDivisionError:
        raise FlowProblem("a scalar of the flow is not smooth at the start of this network") from None
    series = NetworkFlowSeries(network, order, readouts, loss, observables, titles, left)
    if not all(isfinite(x) for values in series.named.values() for x in values):
        raise FlowProblem(f"order {order}: coefficients overflow; allowed are lower orders")
    return series


def _readouts(meaning: Meaning, found: Mapping[str, Sequence[Any]]) -> dict[str, list[float]]:
    """By name; of complex ones the real and the imaginary part."""
    readouts: dict[str, list[float]] = {}
    for name, values in found.items():
        both = [complex(value) for value in values]
        if holds_imaginary(meaning.readouts[name]):
            readouts[f"{name}_re"] = [value.real for value in both]
            readouts[f"{name}_im"] = [value.imag for value in both]
        else:
            readouts[name] = [value.real for value in both]
    return readouts


def _real(values: Any) -> list[float]:
    return [complex(value).real + 0.0 for value in values]
