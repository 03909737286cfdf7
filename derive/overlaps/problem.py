"""What learns, and the names of its overlaps (THEORY 6).

    h' = -h + (1/N) U V^T phi(h) + M x,        y = (1/N) Z^T phi(h),
    X = [Z V M U],    S = X^T X / N,

with q outputs (columns of Z), rank r (columns of V and of U) and p inputs (columns of M). The
overlap of two columns is named by their letters, ``zm``; an index stands only where there is more
than one such column, ``v1u2``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral

import numpy as np

from derive.arrays import Array
from derive.overlaps.nonlinearity import NONLINEARITIES
from derive.reading.arguments import real_array

LETTERS = "zvmu"

Matrix = Array


@dataclass(frozen=True)
class OverlapProblem:
    """A low-rank network: its rank, inputs, outputs, nonlinearity, and the vectors that stay frozen.

    ``frozen`` names vectors (``u1``) or all vectors of a letter (``u``). Raises ValueError for a
    count below 1, an unknown nonlinearity or an unknown vector.
    """

    rank: int = 1
    inputs: int = 1
    outputs: int = 1
    nonlinearity: str = "linear"
    frozen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for what, count in (("rank", self.rank), ("inputs", self.inputs), ("outputs", self.outputs)):
            if isinstance(count, bool) or not isinstance(count, Integral) or count < 1:
                raise ValueError(f"{what} {count}: allowed are integers >= 1")
        if self.nonlinearity not in NONLINEARITIES:
            raise ValueError(f"nonlinearity {self.nonlinearity}: allowed are {', '.join(NONLINEARITIES)}")
        for name in self.frozen:
            if name not in self.vectors and name not in LETTERS:
                raise ValueError(f"frozen vector {name}: allowed are {', '.join(self.vectors)}")

    @cached_property
    def counts(self) -> tuple[int, int, int, int]:
        """How many columns Z, V, M and U have."""
        return self.outputs, self.rank, self.inputs, self.rank

    @cached_property
    def vectors(self) -> tuple[str, ...]:
        """The names of the columns of X, in order: ``z v m u``, or ``z v1 v2 m u1 u2``."""
        return tuple(
            letter if count == 1 else f"{letter}{index}"
            for letter, count in zip(LETTERS, self.counts, strict=True)
            for index in range(1, count + 1)
        )

    @property
    def size(self) -> int:
        """The number of columns of X: outputs + inputs + 2 rank."""
        return len(self.vectors)

    @cached_property
    def pairs(self) -> dict[str, tuple[int, int]]:
        """Name of every independent overlap -> (row, column) in S, row <= column."""
        return {
            self.vectors[i] + self.vectors[j]: (i, j) for i in range(self.size) for j in range(i, self.size)
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the independent overlaps, row by row of the upper triangle of S."""
        return tuple(self.pairs)

    @cached_property
    def blocks(self) -> dict[str, slice]:
        """Letter -> its columns of X."""
        ends = np.cumsum((0, *self.counts)).tolist()
        return {letter: slice(ends[i], ends[i + 1]) for i, letter in enumerate(LETTERS)}

    @property
    def sides(self) -> tuple[slice, slice, slice]:
        """The columns of Z, those of V, and those of M and U, which the activity is made of."""
        return self.blocks["z"], self.blocks["v"], slice(self.blocks["m"].start, self.blocks["u"].stop)

    @cached_property
    def learns(self) -> tuple[bool, ...]:
        """For every column of X, whether it learns."""
        return tuple(name not in self.frozen and name[0] not in self.frozen for name in self.vectors)

    def name(self, row: int, column: int) -> str:
        """The name of the overlap of two columns, in either order."""
        return self.vectors[min(row, column)] + self.vectors[max(row, column)]

    def latex_index(self, name: str) -> str:
        """The index of an overlap in LaTeX: ``zm``, or ``v_{1}u_{2}``."""
        row, column = self.pairs[name]
        return "".join(
            v[0] + (f"_{{{v[1:]}}}" if v[1:] else "") for v in (self.vectors[row], self.vectors[column])
        )

    def matrix(self, overlaps: Mapping[str, float]) -> Matrix:
        """S, shape (size, size), from all its named entries.

        Raises ValueError where a name is missing or unknown, a value is not a finite number, or S
        is not positive semidefinite (`check_semidefinite`).
        """
        missing = [name for name in self.names if name not in overlaps]
        unknown = [name for name in overlaps if name not in self.pairs]
        if missing or unknown:
            given = f"overlaps without {', '.join(missing)}" if missing else f"overlap {unknown[0]}"
            raise ValueError(f"{given}: needed are exactly {', '.join(self.names)}")
        S = np.zeros((self.size, self.size))
        for name, (i, j) in self.pairs.items():
            value = overlaps[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
                raise ValueError(f"overlap {name} = {value!r}: allowed is a finite number")
            S[i, j] = S[j, i] = value
        return self.check(S)

    def check(self, S: Matrix) -> Matrix:
        """S as an array, if it has this problem's shape, is symmetric and positive semidefinite.

        Raises ValueError otherwise; it names the offending eigenvalue.
        """
        S = real_array("S", S)
        if S.shape != (self.size, self.size):
            raise ValueError(f"S of shape {S.shape}: allowed is {(self.size, self.size)}")
        if not np.allclose(S, S.T, rtol=1e-12, atol=1e-12):
            raise ValueError("S is not symmetric: allowed is a symmetric matrix")
        lowest = float(np.linalg.eigvalsh(S)[0])
        # rounding of a semidefinite matrix: a few units in the last place of its largest eigenvalue
        if lowest < -1e-12 * max(1.0, float(np.abs(S).max())):
            raise ValueError(f"S has the eigenvalue {lowest:.6g}: allowed is a positive semidefinite matrix")
        return S

    def named(self, S: Matrix) -> dict[str, float]:
        """The named independent entries of S."""
        return {name: float(S[i, j]) for name, (i, j) in self.pairs.items()}
