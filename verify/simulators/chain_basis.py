"""Orthonormal bases of the two chains of one network, grown vector by vector (THEORY 2, 5).

    a_0 = B^T w, a_(n+1) = B^T b_n,      b_0 = B m, b_(n+1) = B a_n,      B = (I - W0)^-1.

Block Golub-Kahan: each new vector is made orthogonal to all before it, since the bare chain vectors
become parallel. What learning needs are the compressed resolvent X = Qb B Qa^T and the coordinates
of a_0 and b_0 (`derive.limit.Reduction`). Those of d vectors are the leading block of those of more,
so trying another size costs no new solve.
"""

from __future__ import annotations

import numpy as np

from derive import Instance
from derive.arrays import Array
from derive.limit import Reduction
from verify.simulators.linear_solver import LinearSolver


class ChainBasis:
    """``left`` spans a_0, a_1, ..., ``right`` spans b_0, b_1, ...; rows of shape (size, N)."""

    def __init__(self, instance: Instance, solver: LinearSolver) -> None:
        self._solver = solver
        a, b = solver.transposed(instance.w), solver.plain(instance.m)
        self._norms = float(np.linalg.norm(a)), float(np.linalg.norm(b))
        self.readout = float(instance.w @ b)
        # relative size below which a vector's new part is rounding
        self._rounding = 1e3 * float(np.finfo(a.dtype).eps)
        self._left, self._right = [a / self._norms[0]], [b / self._norms[1]]
        self._images = [solver.plain(self._left[0])]
        self.closed = False

    @property
    def size(self) -> int:
        """The number of vectors in each basis so far."""
        return len(self._images)

    def grow(self, size: int) -> None:
        """Extend both bases to ``size`` vectors, or until the chain closes (``closed``)."""
        while self.size < size and not self.closed:
            a = _new_direction(self._solver.transposed(self._right[-1]), self._left, self._rounding)
            b = _new_direction(self._images[-1], self._right, self._rounding)
            if a is None or b is None:
                self.closed = True
                return
            self._left.append(a)
            self._right.append(b)
            self._images.append(self._solver.plain(a))

    def bases(self, size: int) -> tuple[Array, Array]:
        """The first ``size`` vectors of each basis as rows, float64."""
        return (
            np.array(self._left[:size], dtype=np.float64),
            np.array(self._right[:size], dtype=np.float64),
        )

    def reduction(self, size: int) -> Reduction:
        """The reduced problem on the first ``size`` vectors of each basis."""
        first = np.zeros(size)
        first[0] = 1
        right = np.array(self._right[:size], dtype=np.float64)
        images = np.array(self._images[:size], dtype=np.float64)
        return Reduction(right @ images.T, first * self._norms[0], first * self._norms[1], self.readout)


def _new_direction(vector: Array, basis: list[Array], rounding: float) -> Array | None:
    """The unit vector of what ``vector`` adds to ``basis``; None where that is rounding."""
    rows, before = np.array(basis), np.linalg.norm(vector)
    for _ in range(2):  # twice is enough (Kahan, Parlett)
        vector = vector - (rows @ vector) @ rows
    left = np.linalg.norm(vector)
    return vector / left if left > rounding * before else None
