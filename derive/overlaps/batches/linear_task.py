"""Any task of a linear network, without a loop over time: loss, derivatives, Taylor series (THEORY 6, 10).

Euler steps from h = 0, x_n the input of step n, the output read after it. The network sees its state as
k = (k_M, k_U), h = M k_M + U k_U, and with V = S_(Z,V)(M,U), the visible block of S,

    k_n = A k_(n-1) + dt (x_n, 0),    A = 1 - dt + dt [0; V_V],    y_n = V_Z k_n,
    L = sum of weight * (y - target)^2.

The filter task is one trial a input, an impulse 1/dt at the first step. Leading dimensions of S and of
the targets are batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from derive.arrays import Array
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.scans import adjoint_scan, forward_scan
from derive.overlaps.tasks import WeightedTrials


@dataclass(frozen=True, eq=False)
class Taylor:
    """Coefficients 0..order of ``outputs`` y, shape (K, order + 1, outputs, T * trials), and of the
    ``derivatives`` dL/dV, shape (K, order + 1, outputs + rank, inputs + rank), along K directions."""

    outputs: Array
    derivatives: Array


@dataclass(frozen=True, eq=False)
class LinearTask:
    """The loss of a linear network on ``task``; calling it with S gives it and its derivatives by S.

    Raises ValueError where the task's channels are not the problem's, or the problem is not linear.
    """

    problem: OverlapProblem
    task: WeightedTrials

    def __post_init__(self) -> None:
        if self.problem.nonlinearity != "linear":
            raise ValueError(f"nonlinearity {self.problem.nonlinearity}: allowed is linear")
        self.task.fits(self.problem)

    @property
    def readers(self) -> int:
        """How many columns of X are Z or V: the rows of the visible block."""
        return self.problem.outputs + self.problem.rank

    def response(self, S: Matrix) -> Array:
        """The outputs y_n, shape (trials, T, outputs)."""
        A, C = self._matrices(self.visible(S))
        y = C @ forward_scan(A, self.drive, self.task.trials)
        return np.asarray(y.reshape(self.problem.outputs, self.task.steps, -1).transpose(2, 1, 0))

    def __call__(self, S: Matrix) -> tuple[float, Matrix]:
        value, block = self.block_derivatives(self.visible(S), self.target)
        D = np.zeros_like(S)
        D[: self.readers, self.readers :] = block
        return float(value), D

    def visible(self, S: Matrix) -> Matrix:
        """V = S_(Z,V)(M,U), shape (..., outputs + rank, inputs + rank)."""
        return np.asarray(S[..., : self.readers, self.readers :])

    def block_derivatives(self, V: Array, target: Array) -> tuple[Array, Array]:
        """L, shape (...), and dL/dV, for targets of shape (..., outputs, T * trials)."""
        trials, outputs, inputs = self.task.trials, self.problem.outputs, self.problem.inputs
        A, C = self._matrices(V)
        states = forward_scan(A, self._spread(A), trials)
        error = C @ states - target
        residual = 2 * self.weights * error
        adjoint = adjoint_scan(_transposed(A), _transposed(C) @ residual, trials)
        D = np.empty_like(V)
        D[..., :outputs, :] = residual @ _transposed(states)
        by_A = adjoint[..., inputs:, trials:] @ _transposed(states[..., :-trials])
        D[..., outputs:, :] = self.task.dt * by_A
        return np.sum(self.weights * error**2, axis=(-2, -1)), D

    def taylor(self, V: Array, directions: Array, order: int) -> Taylor:
        """Outputs and dL/dV at V + e H as series in e through e**order, for directions H, (K, *V.shape).

        A matrix with entries in the truncated series is a block Toeplitz matrix of numbers, and the
        recurrences run with that.
        """
        trials, outputs, inputs = self.task.trials, self.problem.outputs, self.problem.inputs
        count, terms = len(directions), order + 1
        A, C = self._matrices(V)
        size = len(A)
        slope = np.zeros((count, size, size))
        slope[:, inputs:] = self.task.dt * directions[:, outputs:]
        reads = directions[:, :outputs]
        drive = np.zeros((count, terms * size, self.drive.shape[-1]))
        drive[:, :size] = self.drive
        states = forward_scan(_toeplitz(A, slope, terms), drive, trials).reshape(count, terms, size, -1)
        y = C @ states
        y[:, 1:] += reads[:, None] @ states[:, :-1]
        error = y.copy()
        error[:, 0] -= self.target
        residual = 2 * self.weights * error
        worth = C.T @ residual
        worth[:, 1:] += _transposed(reads)[:, None] @ residual[:, :-1]
        back = _toeplitz(A.T, _transposed(slope), terms)
        adjoint = adjoint_scan(back, worth.reshape(count, terms * size, -1), trials)
        adjoint = adjoint.reshape(count, terms, size, -1)
        D = np.zeros((count, terms, *V.shape))
        for i in range(terms):
            for j in range(terms - i):
                D[:, i + j, :outputs] += residual[:, i] @ _transposed(states[:, j])
                by_A = adjoint[:, i, inputs:, trials:] @ _transposed(states[:, j, :, :-trials])
                D[:, i + j, outputs:] += self.task.dt * by_A
        return Taylor(y, D)

    @cached_property
    def drive(self) -> Array:
        """dt (x_n, 0), shape (inputs + rank, T * trials), the time running slower than the trial."""
        inputs = self.problem.inputs
        drive = np.zeros((inputs + self.problem.rank, self.task.steps * self.task.trials))
        drive[:inputs] = self.task.dt * self.task.inputs.transpose(2, 1, 0).reshape(inputs, -1)
        return drive

    @cached_property
    def target(self) -> Array:
        """The targets, shape (outputs, T * trials)."""
        return self._flat(self.task.targets)

    @cached_property
    def weights(self) -> Array:
        """The weights, shape (outputs, T * trials)."""
        return self._flat(self.task.weights)

    def _flat(self, values: Array) -> Array:
        return np.ascontiguousarray(values.transpose(2, 1, 0)).reshape(self.problem.outputs, -1)

    def _spread(self, A: Array) -> Array:
        return np.broadcast_to(self.drive, (*A.shape[:-2], *self.drive.shape))

    def _matrices(self, V: Array) -> tuple[Array, Array]:
        """A, shape (..., inputs + rank, inputs + rank), and C = V_Z."""
        inputs, outputs, size = self.problem.inputs, self.problem.outputs, V.shape[-1]
        A = np.zeros((*V.shape[:-2], size, size))
        A[..., range(size), range(size)] = 1 - self.task.dt
        A[..., inputs:, :] += self.task.dt * V[..., outputs:, :]
        return A, V[..., :outputs, :]


def _toeplitz(diagonal: Array, below: Array, terms: int) -> Array:
    """The block lower triangular matrix of ``diagonal`` + e ``below``, modulo e**terms."""
    count, size, _ = below.shape
    matrix = np.zeros((count, terms, size, terms, size))
    for i in range(terms):
        matrix[:, i, :, i] = diagonal
        if i:
            matrix[:, i, :, i - 1] = below
    return matrix.reshape(count, terms * size, terms * size)


def _transposed(matrix: Array) -> Array:
    return np.asarray(np.swapaxes(matrix, -1, -2))
