"""The first level of agreement for a flow (THEORY 5): a network's own series against its flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.flow.given.network import FlowInstance
from derive.flow.statement.task import Flow
from derive.observables.of_flows.flow_registry import flow_observables
from derive.tasks.network_flow import network_flow_series
from verify.checks.check import Check
from verify.flows.torch_network import State, TorchNetwork

SMALL_SIZE = 10
"""Neurons of the network whose own series is held against its flow."""
FURTHER, MOST_FURTHER = 2, 4
"""Orders beyond the tested one that are worked out to know which comes next, and how fast it takes over: more
where some series has nothing at the next."""
NOTHING = 1e-9
"""A coefficient beside the largest, both in units of the radius of convergence."""
ERROR = 1e-5
"""The error of the series at the later of two times, in units of the readout: far above rounding at both."""
ROUNDING, LEAST = 1e-12, 1e-3
"""Of numbers in units of the largest term at the radius, where that is not less than the other."""
STEPS = 30
"""Of Runge and Kutta's method to each time."""


@dataclass(frozen=True)
class OwnSeries:
    """Coefficients in tau of what is checked of one network: readouts, loss, observables, and W in full."""

    scalars: Mapping[str, Array]
    W: Array
    observables: tuple[str, ...] = ()
    """Those of ``scalars`` that are neither readouts nor the loss."""

    @property
    def tested(self) -> dict[str, Array]:
        """All by name, of W a norm of its coefficients."""
        return dict(self.scalars) | {"W": np.sqrt((self.W**2).sum(axis=(1, 2)))}

    def radius(self) -> float:
        """A rough radius of convergence, from the growth of the coefficients of all series."""
        found = []
        plain = (series for name, series in self.scalars.items() if name not in self.observables)
        for series in (*plain, *(self.W.reshape(len(self.W), -1).T)):
            orders = np.flatnonzero(np.abs(series) > NOTHING * max(np.abs(series).max(), 1e-300))
            orders = orders[orders > 0]
            if len(orders) > 1:
                low, high = orders[0], orders[-1]
                found.append(abs(series[low] / series[high]) ** (1 / (high - low)))
        return float(min(found)) if found else 1.0


def own_series(network: FlowInstance, order: int) -> OwnSeries:
    """The exact series of one network, by the product rule on its own overlaps, through tau**order."""
    found = network_flow_series(network, order)
    rule = network.series()
    unseen = {o.name for o in flow_observables(network.flow.meaning) if o.value is None}
    scalars = {name: np.array(values) for name, values in found.named.items() if name not in unseen}
    matrix, vector = rule.matrix("W"), network.scalars.vector
    W = np.zeros((order + 1, network.size, network.size))
    for k in range(order + 1):
        total = complex(matrix.alpha(k)).real * network.W0 + 0j
        for (left, right), c in matrix.pairs(k).items():
            total = total + c * np.outer(vector(left), vector(right))
        W[k] = total.real
    return OwnSeries(scalars, W, tuple(name for name in found.observables if name not in unseen))


def small_series(flow: Flow, order: int, g: float, seed: int = 1) -> OwnSeries:
    """Of a network of `SMALL_SIZE` neurons, through ``order`` and as far beyond as `order_checks` asks."""
    network = FlowInstance.sample(flow, SMALL_SIZE, g, seed)
    series = own_series(network, order + FURTHER)
    radius = series.radius()
    if all(_powers(one, radius, order)[:1] == [order + 1] for one in series.tested.values()):
        return series
    return own_series(network, order + MOST_FURTHER)


def order_checks(
    flow: Flow, order: int, g: float, seed: int = 1, series: OwnSeries | None = None
) -> list[Check]:
    """The error of each series of one network against its torch flow grows as the next power of tau.

    ``series`` are those of `small_series`. A series that is known to fewer orders is held through these.
    """
    series = small_series(flow, order, g, seed) if series is None else series
    twin = TorchNetwork.sample(flow, SMALL_SIZE, g, seed)
    title = f"series of a network (N = {SMALL_SIZE}) against its flow"
    return [
        series_check(f"{name}: {title}", name, coefficients, series, twin, min(order, len(coefficients) - 2))
        for name, coefficients in series.tested.items()
    ]


def _powers(coefficients: Array, radius: float, order: int) -> list[int]:
    """The powers of tau beyond ``order`` that there are."""
    size = np.abs(coefficients) * radius ** np.arange(len(coefficients))
    amplitude = max(float(size[: order + 1].max()), NOTHING)
    return [order + 1 + int(k) for k in np.flatnonzero(size[order + 1 :] > NOTHING * amplitude)]


def series_check(
    title: str,
    name: str,
    coefficients: Array,
    series: OwnSeries,
    twin: TorchNetwork,
    order: int,
    read: Callable[[State], float] | None = None,
) -> Check:
    """One series through tau**order, with ``coefficients`` beyond it, against the flow of ``twin``.

    ``read`` gives its value at a state, where it is no readout, loss or observable by ``name``.
    """
    radius = series.radius()
    size = np.abs(coefficients) * radius ** np.arange(len(coefficients))  # in units of the radius
    amplitude = max(float(size.max()), NOTHING)
    powers = _powers(coefficients, radius, order)
    if not powers:  # a constant, or a polynomial
        tau = 0.1 * radius
        error = _error(name, series, twin, order, (tau,), read)[0]
        reason = f"at tau = {tau:.3g}; the series ends, so that the two agree to the integrator"
        return Check(title, error, 0.0, 1e-9 * max(amplitude, 1.0), reason)
    power = powers[0]
    tau = radius * min(0.3, float((ERROR * amplitude / size[power]) ** (1 / power)))
    if power + 1 < len(size):  # where the one after the next stays small
        tau = min(tau, radius * 0.2 * float(size[power] / max(size[power + 1], 1e-300)))
    errors = _error(name, series, twin, order, (tau / 4, tau / 2, tau), read)
    floor = ROUNDING * max(amplitude, LEAST)
    if errors[1] < floor and len(powers) > 1:  # the next term all but vanishes: it may as well be held too
        return series_check(title, name, coefficients, series, twin, power, read)
    slope = float(np.log2(errors[2] / max(errors[1], 1e-300)))
    tolerance, used = 0.45, f"tau = {tau / 2:.3g} and {tau:.3g}"
    if errors[0] > floor:  # what the next powers do to the slope halves with tau
        fine = float(np.log2(errors[1] / errors[0]))
        slope, tolerance = 2 * fine - slope, min(0.45, 0.05 + abs(fine - slope))
        used = f"tau = {tau / 4:.3g}, {tau / 2:.3g} and {tau:.3g}, extrapolated to 0"
    if errors[1] < floor:
        return Check(title, errors[2], 0.0, 1e3 * floor, f"at tau = {tau:.3g} the two agree to rounding")
    reason = (
        f"{used}; expected is the next power of tau in the series; a wrong coefficient gives its own, lower "
        "one"
    )
    return Check(f"{title}, slope in tau", slope, power, tolerance, reason)


def _error(
    name: str,
    series: OwnSeries,
    twin: TorchNetwork,
    order: int,
    times: Sequence[float],
    read: Callable[[State], float] | None = None,
) -> list[float]:
    states = twin.flowed(times, STEPS)
    found = []
    for tau, state in zip(times, states, strict=True):
        powers = tau ** np.arange(order + 1)
        if name == "W":
            summed = np.tensordot(powers, series.W[: order + 1], axes=1)
            found.append(float(np.linalg.norm(state["W"].numpy() - summed)))
        else:
            coefficients = series.scalars[name][: order + 1]
            value = _value(name, series, twin, state) if read is None else read(state)
            found.append(float(abs(value - coefficients @ powers[: len(coefficients)])))
    return found


def _value(name: str, series: OwnSeries, twin: TorchNetwork, state: State) -> float:
    if name not in series.observables:
        return twin.observed(state)[name]
    known = [o for o in flow_observables(twin.flow.meaning) if o.name == name]
    return twin.read_off(state, known)[name]
