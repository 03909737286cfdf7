"""How far neurons are from Gaussian: columns of X and what the closure leaves out (Ger and Barak 2026).

The Gaussian closure is exact while the rows of X are jointly Gaussian. Measures, all from the neurons
themselves, weighted where they are quadrature nodes:

- ``correlation``: of the ordered values of a column with normal quantiles (Q-Q), 1 for a Gaussian;
- ``excess``: kurtosis of a column, E[x^4]/E[x^2]^2 - 3;
- `closure_gap`: what the closure is wrong about in the readings kappa and y along a task, as the network
  is: sum_i p_i v_i phi(h_i) against gain(Delta) S_V.k, relative to the first. It vanishes for Gaussian
  columns of any size, and drives the closure's error, which is its integral over learning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.overlaps.neurons import Neurons
from derive.overlaps.nonlinearity import NONLINEARITIES
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.tasks import WeightedTrials

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Gaussianity:
    """By column of X: Q-Q ``correlation`` and ``excess`` kurtosis."""

    correlation: dict[str, float]
    excess: dict[str, float]


def gaussianity(problem: OverlapProblem, neurons: Neurons) -> Gaussianity:
    """Both measures of every column."""
    correlation, excess = {}, {}
    for index, name in enumerate(problem.vectors):
        values = neurons.X[:, index]
        correlation[name] = quantile_correlation(values, neurons.weights)
        second = float(neurons.weights @ values**2)
        excess[name] = float(neurons.weights @ values**4) / second**2 - 3 if second else 0.0
    return Gaussianity(correlation, excess)


def quantile_correlation(values: Array, weights: Array) -> float:
    """Correlation of ordered values with normal quantiles at the middles of their cumulated weights.

    For an odd phi quadrature keeps one of a node and its mirror image; both count here alike if they are
    given. N Gaussian values have 1 - O(1/N).
    """
    from scipy.special import ndtri

    order = np.argsort(values)
    x, p = values[order], weights[order]
    expected = ndtri(np.clip(np.cumsum(p) - p / 2, 1e-15, 1 - 1e-15))
    x = x - p @ x
    expected = expected - p @ expected
    scale = np.sqrt((p @ x**2) * (p @ expected**2))
    return float(p @ (x * expected) / scale) if scale else 1.0


def mirrored(neurons: Neurons) -> Neurons:
    """Nodes with their mirror images, of half the weight each: for an odd phi the same network."""
    X = np.concatenate([neurons.X, -neurons.X])
    return Neurons(X, np.concatenate([neurons.weights, neurons.weights]) / 2)


def closure_gap(problem: OverlapProblem, task: WeightedTrials, neurons: Neurons) -> float:
    """Root mean square of the closure's error in (kappa, y) along the network's own states, relative."""
    phi, blocks, dt = NONLINEARITIES[problem.nonlinearity], problem.blocks, task.dt
    start = blocks["m"].start
    source, reader = neurons.X[:, start:], np.hstack([neurons.X[:, blocks["v"]], neurons.X[:, blocks["z"]]])
    weighted = neurons.weights[:, None] * reader
    reads, variance = weighted.T @ source, (neurons.weights[:, None] * source).T @ source
    k = np.zeros((problem.inputs + problem.rank, task.trials))
    reading = np.zeros((problem.rank + problem.outputs, task.trials))
    wrong, whole = 0.0, 0.0
    for n in range(task.steps):
        k = (1 - dt) * k + dt * np.vstack([task.inputs[:, n].T, reading[: problem.rank]])
        reading = weighted.T @ phi.function(source @ k)
        closed = phi.gain(np.sum(k * (variance @ k), axis=0)) * (reads @ k)
        wrong += float(np.sum((reading - closed) ** 2))
        whole += float(np.sum(reading**2))
    return float(np.sqrt(wrong / whole)) if whole else 0.0
