"""The Gaussian closure, the exact limit N = infinity, and real networks, side by side (THEORY 6).

The exact limit is what networks approach as N^(-1/2); from the closure they keep a distance that no
N removes. How large it is depends on how far the network has learned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.overlaps.closure import GaussianClosure
from derive.overlaps.descent import LearningCurve, descent_curve
from derive.overlaps.neurons import Neurons, gauss_hermite_neurons, neuron_curve, quasi_random_neurons
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.tasks import Task
from verify.checks import Check

Array = NDArray[np.float64]

NODES, COARSE_NODES, POINTS = 9, 8, 2**13


@dataclass(frozen=True, eq=False)
class ClosureLimit:
    """Curves of closure and limit; for every size the networks' S at the end, (seeds, P, P)."""

    problem: OverlapProblem
    closure: LearningCurve
    limit: LearningCurve
    accuracy: float
    ends: dict[int, Array]
    learning_rate: float
    checks: list[Check]

    @property
    def from_limit(self) -> dict[int, float]:
        """Root mean square over seeds of the largest deviation of S from the exact limit, by size."""
        return {size: _deviation(ends, self.limit.overlaps[-1]) for size, ends in self.ends.items()}

    @property
    def from_closure(self) -> dict[int, float]:
        """The same from the closure."""
        return {size: _deviation(ends, self.closure.overlaps[-1]) for size, ends in self.ends.items()}


def closure_limit(
    problem: OverlapProblem,
    task: Task,
    S: Matrix,
    sizes: Sequence[int],
    seeds: int,
    learning_rate: float,
    epochs: int,
    on_epoch: Callable[[], None] = lambda: None,
) -> ClosureLimit:
    """Run closure, limit and ``seeds`` random networks of every size under the same descent."""
    closure = descent_curve(problem, GaussianClosure(problem, task), S, learning_rate, epochs)
    if problem.size == 4:
        rules = [gauss_hermite_neurons(problem, S, nodes) for nodes in (NODES, COARSE_NODES)]
    else:
        rules = [quasi_random_neurons(problem, S, POINTS, seed) for seed in (0, 1)]
    limit, other = (neuron_curve(problem, task, rule, learning_rate, epochs) for rule in rules)
    accuracy = float(np.abs(limit.overlaps - other.overlaps).max())
    ends = {}
    for size in sizes:
        found = []
        for seed in range(seeds):
            X = np.random.default_rng((size, seed)).multivariate_normal(np.zeros(problem.size), S, size)
            found.append(
                neuron_curve(problem, task, Neurons.network(X), learning_rate, epochs, on_epoch).overlaps[-1]
            )
        ends[size] = np.array(found)
    result = ClosureLimit(problem, closure, limit, accuracy, ends, learning_rate, [])
    return ClosureLimit(problem, closure, limit, accuracy, ends, learning_rate, _checks(result, seeds))


def _checks(result: ClosureLimit, seeds: int) -> list[Check]:
    sizes = np.array(list(result.ends))
    checks = []
    if len(sizes) > 1:
        deviations = np.array(list(result.from_limit.values()))
        slope = float(np.polyfit(np.log(sizes), np.log(deviations), 1)[0])
        # each root mean square over n seeds is known to about 1/sqrt(2 n)
        positions = np.log(sizes) - np.log(sizes).mean()
        spread = float(1 / np.sqrt(2 * seeds) / np.sqrt(np.sum(positions**2)))
        checks.append(
            Check(
                "slope in N of the networks' deviation from the exact limit",
                slope,
                -0.5,
                3 * spread,
                f"three standard errors of a line through {len(sizes)} sizes of {seeds} networks each",
            )
        )
    largest = int(sizes.max())
    mean = result.ends[largest].mean(axis=0)
    error = float(np.abs(result.ends[largest].std(axis=0)).max() / np.sqrt(seeds))
    gap = float(np.abs(result.closure.overlaps[-1] - result.limit.overlaps[-1]).max())
    checks.append(
        Check(
            f"largest deviation of the mean of N = {largest} from the exact limit",
            float(np.abs(mean - result.limit.overlaps[-1]).max()),
            0.0,
            4 * error + result.accuracy + 4 / largest,
            "four standard errors, the quadrature's accuracy, and a bias of order 1/N "
            f"(the closure is off by {gap:.3g})",
        )
    )
    return checks


def _deviation(ends: Array, centre: Matrix) -> float:
    return float(np.sqrt(np.mean(np.abs(ends - centre).max(axis=(1, 2)) ** 2)))
