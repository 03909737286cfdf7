"""The Gaussian closure of a nonlinear network, as published (THEORY 6).

If the columns of X stay jointly Gaussian, the activity stays in h = M k_M + U k_U, k = (k_M, k_U),

    k_M <- k_M + dt (-k_M + x),    k_U <- k_U + dt (-k_U + gain(Delta) S_V. k),
    y = gain(Delta) S_Z. k,        Delta = k^T S_(M,U)(M,U) k,

with S_V., S_Z. the rows V and Z of S over the columns (M, U). It is exact for the first step of
learning and not after it: see `derive.overlaps.neurons` for the limit N -> infinity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.overlaps.nonlinearity import NONLINEARITIES
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.tasks import WeightedTrials


@dataclass(frozen=True, eq=False)
class GaussianClosure:
    """The loss of a task in the closure; calling it with S gives it and its derivatives by S.

    Raises ValueError where the task's channels are not the problem's.
    """

    problem: OverlapProblem
    task: WeightedTrials

    def __post_init__(self) -> None:
        self.task.fits(self.problem)

    def response(self, S: Matrix) -> Array:
        """The outputs y_n, shape (trials, T, outputs)."""
        return self._run(S)[1]

    def __call__(self, S: Matrix) -> tuple[float, Matrix]:
        problem, task = self.problem, self.task
        states, outputs, gains = self._run(S)
        error = outputs - task.targets
        residual = 2 * task.weights * error
        slopes = NONLINEARITIES[problem.nonlinearity].gain_slope(self._variance(S, states))
        reads, variance = self._blocks(S)
        rank, inputs = problem.rank, problem.inputs
        adjoint = np.zeros((task.trials, problem.inputs + rank))
        d_reads, d_variance = np.zeros_like(reads), np.zeros_like(variance)
        for n in range(task.steps, 0, -1):
            k, gain, slope = states[:, n], gains[:, n, None], slopes[:, n, None]
            # what o_n = gain (V, Z) k_n is worth: V feeds the next step, Z the error at this one
            worth = np.hstack([task.dt * adjoint[:, inputs:], residual[:, n - 1]])
            by_variance = slope * np.sum(worth * (k @ reads.T), axis=1, keepdims=True)
            d_reads += (gain * worth).T @ k
            d_variance += (by_variance * k).T @ k
            adjoint = (1 - task.dt) * adjoint + gain * (worth @ reads) + 2 * by_variance * (k @ variance)
        D = np.zeros_like(S)
        z, v, rest = problem.sides
        D[v, rest], D[z, rest], D[rest, rest] = d_reads[:rank], d_reads[rank:], d_variance
        return float(np.sum(task.weights * error**2)), D

    def _run(self, S: Matrix) -> tuple[Array, Array, Array]:
        """States k_0..k_T, outputs y_1..y_T and gains at every state, the trials first."""
        problem, task = self.problem, self.task
        gain_of = NONLINEARITIES[problem.nonlinearity].gain
        reads, variance = self._blocks(S)
        states = np.zeros((task.trials, task.steps + 1, problem.inputs + problem.rank))
        reading = np.zeros((task.trials, task.steps + 1, problem.rank + problem.outputs))
        gains = np.ones((task.trials, task.steps + 1))
        for n in range(task.steps):
            drive = np.hstack([task.inputs[:, n], reading[:, n, : problem.rank]])
            k = (1 - task.dt) * states[:, n] + task.dt * drive
            gains[:, n + 1] = gain_of(np.sum((k @ variance) * k, axis=1))
            states[:, n + 1] = k
            reading[:, n + 1] = gains[:, n + 1, None] * (k @ reads.T)
        return states, reading[:, 1:, problem.rank :], gains

    def _variance(self, S: Matrix, states: Array) -> Array:
        _, variance = self._blocks(S)
        return np.asarray(np.sum((states @ variance) * states, axis=-1))

    def _blocks(self, S: Matrix) -> tuple[Matrix, Matrix]:
        """The rows V, then Z, of S over (M, U), and the block (M, U)(M, U)."""
        z, v, rest = self.problem.sides
        return np.vstack([S[v, rest], S[z, rest]]), S[rest, rest]
