"""The loss after W0 is replaced by an independent copy, at N -> infinity, at any time (THEORY 3, 4).

Every resolvent B' = (I - W0')^-1 of the copy stands alone between words of W0, where its limit is the
identity. So with the change that was learned, W - W0 = sum_ij C_ij a_i b_j^T,

    z' = u^T C (1 - X C)^-1 u,     u_i = w.a_i = m.b_i = nu_{i/2} (i even),
    X_ji = b_j.a_i = nu_{(i+j+1)/2} (i + j odd), all others 0,     nu_n = lim (1/N) tr B (B^T B)^n,

here for C on the orthonormalised chain, a_i = sum_k L_ik Qa_k with the Gram matrix G = L L^T, as a
`LearningPath` gives it. L is ill-conditioned; it is taken, and drops out, in ball arithmetic. To
first order z' = zhat/beta^2 at the end of learning: L'/L0 = g^4 (2 - g^2)^2, the printed law.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from flint import arb, arb_mat

from derive.arrays import Array
from derive.exact.learning_curve import LearningCurve
from derive.flow.reduction import cholesky, double, moments_gram
from derive.series.balls import at_sufficient_precision
from derive.words.overlap_moments import overlap_moments


def shuffled_readout(g: float, change: Array) -> Array:
    """z' for W - W0 in orthonormal chain coordinates, shape (..., n, n)."""
    X, u = _overlaps(g, change.shape[-1])
    inverse = np.linalg.inv(np.eye(len(u)) - X @ change)
    return np.asarray(np.einsum("i,...ij,...jk,k->...", u, change, inverse, u))


def shuffled_loss(g: float, curve: LearningCurve, T: float) -> float:
    """(zhat - z')^2/2 where the curve of the limit at this g has come the distance T, 0 <= T <= T_e."""
    change = curve.path.change(np.array(T))
    return float((curve.zhat - shuffled_readout(g, change)) ** 2 / 2)


@lru_cache(maxsize=64)
def _overlaps(g: float, count: int) -> tuple[Array, Array]:
    """X and u on the orthonormalised chains of ``count`` vectors."""

    def rounded() -> tuple[Array, Array]:
        moments = overlap_moments(g, 1, 2 * count + 1)  # m_2n = mu_n, m_(2n+1) = nu_n
        even = [x if n % 2 == 0 else arb(0) for n, x in enumerate(moments)]
        odd = [x if n % 2 else arb(0) for n, x in enumerate(moments)]
        below = cholesky(moments_gram(even))
        if len(below) < count:
            raise ArithmeticError("balls too wide for the whole chain")
        lower = arb_mat([row + [arb(0)] * (count - len(row)) for row in below])
        half = lower.solve(arb_mat(moments_gram(odd)))
        X = lower.solve(half.transpose())  # L^-1 X L^-T, symmetric
        u = lower.solve(arb_mat([[odd[i + 1]] for i in range(count)]))
        return _doubles(X), _doubles(u)[:, 0]

    return at_sufficient_precision(rounded, 128 + 16 * count)


def _doubles(matrix: arb_mat) -> Array:
    scale = max(float(abs(x).mid()) for x in matrix.entries())
    return np.array([[double(x, scale) for x in row] for row in matrix.tolist()])
