"""Outliers of W = W0 + Qa^T C Qb without an N x N eigenvalue problem.

An eigenvalue lambda outside the disc of W0 has the right eigenvector (lambda - W0)^-1 Qa^T c: it lies
in every rational Krylov space of W0 started at the columns of W - W0, up to an error that falls
geometrically. Products with B = (I - W0)^-1 converge as [g beta/|1/(1 - lambda) - beta|]^k, fast for
lambda near 1 where learning puts the leading outlier; products with W0 as (g/|lambda|)^k, for all
others. The space takes a few of the first kind, then the second; Ritz values of W in it are
accepted once their residual |W v - lambda v| is below `RESIDUAL` |lambda|.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from verify.simulators.linear_solver import LinearSolver
from verify.simulators.run import OUTLIERS, listed_outliers

RESIDUAL = 1e-8
START_ACCURACY = 1e-9
INVERSE_STEPS = 8
DEPTHS = (5, 7, 9, 14, 22, 34, 52, 80)
MOST_COLUMNS = 400

# of a new direction's part orthogonal to the space, relative to the vector it came from
LOST = 1e-12  # rounding
FAITHFUL = 1e-4  # images may follow the same combinations


def outliers(
    W0: Array, left: Array, right: Array, changes: Array, edge: float, solver: LinearSolver | None
) -> NDArray[np.complex128]:
    """Outliers beyond ``edge`` of W0 + left^T C right for each C in ``changes``, shape (L, OUTLIERS).

    ``left`` and ``right`` hold rows of shape (d, N), ``changes`` is (L, d, d); without a ``solver``
    for I - W0 only products with W0 are used. nan where ``changes`` is not finite, and for what
    `MOST_COLUMNS` vectors do not resolve.
    """
    found = np.full((len(changes), OUTLIERS), np.nan + 0j)
    finite = np.isfinite(changes).all(axis=(1, 2))
    if not changes[finite].any():
        return found
    start = _column_space(changes[finite]) @ left
    space = _KrylovSpace(W0, start, solver)
    pending = list(np.flatnonzero(finite))
    for depth in DEPTHS:
        space.grow(depth)
        H = space.Q @ space.images.T
        left_in, right_in = space.Q @ left.T, right @ space.Q.T
        still = []
        for index in pending:
            values, vectors = np.linalg.eig(H + left_in @ changes[index] @ right_in)
            beyond = np.abs(values) > edge
            if not beyond.any():
                found[index] = listed_outliers(values[beyond], edge)
                continue
            values, vectors = values[beyond], vectors[:, beyond]
            full = space.images.T @ vectors + left.T @ (changes[index] @ (right_in @ vectors))
            residuals = np.linalg.norm(full - (space.Q.T @ vectors) * values, axis=0)
            good = residuals <= RESIDUAL * np.abs(values)
            found[index] = listed_outliers(values[good], edge)
            if not good.all():
                still.append(index)
        pending = still
        if not pending or space.complete:
            break
    return found


def _column_space(changes: Array) -> Array:
    """Orthonormal rows that span the columns of all changes, down to `START_ACCURACY` of the largest."""
    vectors, strengths, _ = np.linalg.svd(np.concatenate(list(changes), axis=1), full_matrices=False)
    return np.asarray(vectors[:, strengths > START_ACCURACY * strengths[0]].T)


class _KrylovSpace:
    """Orthonormal rows ``Q`` and their ``images`` under W0, both (columns, N)."""

    def __init__(self, W0: Array, start: Array, solver: LinearSolver | None) -> None:
        self._W0, self._solver = W0, solver
        self._last = self.Q = np.linalg.qr(start.T)[0].T
        self.images = self._apply(self.Q)
        self._depth = 1
        self.complete = False

    def _apply(self, rows: Array) -> Array:
        return np.asarray((self._W0 @ rows.T.astype(self._W0.dtype)).T, dtype=np.float64)

    def grow(self, depth: int) -> None:
        """Add blocks until there are ``depth`` of them, or the space is complete or too large."""
        while self._depth < depth and not self.complete:
            if self._solver is not None and self._depth <= INVERSE_STEPS:
                columns = np.asfortranarray(self._last.T, dtype=self._W0.dtype)
                block = np.asarray(self._solver.plain(columns).T, dtype=np.float64)
                images = block - self._last  # W0 B = B - 1: no product is needed
            else:
                block, images = self.images[-len(self._last) :], None
            before = np.linalg.norm(block)
            for _ in range(2):
                along = block @ self.Q.T
                block = block - along @ self.Q
                if images is not None:
                    images = images - along @ self.images
            Q, R = np.linalg.qr(block.T)
            fresh = np.abs(np.diag(R)) / (before or 1.0)  # g = 0: W0 maps all to 0
            new = Q.T[fresh > LOST]
            if images is not None and fresh.min() > FAITHFUL:
                images = np.linalg.solve(R.T, images)
            else:
                images = self._apply(new)
            if not len(new) or len(self.Q) + len(new) > MOST_COLUMNS:
                self.complete = True
                return
            self._last = new
            self.Q = np.concatenate([self.Q, new])
            self.images = np.concatenate([self.images, images])
            self._depth += 1
