"""The Gaussian closure, the exact limit N = infinity, and real networks, side by side (THEORY 6).

The exact limit is what networks approach as N^(-1/2); from the closure they keep a distance that no
N removes. How large it is depends on how far the network has learned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from derive.arrays import Array
from derive.overlaps.closure import GaussianClosure
from derive.overlaps.descent import OverlapCurve, descent_curve
from derive.overlaps.neurons import Neurons, gauss_hermite_neurons, neuron_curve, quasi_random_neurons
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.rectified_closure import RectifiedClosure, rectified_curve
from derive.overlaps.tasks import WeightedTrials
from verify.checks.check import Check
from verify.checks.slope import log_slope

NODES, COARSE_NODES, POINTS = 9, 8, 2**13


@dataclass(frozen=True, eq=False)
class ClosureLimit:
    """Curves of closure and limit; for every size the networks' S at the end, (seeds, P, P)."""

    problem: OverlapProblem
    closure: OverlapCurve
    limit: OverlapCurve
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


def networks(sizes: Sequence[int], seeds: int) -> dict[int, int]:
    """Networks of each size, ``seeds`` of the largest.

    A network costs as N: in N^(-1/2) numbers the slope is known best for its price.
    """
    return {size: round(seeds * np.sqrt(max(sizes) / size)) for size in sizes}


def closure_curve(
    problem: OverlapProblem, task: WeightedTrials, S: Matrix, learning_rate: float, epochs: int
) -> OverlapCurve:
    """The Gaussian closure under descent; of a ReLU with the means of its neurons."""
    if problem.nonlinearity == "relu":
        losses = repeat(RectifiedClosure(problem, task))
        return rectified_curve(problem, losses, S, learning_rate, epochs)[0]
    return descent_curve(problem, GaussianClosure(problem, task), S, learning_rate, epochs)


def closure_limit(
    problem: OverlapProblem,
    task: WeightedTrials,
    S: Matrix,
    sizes: Sequence[int],
    seeds: int,
    learning_rate: float,
    epochs: int,
    on_epoch: Callable[[], None] = lambda: None,
) -> ClosureLimit:
    """Run closure, limit and random networks of every size under the same descent.

    Of the largest size ``seeds`` networks, of the others as `networks` says.
    """
    closure = closure_curve(problem, task, S, learning_rate, epochs)
    if problem.size == 4:
        rules = [gauss_hermite_neurons(problem, S, nodes) for nodes in (NODES, COARSE_NODES)]
    else:
        rules = [quasi_random_neurons(problem, S, POINTS, seed) for seed in (0, 1)]
    limit, other = (neuron_curve(problem, task, rule, learning_rate, epochs) for rule in rules)
    accuracy = float(np.abs(limit.overlaps - other.overlaps).max())
    ends = {}
    for size, count in networks(sizes, seeds).items():
        found = []
        for seed in range(count):
            X = np.random.default_rng((size, seed)).multivariate_normal(np.zeros(problem.size), S, size)
            found.append(
                neuron_curve(problem, task, Neurons.network(X), learning_rate, epochs, on_epoch).overlaps[-1]
            )
        ends[size] = np.array(found)
    result = ClosureLimit(problem, closure, limit, accuracy, ends, learning_rate, [])
    return ClosureLimit(problem, closure, limit, accuracy, ends, learning_rate, _checks(result))


def _checks(result: ClosureLimit) -> list[Check]:
    sizes = np.array(list(result.ends))
    counts = np.array([len(ends) for ends in result.ends.values()])
    checks = []
    if len(sizes) > 1:
        squares = _squares(result)
        rms = np.sqrt([square.mean() for square in squares])
        ratios = np.concatenate([square / square.mean() for square in squares])
        variance = float(np.sum((ratios - 1) ** 2) / (len(ratios) - len(sizes)))
        slope, error = log_slope(sizes, rms, counts, variance)
        listed = ", ".join(f"{n} at N = {N}" for N, n in zip(sizes, counts, strict=True))
        checks.append(
            Check(
                "slope in N of the networks' deviation from the exact limit",
                slope,
                -0.5,
                3 * error,
                f"three standard errors ({error:.3f}) of a weighted line; networks: {listed}, whose squared "
                f"deviations over all overlaps have a relative variance of {variance:.2g}",
            )
        )
    largest = int(sizes.max())
    ends = result.ends[largest]
    # the variance falls as 1/N, so that the networks of every size tell it
    scaled = [size * ends.var(axis=0) * len(ends) for size, ends in result.ends.items()]
    pooled = np.sum(scaled, axis=0) / np.sum(counts - 1)
    error = float(np.sqrt(pooled.max() / (largest * len(ends))))
    gap = float(np.abs(result.closure.overlaps[-1] - result.limit.overlaps[-1]).max())
    checks.append(
        Check(
            f"largest deviation of the mean of N = {largest} from the exact limit",
            float(np.abs(ends.mean(axis=0) - result.limit.overlaps[-1]).max()),
            0.0,
            4 * error + result.accuracy + 4 / largest,
            "four standard errors, the quadrature's accuracy, and a bias of order 1/N "
            f"(the closure is off by {gap:.3g})",
        )
    )
    return checks


def _squares(result: ClosureLimit) -> list[Array]:
    """By size, the squared deviation of every network from the exact limit, summed over the overlaps.

    Every overlap counts in units of its own root mean square of sqrt(N) times the deviation.
    """
    entries = np.triu_indices(result.problem.size)
    deviations = [(ends - result.limit.overlaps[-1])[:, *entries] for ends in result.ends.values()]
    scaled = np.vstack([np.sqrt(n) * d for n, d in zip(result.ends, deviations, strict=True)])
    unit = np.sqrt(np.mean(scaled**2, axis=0))
    moved = unit > 0
    return [np.sum((d[:, moved] / unit[moved]) ** 2, axis=1) for d in deviations]


def _deviation(ends: Array, centre: Matrix) -> float:
    return float(np.sqrt(np.mean(np.abs(ends - centre).max(axis=(1, 2)) ** 2)))
