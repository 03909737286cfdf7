"""The learning problem in the orthonormalised chain: a few numbers instead of N^2 (THEORY 2, 5).

Gradient flow and descent never leave W - W0 = sum_ij C_ij a_i b_j^T. With orthonormal bases Qa of
a_0..a_(n-1) and Qb of b_0..b_(n-1), B a_i = b_(i+1) makes

    transfer = Qb^T B Qa,     alpha_0 = Qa^T a_0,     beta_0 = Qb^T b_0,     z_0 = w.b_0

all that learning depends on. For W - W0 = Qa C Qb^T, m - m(0) = Qa kappa, w - w(0) = Qb omega:

    beta  = Qb^T R m   = (1 - transfer C)^-1 (beta_0 + transfer kappa)
    alpha = Qa^T R^T w = (1 - transfer^T C^T)^-1 (alpha_0 + transfer^T omega)
    z     = z_0 + alpha_0.(kappa + C beta) + omega.beta

(kappa = omega = 0 where W alone learns). Exact while the chain has at most n vectors; beyond it the
first 2n overlaps are exact, and the error falls faster than any power of 1/n.

One type serves the limit N -> infinity, where the overlaps are the moments of
`derive.words.overlap_moments`, and one instance, where they come from its vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from flint import arb, arb_mat, ctx

from derive.arrays import Array
from derive.flow.instance import Instance
from derive.reading.arguments import one_number
from derive.series.balls import at_sufficient_precision
from derive.words.overlap_moments import overlap_moments

Matrix = Array
ROUNDED = 2.0**-60  # largest relative radius of a ball that is then rounded to a double


@dataclass(frozen=True, eq=False)
class Reduction:
    """``transfer`` (n, n), ``alpha`` (n,), ``beta`` (n,) and the initial ``readout``; dimensionless."""

    transfer: Matrix
    alpha: Matrix
    beta: Matrix
    readout: float

    @property
    def size(self) -> int:
        """The number n of chain vectors kept on each side."""
        return len(self.alpha)

    def directions(self, C: Matrix, kappa: Matrix, omega: Matrix) -> tuple[Matrix, Matrix, Matrix]:
        """alpha, beta and z where W - W0 has the coordinates ``C`` (..., n, n), m - m(0) ``kappa`` (..., n)
        and w - w(0) ``omega`` (..., n)."""
        inverse: Matrix = np.asarray(np.linalg.inv(np.eye(self.size) - self.transfer @ C), dtype=np.float64)
        beta = _times(inverse, self.beta + kappa @ self.transfer.T)
        source = self.alpha + omega @ self.transfer
        # (1 - transfer^T C^T)^-1 source
        back = _times(np.swapaxes(inverse, -1, -2), _times(np.swapaxes(C, -1, -2), source))
        readout = self.readout + (kappa + _times(C, beta)) @ self.alpha + np.sum(omega * beta, axis=-1)
        return source + back @ self.transfer, beta, readout


def _times(matrices: Matrix, vectors: Matrix) -> Matrix:
    """Matrices (..., n, n) times vectors (..., n)."""
    return (matrices @ vectors[..., None])[..., 0]


def reduction_from_overlaps(
    gram_a: Sequence[Sequence[arb]], gram_b: Sequence[Sequence[arb]], overlaps: Sequence[arb]
) -> Reduction:
    """Orthonormalise by Cholesky in ball arithmetic: a chain of n vectors from n + 1 given ones.

    ``gram_a[i][j]`` = a_i.a_j and ``gram_b[i][j]`` = b_i.b_j for i, j <= n, ``overlaps[0]`` = w.b_0.
    A chain that closes early (g = 0: two vectors) gives a smaller n. Raises ArithmeticError where
    the balls are too wide to be rounded to doubles; ask again at a higher working precision.
    """
    transfer, alpha, beta = orthonormalised(gram_a, gram_b)
    scale = max(float(abs(x).mid()) for row in transfer for x in row)
    first = np.zeros(len(transfer))
    first[0] = 1
    return Reduction(
        np.array([[double(x, scale) for x in row] for row in transfer]),
        first * double(alpha, 0),
        first * double(beta, 0),
        double(overlaps[0], 1),
    )


def orthonormalised(
    gram_a: Sequence[Sequence[arb]], gram_b: Sequence[Sequence[arb]]
) -> tuple[list[list[arb]], arb, arb]:
    """``transfer`` as balls, and |a_0|, |b_0|, the only coordinates of a_0 and b_0."""
    below_b = cholesky(gram_b)
    below_a = below_b if gram_a is gram_b else cholesky(gram_a)
    size = min(len(below_a), len(below_b), len(gram_a) - 1)
    # b_{i+1} on Qb, for an a_i on Qa:  transfer La^T = (rows 1..n of Lb)^T
    following = [_row(gram_b, below_b, i + 1, size) for i in range(size)]
    transfer = [[arb(0)] * size for _ in range(size)]
    for k in range(size):
        for j in range(size):
            known = sum((transfer[j][i] * below_a[k][i] for i in range(k)), arb(0))
            transfer[j][k] = (following[k][j] - known) / below_a[k][k]
    return transfer, below_a[0][0], below_b[0][0]


@lru_cache(maxsize=64)
def limit_reduction(g: float, size: int, alignment: float = 0.0) -> Reduction:
    """The reduction at N -> infinity with ``size`` chain vectors, w.m = ``alignment``.

    Raises ValueError for g outside [0, 1), |alignment| > 1 or size < 2.
    """
    one_number("g", g)
    if not 0 <= g < 1:
        raise ValueError(f"g = {g}: allowed is 0 <= g < 1")
    if not -1 <= alignment <= 1:
        raise ValueError(f"alignment {alignment}: allowed is -1 <= alignment <= 1")
    if size < 2:
        raise ValueError(f"{size} chain vectors: allowed are integers >= 2")
    return at_sufficient_precision(
        lambda: _reduction_of_moments(overlap_moments(g, alignment, 2 * size + 3)), 128 + 16 * size
    )


def instance_reduction(instance: Instance, size: int) -> Reduction:
    """The reduction of one network by Golub-Kahan steps with full reorthogonalisation.

    Costs one factorisation of I - W0 and 2 ``size`` solves. Chain vectors past the point where the
    chain closes to rounding are dropped. Raises ValueError where I - W0 is singular, or m or w zero.
    """
    return instance_bases(instance, size)[0]


def instance_bases(instance: Instance, size: int) -> tuple[Reduction, Matrix, Matrix]:
    """The same with the bases of both chains, Qa^T and Qb^T, rows of shape (n, N)."""
    from scipy.linalg import lu_solve

    factors = instance.factors
    a, b = lu_solve(factors, instance.w, trans=1), lu_solve(factors, instance.m)
    norm_a, norm_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if not (norm_a and norm_b):
        raise ValueError("m or w is zero: the gradient with respect to W vanishes")
    basis_a, basis_b = [a / norm_a], [b / norm_b]
    images = []
    while True:
        images.append(lu_solve(factors, basis_a[-1]))
        if len(images) == min(size, instance.size):
            break
        following_a = _orthogonalised(lu_solve(factors, basis_b[-1], trans=1), basis_a)
        following_b = _orthogonalised(images[-1], basis_b)
        if following_a is None or following_b is None:
            break
        basis_a.append(following_a)
        basis_b.append(following_b)
    count = len(images)
    first = np.zeros(count)
    first[0] = 1
    transfer = np.array(basis_b) @ np.array(images).T
    reduction = Reduction(transfer, first * norm_a, first * norm_b, float(instance.w @ b))
    return reduction, np.array(basis_a), np.array(basis_b)


def reduced_overlaps(reduction: Reduction, count: int) -> tuple[list[list[arb]], list[list[arb]], list[arb]]:
    """a_i.a_j, b_i.b_j and w.b_j of ``count`` chain vectors, as balls around those of the reduction.

    a_(i+1) = transfer^T b_i and b_(i+1) = transfer a_i; exact for i < size.
    """
    transfer = arb_mat([[arb(x) for x in row] for row in reduction.transfer.tolist()])
    a, b = (arb_mat([[arb(x) for x in v.tolist()]]) for v in (reduction.alpha, reduction.beta))
    rows_a, rows_b = [a], [b]
    for _ in range(count - 1):
        a, b = b * transfer, a * transfer.transpose()
        rows_a.append(a)
        rows_b.append(b)
    gram_a, gram_b = ([[(x * y.transpose())[0, 0] for y in rows] for x in rows] for rows in (rows_a, rows_b))
    return gram_a, gram_b, [arb(reduction.readout), *gram_a[0][:-1]]  # w.b_(j+1) = a_0.a_j


def _orthogonalised(vector: Matrix, basis: list[Matrix]) -> Matrix | None:
    """The unit vector of what ``vector`` adds to an orthonormal basis; None if that is rounding."""
    rows, before = np.array(basis), np.linalg.norm(vector)
    for _ in range(2):  # twice is enough (Kahan, Parlett)
        vector = vector - rows.T @ (rows @ vector)
    norm = np.linalg.norm(vector)
    if norm <= 1e-13 * before:
        return None
    return np.asarray(vector / norm)


def _reduction_of_moments(moments: Sequence[arb]) -> Reduction:
    gram = moments_gram(moments)
    return reduction_from_overlaps(gram, gram, moments[1:])


def moments_gram(moments: Sequence[arb]) -> list[list[arb]]:
    """The Gram matrix m_{i+j+2} of n + 1 chain vectors from the moments m_0..m_(2n+2)."""
    count = (len(moments) - 1) // 2
    return [[moments[i + j + 2] for j in range(count)] for i in range(count)]


def cholesky(gram: Sequence[Sequence[arb]]) -> list[list[arb]]:
    """Rows of L, lower triangular, with L L^T = gram, as far as the pivots stay positive.

    Raises ArithmeticError where the balls are too wide to tell.
    """
    below: list[list[arb]] = []
    for i in range(len(gram)):
        row = _row(gram, below, i, i)
        pivot = gram[i][i] - sum((x * x for x in row), arb(0))
        if not pivot > 0:
            if pivot.is_exact() or i == 0 or abs(pivot) < abs(gram[i][i]) * 2.0 ** (-ctx.prec // 2):
                break  # the chain closes here
            raise ArithmeticError("balls too wide for a Cholesky pivot")
        row.append(pivot.sqrt())
        below.append(row)
    return below


def _row(gram: Sequence[Sequence[arb]], below: Sequence[list[arb]], i: int, count: int) -> list[arb]:
    """Coordinates of chain vector i on the first ``count`` orthonormal vectors."""
    row: list[arb] = []
    for j in range(count):
        if j < i or i >= len(below):
            known = sum((row[k] * below[j][k] for k in range(j)), arb(0))
            row.append((gram[i][j] - known) / below[j][j])
        else:
            row.append(below[i][j] if j < len(below[i]) else arb(0))
    return row


def double(ball: arb, scale: float) -> float:
    """The ball as a double. Raises ArithmeticError where it is wide, against itself and ``scale``."""
    middle = float(ball.mid())
    if float(ball.rad()) > ROUNDED * max(abs(middle), scale):
        raise ArithmeticError("balls too wide for doubles")
    return middle
