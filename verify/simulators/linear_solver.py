"""Solving with I - W0: one factorisation, or products with W0 alone.

The eigenvalues of W0 fill the disc |lambda| <= g around 0, for which the plain iteration

    x <- r + W0 x

(the Neumann series of B) is the best of all polynomial methods; its error falls as g^k. It needs
no memory but W0 itself: N = 16384 in float32 is 1 GiB.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array

MOST_ITERATIONS = 5000
LARGEST = 1e15  # beyond it the iteration diverges


class LinearSolver(Protocol):
    """x with (I - W0) x = r, and with the transpose; r of shape (N,) or (N, k)."""

    def plain(self, r: Array) -> Array: ...
    def transposed(self, r: Array) -> Array: ...


class FactorisedSolver:
    """LU factors of I - W0. Raises ValueError where it is singular."""

    def __init__(self, W0: NDArray[np.floating]) -> None:
        from scipy.linalg import get_lapack_funcs

        matrix = np.negative(W0, order="C")
        matrix.flat[:: len(matrix) + 1] += 1
        functions: Any = get_lapack_funcs(("getrf", "getrs"), (matrix,))
        getrf, self._getrs = functions
        # the transpose is in LAPACK's order as it stands
        self._lu, self._pivots, info = getrf(matrix.T, overwrite_a=True)
        if info > 0:
            raise ValueError("I - W0 is singular: the network has no fixed point")

    def plain(self, r: Array) -> Array:
        solution: Array = self._getrs(self._lu, self._pivots, r, trans=1)[0]
        return solution

    def transposed(self, r: Array) -> Array:
        solution: Array = self._getrs(self._lu, self._pivots, r)[0]
        return solution


class TorchSolver:
    """LU factors of I - W0 on a torch device."""

    def __init__(self, W0: NDArray[np.floating], device: str) -> None:
        import torch

        self._torch = torch
        matrix = torch.eye(len(W0), dtype=getattr(torch, str(W0.dtype)), device=device)
        self._factors = torch.linalg.lu_factor(matrix - torch.as_tensor(W0, device=device))

    def _solve(self, r: Array, transposed: bool) -> Array:
        lu, pivots = self._factors
        columns = self._torch.as_tensor(r, dtype=lu.dtype, device=lu.device).reshape(len(r), -1)
        solution = self._torch.linalg.lu_solve(lu, pivots, columns, adjoint=transposed)
        return np.asarray(solution.cpu().numpy().reshape(r.shape))

    def plain(self, r: Array) -> Array:
        return self._solve(r, False)

    def transposed(self, r: Array) -> Array:
        return self._solve(r, True)


class NeumannSolver:
    """Products with W0 alone on a device, to rounding.

    Raises ValueError where the iteration does not converge.
    """

    def __init__(self, W0: NDArray[np.floating], device: str = "cpu") -> None:
        self._W0: Any = W0
        self._norm: Any = np.linalg.norm
        self._moved: Any = lambda r: r
        if device != "cpu":
            import torch

            self._W0 = torch.as_tensor(W0, device=device)
            self._norm = torch.linalg.norm
            self._moved = lambda r: torch.as_tensor(r, dtype=self._W0.dtype, device=device)
        self._rounding = 4 * float(np.finfo(W0.dtype).eps)

    def _solve(self, matrix: Any, r: Array) -> Array:
        term = self._moved(r)
        x = term + 0
        for _ in range(MOST_ITERATIONS):
            term = matrix @ term
            x += term
            size = float(self._norm(term))
            if not size < LARGEST:
                break
            if size <= self._rounding * float(self._norm(x)):
                return x if isinstance(x, np.ndarray) else np.asarray(x.cpu().numpy())
        raise ValueError(
            "the matrix-free solver does not converge: an eigenvalue of W0 is at or beyond 1; allowed is a "
            "smaller g, or the factorised solver"
        )

    def plain(self, r: Array) -> Array:
        return self._solve(self._W0, r)

    def transposed(self, r: Array) -> Array:
        return self._solve(self._W0.T, r)


def linear_solver(W0: NDArray[np.floating], device: str = "cpu", matrix_free: bool = False) -> LinearSolver:
    """The solver for I - W0 that the options ask for."""
    if matrix_free:
        return NeumannSolver(W0, device)
    return FactorisedSolver(W0) if device == "cpu" else TorchSolver(W0, device)
