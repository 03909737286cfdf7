"""How far neurons are from Gaussian: columns of X and what the closure leaves out (Ger and Barak 2026).

The Gaussian closure is exact while the rows of X are jointly Gaussian. Measures, all from the neurons
themselves, weighted where they are quadrature nodes:

- ``correlation``: of the ordered values of a column with normal quantiles (Q-Q), 1 for a Gaussian;
- ``excess``: kurtosis of a column, E[x^4]/E[x^2]^2 - 3;
- `closure_gap`: what the closure is wrong about in the readings kappa and y along a task, as the network
  is: sum_i p_i v_i phi(h_i) against gain(Delta) S_V.k, relative to the first. It vanishes for Gaussian
  columns of any size, and drives the closure's error, which is its integral over learning;
- `reading_error`: the same, beside its prediction from the fourth cumulants of readers and activity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.overlaps.neurons import Neurons
from derive.overlaps.nonlinearity import NONLINEARITIES
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.tasks import WeightedTrials

STEP, SMALLEST = 1e-4, 1e-8  # of the difference that stands for gain'', relative to Delta


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


@dataclass(frozen=True)
class ReadingError:
    """Root mean squares, relative to the readings: what the closure is wrong about in (kappa, y) along the
    network's own states, ``measured``, and as ``predicted`` from fourth cumulants; the ``alignment`` of both,
    the cosine of the angle between them as vectors over steps, trials and readings."""

    measured: float
    predicted: float
    alignment: float


def reading_error(problem: OverlapProblem, task: WeightedTrials, neurons: Neurons) -> ReadingError:
    """The closure's error in the readings, and what the neurons' distance from Gaussian says that it is.

    With C = E[x h], Delta = E[h^2] and the cumulants c_13 = E[x h^3] - 3 C Delta, c_04 = E[h^4] - 3 Delta^2
    of a reader x and the activity h, Edgeworth's expansion about the Gaussian gives

        E[x phi(h)] - gain C = c_13 gain'(Delta)/3 + C c_04 gain''(Delta)/6 + products and higher cumulants.
    """
    phi, blocks, dt = NONLINEARITIES[problem.nonlinearity], problem.blocks, task.dt
    start = blocks["m"].start
    source, reader = neurons.X[:, start:], np.hstack([neurons.X[:, blocks["v"]], neurons.X[:, blocks["z"]]])
    weighted = neurons.weights[:, None] * reader
    reads, variance = weighted.T @ source, (neurons.weights[:, None] * source).T @ source
    k = np.zeros((problem.inputs + problem.rank, task.trials))
    reading = np.zeros((problem.rank + problem.outputs, task.trials))
    wrong, predicted, whole = [], [], 0.0
    for n in range(task.steps):
        k = (1 - dt) * k + dt * np.vstack([task.inputs[:, n].T, reading[: problem.rank]])
        h, C, Delta = source @ k, reads @ k, np.sum(k * (variance @ k), axis=0)
        reading = weighted.T @ phi.function(h)
        c_13, c_04 = weighted.T @ h**3 - 3 * C * Delta, neurons.weights @ h**4 - 3 * Delta**2
        step = STEP * np.maximum(Delta, SMALLEST)
        curvature = (phi.gain_slope(Delta + step) - phi.gain_slope(Delta - step)) / (2 * step)
        wrong.append(reading - phi.gain(Delta) * C)
        predicted.append(c_13 * phi.gain_slope(Delta) / 3 + C * c_04 * curvature / 6)
        whole += float(np.sum(reading**2))
    measured, expected = np.array(wrong), np.array(predicted)
    sizes = float(np.sqrt(np.sum(measured**2))), float(np.sqrt(np.sum(expected**2)))
    alignment = float(np.sum(measured * expected)) / (sizes[0] * sizes[1]) if min(sizes) else 0.0
    scale = float(np.sqrt(whole)) or 1.0
    return ReadingError(sizes[0] / scale, sizes[1] / scale, alignment)


def closure_gap(problem: OverlapProblem, task: WeightedTrials, neurons: Neurons) -> float:
    """Root mean square of the closure's error in (kappa, y) along the network's own states, relative."""
    return reading_error(problem, task, neurons).measured
