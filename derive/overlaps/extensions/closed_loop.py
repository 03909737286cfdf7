"""A linear network that controls a linear plant, in its overlaps (after Ger and Barak 2025, closed loop).

The plant x' = A x + B y is driven by the network's output and drives it in turn, the input being C x. With
k = (k_M, k_U), Euler steps of dt take s = (k_M, k_U, x) to G s,

    G = 1 + dt [[-1, 0, C], [S_VM, S_VU - 1, 0], [B S_ZM, B S_ZU, A]],

    L = dt sum_n (|x_n|^2 + effort |y_n|^2), averaged over the starts x_0, n = 1..T, from a quiet network.

The loss sees the overlaps that the function sees, so learning in the loop is the flow of overlap space with
this loss; the loop is stable where all eigenvalues of G are inside the unit circle, at any N.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.overlaps.descent import OverlapCurve
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.scans import adjoint_scan, power_scan


@dataclass(frozen=True, eq=False)
class Plant:
    """x' = A x + B y, observed as C x: A (n, n), B (n, outputs), C (inputs, n); ``starts`` x_0, (n, K)."""

    A: Matrix
    B: Matrix
    C: Matrix
    starts: Matrix

    @property
    def size(self) -> int:
        """The number n of its variables."""
        return len(self.A)


@dataclass(frozen=True, eq=False)
class ClosedLoop:
    """The loss of the loop; calling it with S gives it and its derivatives by all entries of S.

    Raises ValueError for a nonlinear network, a plant that does not fit the network's channels, steps outside
    0 < dt < 2, or a negative effort.
    """

    problem: OverlapProblem
    plant: Plant
    dt: float
    steps: int
    effort: float = 0.0

    def __post_init__(self) -> None:
        problem, plant, n = self.problem, self.plant, self.plant.size
        if problem.nonlinearity != "linear":
            raise ValueError(f"nonlinearity {problem.nonlinearity}: allowed is linear")
        shapes = plant.A.shape, plant.B.shape, plant.C.shape, plant.starts.shape[:1]
        if shapes != ((n, n), (n, problem.outputs), (problem.inputs, n), (n,)):
            raise ValueError(
                f"A, B, C and starts of shapes {shapes}: allowed are (n, n), (n, {problem.outputs}), "
                f"({problem.inputs}, n), (n, K)"
            )
        if not (0 < self.dt < 2 and self.steps >= 1 and self.effort >= 0):
            raise ValueError(
                f"dt = {self.dt}, {self.steps} steps, effort {self.effort}: allowed are 0 < dt < 2, "
                "steps >= 1, effort >= 0"
            )

    def matrix(self, S: Matrix) -> Matrix:
        """G, shape (inputs + rank + n, inputs + rank + n)."""
        problem, plant = self.problem, self.plant
        z, v, rest = self._places
        inner = problem.inputs + problem.rank
        rates = np.zeros((inner + plant.size,) * 2)
        rates[:inner, :inner] = -np.eye(inner)
        rates[: problem.inputs, inner:] = plant.C
        rates[problem.inputs : inner, :inner] += S[v, rest]
        rates[inner:, :inner] = plant.B @ S[z, rest]
        rates[inner:, inner:] = plant.A
        return np.eye(len(rates)) + self.dt * rates

    def __call__(self, S: Matrix) -> tuple[float, Matrix]:
        problem, plant = self.problem, self.plant
        z, v, rest = self._places
        inner, trials = problem.inputs + problem.rank, plant.starts.shape[1]
        G, reads = self.matrix(S), S[z, rest]
        start = np.vstack([np.zeros((inner, trials)), plant.starts])
        states = power_scan(G, start, self.steps + 1)
        later, scale = states[:, trials:], self.dt / trials
        outputs = reads @ later[:inner]
        worth = 2 * scale * np.vstack([self.effort * reads.T @ outputs, later[inner:]])
        by_matrix = adjoint_scan(G.T, worth, trials) @ states[:, :-trials].T
        D = np.zeros_like(S)
        D[v, rest] = self.dt * by_matrix[problem.inputs : inner, :inner]
        D[z, rest] = self.dt * plant.B.T @ by_matrix[inner:, :inner]
        D[z, rest] += 2 * scale * self.effort * outputs @ later[:inner].T
        return scale * float(np.sum(later[inner:] ** 2) + self.effort * np.sum(outputs**2)), D

    def eigenvalues(self, S: Matrix) -> NDArray[np.complex128]:
        """Of G, the largest first; the loop is stable where the first is inside the unit circle."""
        values = np.linalg.eigvals(self.matrix(S))
        return np.asarray(values[np.argsort(-np.abs(values))], dtype=np.complex128)

    @property
    def _places(self) -> tuple[slice, slice, slice]:
        blocks = self.problem.blocks
        return blocks["z"], blocks["v"], slice(blocks["m"].start, blocks["u"].stop)


def stability_epoch(loop: ClosedLoop, curve: OverlapCurve) -> float | None:
    """The time of the curve from which on the loop is stable; None where it is not at the end."""
    stable = np.array([abs(loop.eigenvalues(S)[0]) < 1 for S in curve.overlaps])
    if not stable[-1]:
        return None
    unstable = np.flatnonzero(~stable)
    return float(curve.time[unstable[-1] + 1 if len(unstable) else 0])
