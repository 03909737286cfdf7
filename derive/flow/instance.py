"""One given network of the fixed-point task, and its chain vectors (THEORY 1, 2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from derive.reading.arguments import real_array


@dataclass(frozen=True, eq=False, repr=False)
class Instance:
    """One given network: W0 of shape (N, N), input m and readout w of shape (N,), float64.

    Raises ValueError where the shapes do not fit or numbers are not real, finite and of a size up to
    `derive.reading.arguments.LARGEST`; its chain vectors where I - W0 is singular.
    """

    W0: Array
    m: Array
    w: Array

    def __post_init__(self) -> None:
        for name in ("W0", "m", "w"):
            object.__setattr__(self, name, real_array(name, getattr(self, name)))
        size = self.m.size
        if not size or self.m.shape != (size,) or self.w.shape != (size,) or self.W0.shape != (size, size):
            raise ValueError(
                f"an instance of shapes W0 {self.W0.shape}, m {self.m.shape}, w {self.w.shape}: "
                "allowed are (N, N), (N,), (N,) with N >= 1"
            )

    def __repr__(self) -> str:
        return f"<Instance of {self.size} neurons>"

    @property
    def size(self) -> int:
        """The number N of neurons."""
        return len(self.m)

    @classmethod
    def sample(cls, size: int, g: float, seed: int, alignment: float = 0.0) -> Instance:
        """Draw W0 i.i.d. N(0, g^2/N), m and w Gaussian and normalised to 1, from one seed.

        At ``alignment`` 0 the vectors are independent, w.m ~ N^(-1/2). At any other, w is turned in
        the plane of the two until w.m is ``alignment``, to rounding. The seed gives the same network on
        any machine (numpy's PCG64). Raises ValueError for g outside [0, 1), size < 1, |alignment| > 1,
        and for one neuron unless alignment is 0, 1 or -1.
        """
        if not 0 <= g < 1:
            raise ValueError(f"g = {g}: allowed is 0 <= g < 1")
        if size < 1:
            raise ValueError(f"size = {size}: allowed is size >= 1")
        if not -1 <= alignment <= 1:
            raise ValueError(f"alignment {alignment}: allowed is -1 <= alignment <= 1")
        if size == 1 and alignment not in (-1, 0, 1):
            raise ValueError(f"alignment {alignment} of one neuron: allowed are -1, 0 and 1")
        random = np.random.default_rng(seed)
        W0 = random.standard_normal((size, size)) * (g / np.sqrt(size))
        m, w = random.standard_normal((2, size))
        m, w = m / np.linalg.norm(m), w / np.linalg.norm(w)
        return cls(W0, m, w if alignment == 0 else _turned(w, m, alignment))

    @cached_property
    def factors(self) -> tuple[Array, NDArray[np.int32]]:
        """LU factors and pivots of I - W0 as `scipy.linalg.lu_solve` takes them.

        Raises ValueError where I - W0 is singular to the precision of a double.
        """
        lu, pivots, reciprocal = self._factorised
        if reciprocal < np.finfo(np.float64).eps:
            raise ValueError(
                "I - W0 is singular: the network has no fixed point; allowed are networks in which no "
                "eigenvalue of W0 is 1"
            )
        return lu, pivots

    @cached_property
    def condition(self) -> float:
        """An estimate of the condition number of I - W0 in the 1-norm (LAPACK), inf where it is singular."""
        reciprocal = self._factorised[2]
        return 1 / reciprocal if reciprocal else np.inf

    @cached_property
    def _factorised(self) -> tuple[Array, NDArray[np.int32], float]:
        """LU factors, pivots, and the reciprocal of the condition number, 0 where a pivot is."""
        from scipy.linalg import lapack

        matrix = np.eye(self.size) - self.W0
        size = float(np.linalg.norm(matrix, 1))
        lu, pivots, info = lapack.dgetrf(matrix, overwrite_a=True)
        if info > 0:
            return lu, pivots, 0.0
        reciprocal, _ = lapack.dgecon(lu, size, norm="1")
        return lu, pivots, float(reciprocal)

    def chains(self, count: int) -> tuple[Array, Array]:
        """The chain vectors a_0..a_(count-1) and b_0..b_(count-1) as rows, (count, N) each."""
        from scipy.linalg import lu_solve

        factors = self.factors
        a, b = [lu_solve(factors, self.w, trans=1)], [lu_solve(factors, self.m)]
        for _ in range(count - 1):
            a_next, b_next = lu_solve(factors, b[-1], trans=1), lu_solve(factors, a[-1])
            a.append(a_next)
            b.append(b_next)
        return np.array(a), np.array(b)

    def overlaps(self, count: int) -> tuple[Array, Array, Array]:
        """Gram matrices Ga, Gb of the chains, (count, count), and w.b_j, (count,) (THEORY 2)."""
        a, b = self.chains(count)
        return a @ a.T, b @ b.T, b @ self.w


def _turned(w: Array, m: Array, alignment: float) -> Array:
    """The unit vector with overlap ``alignment`` with m, in the plane of the unit vectors m and w."""
    if abs(alignment) == 1:
        return alignment * m
    across = w - (w @ m) * m
    across = across / np.linalg.norm(across)
    across = across - (across @ m) * m  # twice is enough (Kahan, Parlett)
    turned = alignment * m + np.sqrt((1 - alignment) * (1 + alignment)) * across / np.linalg.norm(across)
    return np.asarray(turned, dtype=np.float64)
