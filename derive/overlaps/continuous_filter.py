"""Filter task in continuous time: a squared H2 norm, by a Lyapunov equation (THEORY 6).

The impulse response y(t) = C e^(A t) B of the effective network, A = -1 + [[0, 0], [S_VM, S_VU]],
B = [1; 0], C = [S_ZM, S_ZU], against a target y*(t) = C' e^(A' t) B':

    L = int_0^oo |y - y*|^2 dt = tr(B^T Q B),    A^T Q + Q A + C^T C = 0,    A P + P A^T + B B^T = 0,
    dL/dA = 2 Q P,    dL/dC = 2 C P,

all of the error system diag(A, A'), [B; B'], [C, -C'].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.overlaps.problem import Matrix, OverlapProblem


@dataclass(frozen=True, eq=False)
class LinearSystem:
    """y(t) = C e^(A t) B: A (n, n), B (n, inputs), C (outputs, n)."""

    A: Matrix
    B: Matrix
    C: Matrix

    def response(self, times: Array) -> Array:
        """y at the given times, shape (T, outputs, inputs)."""
        from scipy.linalg import expm

        return np.array([self.C @ expm(self.A * t) @ self.B for t in times])


class UnstableNetwork(ValueError):
    """An effective network with an eigenvalue of nonnegative real part."""


@dataclass(frozen=True, eq=False)
class ContinuousFilter:
    """The loss of the impulse response against that of ``target``, a stable `LinearSystem`.

    Calling it with S gives the loss and its derivatives by all entries of S; it raises
    `UnstableNetwork`, naming the eigenvalue, where the loss is infinite.
    """

    problem: OverlapProblem
    target: LinearSystem

    def __call__(self, S: Matrix) -> tuple[float, Matrix]:
        from scipy.linalg import solve_continuous_lyapunov

        network = effective_system(self.problem, S)
        size = len(network.A)
        A = _block_diagonal(network.A, self.target.A)
        B = np.vstack([network.B, self.target.B])
        C = np.hstack([network.C, -self.target.C])
        Q = solve_continuous_lyapunov(A.T, -C.T @ C)
        P = solve_continuous_lyapunov(A, -B @ B.T)
        z, v, rest = self.problem.sides
        D = np.zeros_like(S)
        D[z, rest] = 2 * (C @ P)[:, :size]
        D[v, rest] = 2 * (Q @ P)[self.problem.inputs : size, :size]
        return float(np.trace(B.T @ Q @ B)), D


def effective_system(problem: OverlapProblem, S: Matrix) -> LinearSystem:
    """The effective linear network of the overlaps S. Raises `UnstableNetwork` if it is not stable."""
    z, v, rest = problem.sides
    inputs, size = problem.inputs, problem.inputs + problem.rank
    A = -np.eye(size)
    A[inputs:] += S[v, rest]
    eigenvalues = np.linalg.eigvals(A)
    worst = eigenvalues[np.argmax(eigenvalues.real)]
    if not worst.real < 0:
        shown = f"{worst.real:.6g}" + (f" {worst.imag:+.6g} i" if worst.imag else "")
        raise UnstableNetwork(
            f"the effective network has the eigenvalue {shown}: allowed are negative real parts"
        )
    return LinearSystem(A, np.eye(size, inputs), S[z, rest].copy())


def exponential_system(
    problem: OverlapProblem, decay: float, frequency: float = 0.0, amplitude: float | Array = 1.0
) -> LinearSystem:
    """y*(t) = amplitude exp(-decay t) cos(frequency t) for all pairs of output and input.

    ``amplitude`` is a number or a matrix (outputs, inputs). Raises ValueError for decay <= 0.
    """
    if not decay > 0:
        raise ValueError(f"decay {decay}: allowed are numbers > 0")
    scale = np.broadcast_to(np.asarray(amplitude, dtype=float), (problem.outputs, problem.inputs))
    one = np.eye(problem.inputs)
    if frequency == 0:
        return LinearSystem(-decay * one, one, scale.copy())
    turn = np.array([[-decay, -frequency], [frequency, -decay]])
    return LinearSystem(
        np.kron(one, turn), np.kron(one, np.array([[1.0], [0.0]])), np.kron(scale, np.array([[1.0, 0.0]]))
    )


def _block_diagonal(first: Matrix, second: Matrix) -> Matrix:
    return np.block(
        [[first, np.zeros((len(first), len(second)))], [np.zeros((len(second), len(first))), second]]
    )
