r"""The Gaussian closure of a ReLU network, whose neurons have means (after Ger and Barak 2026; THEORY 6).

The activity phi(h) of a ReLU has a mean, and so Z and V, which learn multiples of it, do not keep the mean 0.
Let a neuron's row (z, v, m, u) of X be Gaussian with mean ``a`` and second moments S = X^T X / N. Then h =
m k_M + u k_U is Gaussian with mean mu = a_(M,U).k and variance Delta = k^T S_(M,U)(M,U) k - mu^2, and for a
reader x in (V, Z), with C = S_x.k - a_x mu its covariance with h, Stein's lemma gives

    E[x phi(h)] = a_x E[phi] + C E[phi'],
    E[phi] = mu Phi(mu/sigma) + sigma g(mu/sigma),   E[phi'] = Phi(mu/sigma),   E[phi''] = g(mu/sigma)/sigma,

g the density of the standard normal distribution, Phi its integral, sigma^2 = Delta. The means are overlaps
too: those with a column of ones that does not learn. So the whole machinery of overlap space holds for

    S1 = [[S, a], [a^T, 1]],        S1 <- (1 - lr F)^T S1 (1 - lr F),    F = D + D^T without its last column.

As the closure of an odd phi it is exact for Gaussian rows, so to first order in tau, and an approximation
after that; `derive.overlaps.neurons` has the limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from derive.arrays import Array
from derive.overlaps.descent import OverlapCurve, check_rate, curve_of, epoch_by_epoch
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.tasks import WeightedTrials


@dataclass(frozen=True, eq=False)
class RectifiedClosure:
    """The loss of a task in the closure; calling it with S1 gives it and its derivatives by S1.

    S1, shape (P + 1, P + 1), is `with_means`. Raises ValueError where the task's channels are not the
    problem's.
    """

    problem: OverlapProblem
    task: WeightedTrials

    def __post_init__(self) -> None:
        self.task.fits(self.problem)

    def response(self, S1: Matrix) -> Array:
        """The outputs y_n, shape (trials, T, outputs)."""
        return self._run(S1)[1]

    def __call__(self, S1: Matrix) -> tuple[float, Matrix]:
        task, inputs, rank = self.task, self.problem.inputs, self.problem.rank
        states, outputs = self._run(S1)
        error = outputs - task.targets
        residual = 2 * task.weights * error
        reads, source, mean_reads, mean_source = self._blocks(S1)
        adjoint = np.zeros((task.trials, inputs + rank))
        d_reads, d_source = np.zeros_like(reads), np.zeros_like(source)
        d_mean_reads, d_mean_source = np.zeros_like(mean_reads), np.zeros_like(mean_source)
        for n in range(task.steps, 0, -1):
            k = states[:, n]
            worth = np.hstack([task.dt * adjoint[:, inputs:], residual[:, n - 1]])
            gaussian = _Activity.of(k, source, mean_source)
            covariance = k @ reads.T - np.outer(gaussian.mean, mean_reads)
            first = gaussian.slope[:, None]
            # by Delta at fixed mean and covariance: E[phi'']/2 = g/(2 sigma), E[phi''']/2 = -mu/Delta of it
            by_variance = gaussian.curvature / 2 * (worth @ mean_reads) - (
                gaussian.curvature_slope / 2 * np.sum(worth * covariance, axis=1)
            )
            by_mean = (
                gaussian.curvature * np.sum(worth * covariance, axis=1) - 2 * gaussian.mean * by_variance
            )
            d_mean_reads += worth.T @ (gaussian.value - gaussian.slope * gaussian.mean)
            d_reads += (first * worth).T @ k
            d_source += (by_variance[:, None] * k).T @ k
            d_mean_source += by_mean @ k
            adjoint = (
                (1 - task.dt) * adjoint
                + first * (worth @ reads)
                + 2 * by_variance[:, None] * (k @ source)
                + np.outer(by_mean, mean_source)
            )
        D = np.zeros_like(S1)
        z, v, rest = self.problem.sides
        D[v, rest], D[z, rest], D[rest, rest] = d_reads[:rank], d_reads[rank:], d_source
        D[v, -1], D[z, -1], D[rest, -1] = d_mean_reads[:rank], d_mean_reads[rank:], d_mean_source
        return float(np.sum(task.weights * error**2)), D

    def _run(self, S1: Matrix) -> tuple[Array, Array]:
        """States k_0..k_T and outputs y_1..y_T, the trials first."""
        problem, task = self.problem, self.task
        reads, source, mean_reads, mean_source = self._blocks(S1)
        states = np.zeros((task.trials, task.steps + 1, problem.inputs + problem.rank))
        reading = np.zeros((task.trials, task.steps + 1, problem.rank + problem.outputs))
        for n in range(task.steps):
            drive = np.hstack([task.inputs[:, n], reading[:, n, : problem.rank]])
            k = (1 - task.dt) * states[:, n] + task.dt * drive
            gaussian = _Activity.of(k, source, mean_source)
            covariance = k @ reads.T - np.outer(gaussian.mean, mean_reads)
            states[:, n + 1] = k
            reading[:, n + 1] = np.outer(gaussian.value, mean_reads) + gaussian.slope[:, None] * covariance
        return states, reading[:, 1:, problem.rank :]

    def _blocks(self, S1: Matrix) -> tuple[Matrix, Matrix, Array, Array]:
        """Rows V, then Z, of S over (M, U); the block (M, U)(M, U); the means of the one and of the other."""
        z, v, rest = self.problem.sides
        reads = np.vstack([S1[v, rest], S1[z, rest]])
        return reads, S1[rest, rest], np.concatenate([S1[v, -1], S1[z, -1]]), S1[rest, -1]


@dataclass(frozen=True, eq=False)
class _Activity:
    """Of each trial: the mean of h; averages of phi, its slope, its curvature; minus that of phi'''."""

    mean: Array
    value: Array
    slope: Array
    curvature: Array
    curvature_slope: Array

    @classmethod
    def of(cls, k: Array, source: Matrix, mean_source: Array) -> _Activity:
        """Where h does not vary, as before the first input, the derivatives' averages are those at h = mu."""
        from scipy.special import ndtr

        mean = k @ mean_source
        variance = np.sum((k @ source) * k, axis=1) - mean**2
        varies = variance > 0
        sigma = np.sqrt(np.where(varies, variance, 1))
        ratio = np.where(varies, mean / sigma, np.where(mean == 0, 0, np.sign(mean) * np.inf))
        slope = ndtr(ratio)
        density = np.where(varies, np.exp(-(np.where(varies, ratio, 0) ** 2) / 2) / sqrt(2 * pi), 0)
        value = mean * slope + np.where(varies, sigma * density, 0)
        curvature = density / sigma
        return cls(mean, value, slope, curvature, curvature * mean / sigma**2)


def with_means(problem: OverlapProblem, S: Matrix) -> Matrix:
    """S1 of neurons with the overlaps S and the mean 0."""
    S1 = np.zeros((problem.size + 1, problem.size + 1))
    S1[:-1, :-1], S1[-1, -1] = problem.check(S), 1
    return S1


def rectified_descent(
    problem: OverlapProblem, losses: Iterable[RectifiedClosure], S1: Matrix, learning_rate: float
) -> Iterator[tuple[float, Matrix]]:
    """Yield the loss and S1 before learning and after every epoch; ``losses`` gives the loss of each.

    Raises `LossNotFinite` where loss or overlaps overflow, ValueError for learning_rate <= 0.
    """
    check_rate(learning_rate)
    learns, identity = np.array([*problem.learns, False]), np.eye(len(S1))

    def moved(S1: Matrix, derivatives: Matrix) -> Matrix:
        step = identity - learning_rate * (derivatives + derivatives.T) * learns
        return np.asarray(step.T @ S1 @ step)

    return epoch_by_epoch(losses, S1, moved)


def rectified_curve(
    problem: OverlapProblem,
    losses: Iterable[RectifiedClosure],
    S: Matrix,
    learning_rate: float,
    epochs: int,
) -> tuple[OverlapCurve, Array]:
    """The learning curve from overlaps S and the mean 0, and the means, shape (epochs + 1, P).

    Raises `LossNotFinite` with the curve of all epochs before, ValueError as `rectified_descent` does.
    """
    means: list[Array] = []

    def states() -> Iterator[tuple[float, Matrix]]:
        for loss, S1 in rectified_descent(problem, losses, with_means(problem, S), learning_rate):
            means.append(S1[:-1, -1])
            yield loss, S1[:-1, :-1]

    curve = curve_of(problem, states(), epochs)
    return curve, np.array(means)
