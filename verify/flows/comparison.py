"""A flow's printed series against networks in torch: all checks, and the curves that are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from derive.flow.expanded.flow_series import FlowSeries
from derive.flow.expanded.growth import coefficients, estimated_radius
from derive.flow.given.network import FlowInstance
from derive.tasks.flow_expansion import FlowExpansion
from verify.checks.check import Check
from verify.flows.checks import SMALL_SIZE, order_checks, own_series, rate_checks, size_checks
from verify.flows.torch_network import TorchNetwork

Array = NDArray[np.float64]
Progress = Callable[[str, int], Callable[[], None]]
TIMES = 24
SHARE = 0.25
"""The judged time, in radii of convergence: what is left out of a series of order K is about SHARE**(K+1)."""
NETWORKS = 2.0
"""The radius of a small network, from more orders and from W, is the limit's over less than this."""
DRAWN = 0.9
"""The last time drawn, in radii."""
RATE_SIZE = 24
FULL_SIZES, QUICK_SIZES = (64, 128, 256, 512), (48, 96, 192, 384)
FULL_COUNTS, QUICK_COUNTS = (160, 128, 96, 64), (80, 64, 48, 32)


@dataclass(frozen=True, eq=False)
class FlowComparison:
    """Checks, and curves over ``tau``: the series, and mean and deviation of ``seeds`` networks of "
    "``size``."""

    expansion: FlowExpansion
    size: int
    g: float
    seeds: int
    judged: float
    tau: Array
    series: dict[str, Array]
    mean: dict[str, Array]
    deviation: dict[str, Array]
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


def compare_flow(
    expansion: FlowExpansion, size: int, g: float, seeds: int, quick: bool, progress: Progress
) -> FlowComparison:
    """Train the networks and make the checks. Raises FlowProblem where no network can be drawn."""
    flow = expansion.flow
    torch.set_num_threads(1)
    arguments = [float(value) for value in flow.values.values()]
    series = expansion.series
    radius = estimated_radius(series.values(), arguments, g) or 1.0
    small = FlowInstance.sample(flow, SMALL_SIZE, g, 1)
    own = own_series(small, min(expansion.order, 6) + 2).radius()
    radius = min(radius, NETWORKS * own)  # few terms may hide the growth of the next ones
    judged = SHARE * radius
    sizes, counts = (QUICK_SIZES, QUICK_COUNTS) if quick else (FULL_SIZES, FULL_COUNTS)
    step = progress("series of one network, learning rate", 2)
    checks = order_checks(flow, min(expansion.order, 6), g)
    step()
    checks += rate_checks(flow, judged, RATE_SIZE, g)
    step()

    def value(name: str) -> Callable[[float], float]:
        return lambda tau: float(series[name](tau, *arguments, g))

    next_terms = {name: next_term(found, arguments, g, judged, radius) for name, found in series.items()}
    functions = {name: value(name) for name in series}
    step = progress("networks of several sizes", sum(counts))
    found, _ = size_checks(flow, functions, next_terms, judged, sizes, counts, g, step)
    checks += found
    tau = np.linspace(0.0, DRAWN * radius, TIMES)
    step = progress("networks for the figure", seeds)
    curves: dict[str, list[Array]] = {name: [] for name in series}
    for seed in range(seeds):
        network = TorchNetwork.sample(flow, size, g, 7_000_000 + seed)
        observed = [network.observed(state) for state in network.flowed(list(tau), 4)]
        for name in series:
            curves[name].append(np.array([values[name] for values in observed]))
        step()
    return FlowComparison(
        expansion, size, g, seeds, judged, tau,
        {name: np.array([functions[name](float(time)) for time in tau]) for name in series},
        {name: np.mean(rows, axis=0) for name, rows in curves.items()},
        {name: np.std(rows, axis=0) for name, rows in curves.items()},
        tuple(checks),
    )  # fmt: skip


def next_term(series: FlowSeries, arguments: Sequence[float], g: float, tau: float, radius: float) -> float:
    """A bound on what is left out at tau: a geometric rest behind the largest of the last two terms."""
    values = np.abs(np.array(coefficients(series, arguments, g)))
    order = len(values) - 1
    largest = max(values[order] * radius**order, values[order - 1] * radius ** (order - 1))
    ratio = tau / radius
    return float(largest * ratio ** (order + 1) / (1 - ratio))


def numbers(comparison: FlowComparison) -> dict[str, Any]:
    """What a program wants to know, for JSON."""
    flow = comparison.expansion.flow

    def lists(values: dict[str, Array]) -> dict[str, list[float | None]]:
        return {name: [float(x) if np.isfinite(x) else None for x in row] for name, row in values.items()}

    return {
        "task": flow.title,
        "order": comparison.expansion.order,
        "route": comparison.expansion.route,
        "size": comparison.size,
        "g": comparison.g,
        "seeds": comparison.seeds,
        "parameters": {name: str(value) for name, value in flow.values.items()},
        "judged": comparison.judged,
        "tau": comparison.tau.tolist(),
        "theory": lists(comparison.series),
        "simulation": {"mean": lists(comparison.mean), "std": lists(comparison.deviation)},
    }
