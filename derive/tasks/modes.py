"""Several inputs and outputs: the singular modes of the target learn one by one (THEORY 4).

Orthonormal inputs M (N x p) and readouts Wout (N x q), Gaussian and independent, a target matrix Zhat
(q x p) and the loss |Zhat - Z|_F^2/2 with Z = Wout^T R M give

    dW/dtau = R^T Wout (Zhat - Z) M^T R^T.

With Zhat = sum_k zhat_k u_k v_k^T the vectors Wout u_k and M v_k are orthonormal again, and at
N -> infinity all overlaps between different modes vanish: every mode is a copy of the scalar problem,

    Z(tau) = sum_k z(tau; zhat_k) u_k v_k^T,      W - W0 = sum of the scalar problems' changes,

whose ranges are orthogonal, so that the singular values of W - W0 are those of all modes together.

The modes are computed with `DIGITS` digits from the exact entries and then rounded to doubles, so that they
are the same on every machine. What the target leaves open is fixed by a rule: among equal zhat_k, the v_k are
the orthonormal (Gram-Schmidt) vectors of the projections of the first, second, ... unit vector on their
space; for a zhat_k of its own this says that the first component of v_k that is not zero is positive. Modes
with zhat_k = 0 do not learn and are not listed: zero is what the entries, as doubles, do not tell from it,
zhat_k <= 2^-52 max(p, q) zhat_1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from derive.arrays import Array
from derive.flow.fixed_point_task import FixedPointTask
from derive.reading.arguments import yes_or_no
from derive.tasks.expansion import Expansion

DIGITS = 60
EQUAL = 1e-40  # parts of the largest singular value below this are rounding: equal
ROUNDED = 2.0**-52  # times the larger side: parts of the largest one that doubles do not tell from zero
SMALLEST = 1e-25  # length of the projection of a unit vector that still gives a direction


@dataclass(frozen=True)
class MatrixTask:
    """The fixed-point task with q outputs and p inputs at N -> infinity, W alone learning.

    ``target`` is Zhat of shape (q, p), real and finite; ``g0=True`` starts from W0 = 0. Rational
    numbers are taken exactly, a float at its exact value. Raises ValueError for any other target.
    """

    target: Any = field(compare=False)  # `exact` is the same
    g0: bool = False
    exact: tuple[tuple[Fraction, ...], ...] = field(init=False, repr=False)
    """The entries of Zhat as exact numbers."""

    def __post_init__(self) -> None:
        yes_or_no("g0", self.g0)
        try:
            matrix = np.asarray(self.target, dtype=np.float64)
        except (TypeError, ValueError):
            raise ValueError("target matrix: allowed are rows of real numbers, of one length") from None
        except OverflowError:
            matrix = np.full((1, 1), math.inf)
        if matrix.ndim != 2 or matrix.size == 0:
            raise ValueError(
                f"target matrix of shape {matrix.shape}: allowed is (outputs, inputs), both >= 1"
            )
        if not np.all(np.isfinite(matrix)):
            raise ValueError(
                "target matrix with an entry that is not finite: allowed are finite real numbers"
            )
        entries = np.asarray(self.target, dtype=object).tolist()
        object.__setattr__(self, "exact", tuple(tuple(_exact(x) for x in row) for row in entries))
        object.__setattr__(self, "target", matrix)


@dataclass(frozen=True, eq=False)
class Mode:
    """One singular mode of the target: zhat > 0, left (q,) and right (p,) singular vector."""

    zhat: float
    left: Array
    right: Array

    def _plain(self) -> tuple[Any, ...]:
        return self.zhat, tuple(self.left.tolist()), tuple(self.right.tolist())

    def __eq__(self, other: object) -> bool:
        return self._plain() == other._plain() if isinstance(other, Mode) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._plain())


@dataclass(frozen=True)
class MatrixExpansion:
    """The expansion of a `MatrixTask`: the scalar problem's series, and the modes that share them.

    Arguments of the methods: learning time tau and strength g (left out at g = 0); the series hold
    inside the radius of convergence of the largest zhat, which is the smallest.
    """

    task: MatrixTask
    scalar: Expansion
    modes: tuple[Mode, ...]

    @property
    def order(self) -> int:
        """The highest power of tau through which all is exact."""
        return self.scalar.order

    def _repr_latex_(self) -> str:
        from derive.jupyter import Row, number, shown

        targets = [
            (number(mode.zhat), rf"u_{{{k}}} v_{{{k}}}^{{\top}}") for k, mode in enumerate(self.modes, 1)
        ]
        rows = [Row(r"\hat{Z}", targets), self.scalar.readout.row(r"z(\tau; \hat{z})")]
        note = r"$Z(\tau) = \sum_k z(\tau; \hat{z}_k)\, u_k v_k^{\top}$, vectors in \texttt{x.modes}"
        return shown(rows, r"\texttt{print(x.scalar.readout)}", note)

    def readout(self, tau: float, g: float | None = None) -> Array:
        """Z(tau), shape (q, p)."""
        return self._matrix([self.scalar.readout(tau, mode.zhat, g) for mode in self.modes])

    def readout_coefficients(self, g: float) -> Array:
        """Z_0..Z_K of Z(tau) = sum_k Z_k tau^k, shape (K + 1, q, p)."""
        import sympy

        from derive.series.symbols import beta, zhat

        series = [sympy.lambdify((zhat, beta), c) for c in self.scalar.readout]
        strength = 1.0 if self.task.g0 else 1 / (1 - g * g)
        return np.array([self._matrix([f(mode.zhat, strength) for mode in self.modes]) for f in series])

    def loss(self, tau: float, g: float | None = None) -> float:
        """|Zhat - Z|_F^2/2."""
        return float(sum(self.scalar.loss(tau, mode.zhat, g) for mode in self.modes))

    def singular_values(self, tau: float, g: float | None = None) -> Array:
        """Those of every mode that are expanded, together, largest first."""
        values = [s for mode in self.modes for s in self.scalar.singular_values(tau, mode.zhat, g)]
        return np.sort(np.array(values, dtype=np.float64))[::-1]

    def frobenius_norm(self, tau: float, g: float | None = None) -> float:
        """|W - W0|_F, from the modes' own."""
        return float(np.sqrt(sum(self.scalar.frobenius_norm(tau, mode.zhat, g) ** 2 for mode in self.modes)))

    def _matrix(self, values: list[Any]) -> Array:
        outputs, inputs = self.task.target.shape
        left = np.array([mode.left for mode in self.modes]).reshape(-1, outputs)
        right = np.array([mode.right for mode in self.modes]).reshape(-1, inputs)
        return np.asarray(left.T @ (np.array(values, dtype=np.float64)[:, None] * right), dtype=np.float64)


def expand_modes(task: MatrixTask, order: int, singular_values: int = 2) -> MatrixExpansion:
    """The modes of the target and the scalar expansion through tau^order, which `expand` has checked."""
    scalar = Expansion(FixedPointTask(g0=task.g0), order, singular_values)
    return MatrixExpansion(task, scalar, target_modes(task))


def target_modes(task: MatrixTask) -> tuple[Mode, ...]:
    """The singular modes of the target with zhat > 0, largest first; none for the zero matrix.

    Takes 1 s for 25 x 25, with the cube of the smaller side. Raises ValueError for a target whose
    singular values exceed double precision.
    """
    import mpmath

    mp = mpmath.mp.clone()  # digits of its own: mpmath's are those of the whole process
    mp.dps = DIGITS
    rows = [[mp.mpf(x.numerator) / x.denominator for x in row] for row in task.exact]
    target = mp.matrix(rows)
    wide = target.cols > target.rows  # mpmath is slow on wide matrices
    left, values, right = mp.svd_r(target.T if wide else target, full_matrices=False)
    vectors = left if wide else right.T
    count = sum(1 for s in values if s > ROUNDED * max(target.rows, target.cols) * values[0])
    modes: list[Mode] = []
    for k in range(count):
        if not math.isfinite(float(values[k])):
            raise ValueError("target matrix: allowed are singular values below 1.7e308")
        if k == 0 or values[k - 1] - values[k] > EQUAL * values[0]:
            same = [i for i in range(k, count) if values[k] - values[i] <= EQUAL * values[0]]
            basis = iter(_canonical_basis(mp, [vectors[:, i] for i in same]))
        v = next(basis)
        modes.append(Mode(float(values[k]), _doubles(target * v / values[k]), _doubles(v)))
    return tuple(modes)


def _canonical_basis(mp: Any, vectors: list[Any]) -> list[Any]:
    """The basis of the module's rule for the span of orthonormal columns."""
    basis: list[Any] = []
    for j in range(vectors[0].rows):
        if len(basis) == len(vectors):
            break
        projection = sum((x * x[j] for x in vectors), start=vectors[0] * 0)
        for earlier in basis:
            projection -= earlier * earlier[j]
        length = mp.norm(projection)
        if length > SMALLEST:
            basis.append(projection / length)
    return basis


def _doubles(vector: Any) -> Array:
    """Nearest doubles; what is zero but for rounding is 0."""
    return np.array([float(x) if abs(x) > EQUAL else 0.0 for x in vector])


def _exact(value: Any) -> Fraction:
    return Fraction(value if isinstance(value, int | float | Fraction) else float(value))
