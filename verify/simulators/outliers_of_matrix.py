"""Outliers of a full matrix, without any knowledge of how it was made.

All eigenvalues beyond the edge, by one of two ways:

 - dense: all eigenvalues, some 25 N^3 operations, most of them badly suited to a processor's caches;
 - Arnoldi's method for those beyond the edge, and a check, to rounding, that there are no more: with
   orthonormal V of W V = V T (to `RESIDUAL`) the spectrum of W is that of T and that of
   D = (1 - V V^T) W (1 - V V^T), and

       |(D/edge)^(2^k)|_F < 1

   bounds the spectral radius of D below the edge. Powers by squaring take some 7 products of matrices. They
   are done in single precision: a relative error of 1e-6 in D is nothing against the bound of 1/2
   asked for, which leaves 1/2^(1/128) to the edge.

What the second way cannot settle (an eigenvalue close to the edge, or two that nearly coincide) is left
to the first. Sizes below `SMALLEST` go there at once.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from derive.arrays import Array
from verify.simulators.run import listed_outliers

SMALLEST = 512
DEPTHS = (60, 120, 240)
RESIDUAL = 1e-11
"""|W V - V T| and |W v - lambda v| relative to |lambda|, or to the edge."""

MOST_SQUARINGS = 10
BOUND = 0.5


def outliers_of_matrix(W: Tensor, edge: float) -> NDArray[np.complex128]:
    """The listed outliers of ``W`` (N, N) beyond ``edge``, computed where W is."""
    W = W.to(torch.float64)
    found = _certified(W, edge) if len(W) >= SMALLEST else None
    return listed_outliers(np.linalg.eigvals(W.cpu().numpy()) if found is None else found, edge)


def _certified(W: Tensor, edge: float) -> NDArray[np.complex128] | None:
    """All eigenvalues beyond the edge, or None where this is not sure."""
    V = _outlier_space(W, edge)
    if V is None:
        return None
    T = V.T @ W @ V
    if V.shape[1] and float(torch.linalg.matrix_norm(W @ V - V @ T)) > RESIDUAL * edge * V.shape[1]:
        return None
    D = W - V @ (V.T @ W)
    D -= (D @ V) @ V.T
    if not spectral_radius_below(D, edge):
        return None
    return np.linalg.eigvals(T.cpu().numpy()).astype(np.complex128)


def spectral_radius_below(D: Tensor, edge: float) -> bool:
    """True only where no eigenvalue of D is at or beyond the edge; False where a few squarings do not say."""
    power = (D / edge).to(torch.float32)
    before = float(torch.linalg.matrix_norm(power))
    for _ in range(MOST_SQUARINGS):
        power = power @ power
        norm = float(torch.linalg.matrix_norm(power))
        if norm < BOUND:
            return True
        if not norm < before**2:
            return False
        before = norm
    return False


def _outlier_space(W: Tensor, edge: float) -> Tensor | None:
    """Orthonormal columns that span the eigenvectors beyond the edge that Arnoldi's method finds.

    None where `DEPTHS` steps do not settle one.
    """
    space = _ArnoldiSpace(W, RESIDUAL * edge)
    for depth in DEPTHS:
        space.grow(depth)
        H, rest = space.compressed()
        values, vectors = np.linalg.eig(H)
        beyond = np.abs(values) > edge
        residuals = rest * np.abs(vectors[-1])
        if np.all(residuals[beyond] <= RESIDUAL * np.abs(values[beyond])):
            first = beyond & (values.imag >= 0)  # of a pair of complex ones, one has both vectors
            real, imaginary = vectors.real[:, first], vectors.imag[:, first & (values.imag > 0)]
            columns = np.linalg.qr(np.concatenate([real, imaginary], axis=1))[0]
            return space.basis[: len(H)].T @ torch.as_tensor(columns, dtype=W.dtype, device=W.device)
        if space.closed:
            break
    return None


class _ArnoldiSpace:
    """Orthonormal rows of a Krylov space of W from a random start; ``closed``: W maps it to itself."""

    def __init__(self, W: Tensor, rounding: float) -> None:
        most = min(DEPTHS[-1], len(W))
        start = torch.randn(len(W), dtype=W.dtype, generator=torch.Generator().manual_seed(0)).to(W.device)
        self.basis = W.new_zeros(most + 1, len(W))
        self.basis[0] = start / torch.linalg.norm(start)
        self.closed = False
        self._W, self._rounding, self._H, self._size = W, rounding, np.zeros((most + 1, most)), 0

    def compressed(self) -> tuple[Array, float]:
        """W in the basis, shape (d, d), and the size of what W makes of the last vector beyond it."""
        d = self._size
        return self._H[:d, :d], float(self._H[d, d - 1])

    def grow(self, size: int) -> None:
        """Extend the basis to ``size`` vectors, or until it is closed."""
        while self._size < size and not self.closed:
            step = self._size
            known = self.basis[: step + 1]
            vector = self._W @ known[-1]
            for _ in range(2):  # twice is enough (Kahan, Parlett)
                along = known @ vector
                vector -= along @ known
                self._H[: step + 1, step] += along.cpu().numpy()
            rest = float(torch.linalg.norm(vector))
            self._H[step + 1, step] = rest
            self._size += 1
            self.closed = rest <= self._rounding or self._size == len(self._W)
            if not self.closed:
                self.basis[self._size] = vector / rest
