"""A flow's printed series against networks in torch: all checks, and the curves that are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from derive.arrays import Array
from derive.flow.expanded.growth import coefficients, estimated_radius
from derive.tasks.flow_expansion import FlowExpansion
from verify.checks.check import Check
from verify.flows.learning_rate import rate_checks
from verify.flows.outliers import EIGENVALUE, EQUATION
from verify.flows.own_series import order_checks, small_series
from verify.flows.reading import Reading
from verify.flows.sizes import SeriesInTime, size_checks, size_samples

Progress = Callable[[str, int], Callable[[], None]]
TIMES = 24
SHARE = 0.25
"""The judged time, in radii of convergence: what is left out of a series of order K is about SHARE**(K+1)."""
NETWORKS = 2.0
"""The radius of a small network, from more orders and from W, is the limit's over less than this."""
DRAWN = 0.9
"""The last time drawn, in radii."""
MOST_ORDER = 6
"""Through which a small network's own series is held against its flow."""
RATE_SIZE = 24
"""Neurons of the network that descends."""
FULL = {64: 400, 128: 200, 256: 100, 512: 100}
QUICK = {48: 160, 96: 80, 192: 48, 384: 40}
"""Networks of each size."""


@dataclass(frozen=True, eq=False)
class FlowComparison:
    """Checks, and curves over ``tau``: the series; mean and deviation of ``seeds`` networks of ``size``.

    All by the names of readouts, the loss and observables; ``radius`` holds the estimated radius of
    convergence of every series that has two terms.
    """

    expansion: FlowExpansion
    size: int
    g: float
    seeds: int
    judged: float
    tau: Array
    function: dict[str, SeriesInTime]
    mean: dict[str, Array]
    deviation: dict[str, Array]
    radius: dict[str, float]
    checks: tuple[Check, ...]

    @cached_property
    def series(self) -> dict[str, Array]:
        """The printed series at ``tau``."""
        return {
            name: np.array([one(float(time)) for time in self.tau]) for name, one in self.function.items()
        }

    @cached_property
    def good_until(self) -> dict[str, float]:
        """The last of the times drawn through which what a series leaves out is small."""
        return {name: one.good_until(float(self.tau[-1])) for name, one in self.function.items()}

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
    through = min(expansion.order, MOST_ORDER)
    own = small_series(flow, through, g)
    radius = min(radius, NETWORKS * own.radius())  # few terms may hide the growth of the next ones
    judged = SHARE * radius
    step = progress("series of one network, learning rate", 2)
    checks = order_checks(flow, through, g, series=own)
    step()
    checks += rate_checks(flow, judged, RATE_SIZE, g)
    step()

    values = {EQUATION: [*arguments, float(EIGENVALUE)]}
    printed = series | dict(expansion.observables)
    radii = {name: estimated_radius([one], values.get(name, arguments), g) for name, one in printed.items()}
    functions = {
        name: SeriesInTime(
            np.array(coefficients(one, values.get(name, arguments), g)), min(radii[name] or radius, radius)
        )
        for name, one in printed.items()
    }
    counts = QUICK if quick else FULL
    step = progress("networks of several sizes", sum(counts.values()))
    checks += size_checks(size_samples(flow, functions, judged, counts, g, step), functions)
    tau = np.linspace(0.0, DRAWN * radius, TIMES)
    step = progress("networks for the figure", seeds)
    reading = Reading(flow, tuple(functions))
    curves: dict[str, list[list[float]]] = {name: [] for name in functions}
    for seed in range(seeds):
        network = reading.network(size, g, 7_000_000 + seed)
        rows = [reading.at(network, state, functions) for state in network.flowed(list(tau), 4)]
        for name, curve in curves.items():
            curve.append([row[name] for row in rows])
        step()
    return FlowComparison(
        expansion, size, g, seeds, judged, tau,
        functions,
        {name: np.mean(curve, axis=0) for name, curve in curves.items()},
        {name: np.std(curve, axis=0) for name, curve in curves.items()},
        {name: found for name, found in radii.items() if found is not None},
        tuple(checks),
    )  # fmt: skip


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
        "radius": comparison.radius,
        "good_until": comparison.good_until,
        "simulation": {"mean": lists(comparison.mean), "std": lists(comparison.deviation)},
    }
