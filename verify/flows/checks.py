"""The three levels of agreement for a flow (THEORY 5): its own series, the learning rate, the size of the "
"network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.flow.given.network import FlowInstance
from derive.flow.statement.form import MatrixForm
from derive.flow.statement.task import Flow
from derive.observables.of_flows.flow_registry import flow_observables, shown_by_states
from derive.tasks.network_flow import network_flow_series
from verify.checks.check import Check
from verify.checks.slope import log_slope
from verify.flows.torch_network import State, TorchNetwork

Array = NDArray[np.float64]
SMALL_SIZE = 10
"""Neurons of the network whose own series is held against its flow."""
FURTHER = 4
"""Orders beyond the tested one that are worked out to know which comes next, and how fast it takes over."""
ERROR = 1e-5
"""The error of the series at the later of two times, in units of the readout: far above rounding at both."""
ROUNDING = 1e-12
STEPS = 30
RATES, MOST_EPOCHS, BEND = (100, 200, 400), 6400, 0.1
"""Epochs to one time; doubled, up to a number, while the slope in the rate changes by more than so much."""
STANDARD_ERRORS = 4.0
MEDIAN = 5.43
"""The log of the median of n absolute Gaussian deviations is known to sqrt(MEDIAN/(4 n)) = 1.165/sqrt(n);
medians,
since single networks of few neurons lie far off (an eigenvalue of W near 1)."""


@dataclass(frozen=True)
class OwnSeries:
    """Coefficients in tau of what is checked of one network: readouts, loss, observables, and W in full."""

    scalars: Mapping[str, Array]
    W: Array
    observables: tuple[str, ...] = ()
    """Those of ``scalars`` that are neither readouts nor the loss."""

    def radius(self) -> float:
        """A rough radius of convergence, from the growth of the coefficients of all series."""
        found = []
        plain = (series for name, series in self.scalars.items() if name not in self.observables)
        for series in (*plain, *(self.W.reshape(len(self.W), -1).T)):
            orders = np.flatnonzero(np.abs(series) > 1e-9 * max(np.abs(series).max(), 1e-300))
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


def order_checks(flow: Flow, order: int, g: float, seed: int = 1) -> list[Check]:
    """Level (i): the error of each series of one network against its torch flow grows as the next power of
    tau."""
    network = FlowInstance.sample(flow, SMALL_SIZE, g, seed)
    twin = TorchNetwork.sample(flow, SMALL_SIZE, g, seed)
    series = own_series(network, order + FURTHER)
    tested = dict(series.scalars) | {"W": np.sqrt((series.W**2).sum(axis=(1, 2)))}
    title = f"series of a network (N = {SMALL_SIZE}) against its flow"
    return [
        series_check(f"{name}: {title}", name, coefficients, series, twin, order)
        for name, coefficients in tested.items()
    ]


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
    amplitude = max(float(size[: order + 1].max()), 1e-9)
    later = np.flatnonzero(size[order + 1 :] > 1e-9 * amplitude)
    if not len(later):  # a constant, or a polynomial
        tau = 0.1 * radius
        error = _error(name, series, twin, order, (tau,), read)[0]
        reason = f"at tau = {tau:.3g}; the series ends, so that the two agree to the integrator"
        return Check(title, error, 0.0, 1e-9 * max(amplitude, 1.0), reason)
    power = order + 1 + int(later[0])
    tau = radius * min(0.3, float((ERROR * amplitude / size[power]) ** (1 / power)))
    if power + 1 < len(size):  # where the one after the next stays small
        tau = min(tau, radius * 0.2 * float(size[power] / max(size[power + 1], 1e-300)))
    errors = _error(name, series, twin, order, (tau / 4, tau / 2, tau), read)
    floor = ROUNDING * max(amplitude, 1.0)
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


def rate_checks(flow: Flow, tau: float, size: int, g: float, seed: int = 2) -> list[Check]:
    """Level (ii): descent with a learning rate deviates from the flow in proportion to the rate."""
    network = TorchNetwork.sample(flow, size, g, seed)
    end = network.flowed((tau,), STEPS)[0]
    grows = isinstance(form := flow.meaning.velocity.get("W"), MatrixForm) and bool(form.operators)
    known = shown_by_states(flow.meaning, grows)

    def read(state: State) -> dict[str, float]:
        return network.read_off(state, known) | network.observed(state)

    start, exact = read(network.start()), read(end)
    moved = float((end["W"] - network.W0).norm())
    deviations: dict[str, list[float]] = {"W": []}

    def descend(count: int) -> None:
        state = network.descended(tau / count, count)
        deviations["W"].append(float((state["W"] - end["W"]).norm()))
        for name, value in read(state).items():
            deviations.setdefault(name, []).append(abs(value - exact[name]))

    def seen(name: str) -> bool:
        size_of = moved if name == "W" else abs(exact[name] - start[name])
        return size_of >= 1e-9 and deviations[name][-3] >= 1e-7 * max(size_of, 1e-6)

    def bends(name: str) -> bool:
        """Whether higher powers of the rate still outweigh the first."""
        return seen(name) and abs(float(np.diff(np.log2(deviations[name][-3:]), 2)[0])) > BEND

    for count in RATES:
        descend(count)
    checks, epochs = [], RATES
    waiting = [name for name in deviations if seen(name)]
    while waiting:
        last = epochs[-1] >= MOST_EPOCHS
        for name in [name for name in waiting if last or not bends(name)]:
            waiting.remove(name)
            coarse, fine = -np.diff(np.log2(deviations[name][-3:]))
            counts = ", ".join(map(str, epochs))
            checks.append(
                Check(
                    f"{name}: descent against flow (N = {size}), slope in the learning rate",
                    float(2 * fine - coarse),  # what higher powers of the rate do to it halves with the rate
                    1.0,
                    0.02 + abs(float(fine - coarse)) / 2,
                    f"to tau = {tau:.3g} in {counts} epochs, extrapolated to small rates",
                )
            )
        if waiting:
            epochs = tuple(2 * count for count in epochs)
            descend(epochs[-1])
    return _each_once(checks)


def size_checks(
    flow: Flow,
    series: Mapping[str, Callable[[float], float]],
    next_terms: Mapping[str, float],
    tau: float,
    sizes: Sequence[int],
    counts: Sequence[int],
    g: float,
    step: Callable[[], None] = lambda: None,
) -> tuple[list[Check], dict[str, dict[int, list[float]]]]:
    """Level (iii): networks approach the printed series of N = infinity as N^(-1/2), and their median
    agrees with it.

    ``next_terms`` bounds what the truncation leaves out at ``tau``.
    """
    found: dict[str, dict[int, list[float]]] = {name: {size: [] for size in sizes} for name in series}
    for size, count in zip(sizes, counts, strict=True):
        for seed in range(count):
            network = TorchNetwork.sample(flow, size, g, 1000 * size + seed)
            observed = network.observed(network.flowed((tau,), 6)[0])
            for name in series:
                found[name][size].append(observed[name])
            step()
    checks = []
    for name, function in series.items():
        expected = function(tau)
        spread = [float(np.median(np.abs(np.array(found[name][size]) - expected))) for size in sizes]
        half, whole = (np.array(found[name][size]) for size in sizes[-2:])
        ratio = sizes[-1] / sizes[-2]  # the median's own deviation is of order 1/N
        middle = float((ratio * np.median(whole) - np.median(half)) / (ratio - 1))
        error = np.hypot(ratio * _standard_error(whole), _standard_error(half)) / (ratio - 1)
        rounding = 1e-9 * max(1.0, abs(expected))
        checks.append(
            Check(
                f"{name}: median of networks against the printed series",
                middle,
                expected,
                float(STANDARD_ERRORS * error + next_terms[name] + rounding),
                f"at tau = {tau:.3g}; N = {sizes[-2]} and {sizes[-1]} extrapolated in 1/N; "
                f"{STANDARD_ERRORS:g} standard "
                f"errors of {len(half)} and {len(whole)} networks and the next terms "
                f"({next_terms[name]:.2g})",
            )
        )
        if min(spread) <= 100 * rounding or next_terms[name] > 0.3 * spread[-1]:
            continue
        slope, uncertainty = log_slope(sizes, spread, counts, variance=MEDIAN)
        checks.append(
            Check(
                f"{name}: deviation of networks from N = infinity, slope in N",
                slope,
                -0.5,
                STANDARD_ERRORS * uncertainty,
                f"N = {', '.join(map(str, sizes))}; {STANDARD_ERRORS:g} standard errors of the slope of "
                f"median deviations of {', '.join(map(str, counts))} networks",
            )
        )
    return checks, found


def _standard_error(values: Array) -> float:
    """Of the median: 1.253 standard deviations, themselves from the median deviation, over sqrt(n)."""
    deviation = 1.4826 * float(np.median(np.abs(values - np.median(values))))
    return 1.2533 * deviation / np.sqrt(len(values)) if len(values) > 1 else np.inf


def _each_once(checks: Sequence[Check]) -> list[Check]:
    """z and z_re of a real readout are one: the first of equal measurements is kept."""
    kept: list[Check] = []
    for check in checks:
        if all(check.measured != other.measured for other in kept):
            kept.append(check)
    return kept
