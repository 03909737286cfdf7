"""The overlaps of the chain as one measure on the real line, and how it differs between networks (THEORY 8).

With M = [[0, B], [B^T, 0]] and v = (w, m), every overlap that learning depends on is a moment

    X_k = v^T M^k v/2 = integral of x^k dsigma,

m^T (B^T B)^(k/2) m and w's in the mean for even k, w^T B (B^T B)^((k-1)/2) m for odd k;
at N = infinity mu_(k/2), or rho nu_((k-1)/2) where w.m = rho. Its n Gauss nodes x_j and weights r_j make the
network I - W0 = diag(1/x_j), m = w = (sqrt r_j). Networks of size N have other weights: with the word moments
T(k, l) of `derive.words.junction_moments`, from the covariances of quadratic forms of vectors whose overlaps
are exact,

    N Cov(X_k, X_l) = m_(k+l) - products + rho^(2 or 1) T(k, l),    rho^2 for k - l even, rho for k - l odd,

where products are those of the means, and are left out where norms and overlap are right on average only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from flint import arb, arb_mat

from derive.arrays import Array
from derive.exact.fluctuations.covariance import NORMS
from derive.flow.reduction import Reduction, orthonormalised
from derive.series.balls import at_sufficient_precision
from derive.words.junction_moments import junction_moments
from derive.words.overlap_moments import overlap_moments


@dataclass(frozen=True, eq=False)
class OverlapMeasure:
    """``nodes`` x_j and ``weights`` r_j (n,) at one g and ``alignment`` rho."""

    g: float
    alignment: float
    nodes: Array
    weights: Array

    def reduction(self, w_weights: Array, m_weights: Array) -> Reduction:
        """The learning problem of w = (sqrt w_weights), m = (sqrt m_weights)."""
        w, m = np.sqrt(w_weights), np.sqrt(m_weights)
        x = self.nodes
        return Reduction(np.diag(x), x * w, x * m, float(np.sum(x * w * m)))

    def covariance(self, norms: str = "exact") -> Array:
        """N Cov of the weights (n, n). Raises ValueError for norms other than exact and average.

        An ``alignment`` of 0 is that of independent m and w, whose product fluctuates.
        """
        if norms not in NORMS:
            raise ValueError(f"norms {norms}: allowed are {', '.join(NORMS)}")
        n, r = len(self.nodes), self.weights
        if self.alignment == 0:
            return np.asarray(np.diag(r) - (np.outer(r, r) if norms == "exact" else 0.0))

        def further() -> list[list[float]]:
            moments = overlap_moments(self.g, 1.0, n)  # mu and nu, without rho
            crossed, rho = junction_moments(self.g, n), arb(self.alignment)
            table = []
            for k in range(n):
                row = []
                for j in range(n):
                    odd = (k - j) % 2
                    factor = rho if odd else rho * rho
                    product = moments[k] * moments[j] * (2 * rho if odd else 1 + rho * rho)
                    row.append(factor * crossed[k][j] - (product if norms == "exact" else 0))
                table.append(row)
            powers = arb_mat([[arb(x) ** k for x in self.nodes.tolist()] for k in range(n)])
            half = powers.solve(arb_mat(table))
            return rounded_rows(powers.solve(half.transpose()))

        return np.asarray(np.diag(r) + np.array(at_sufficient_precision(further, 128 + 32 * n)))


@lru_cache(maxsize=32)
def overlap_measure(g: float, alignment: float, nodes: int) -> OverlapMeasure:
    """The limit's measure in at most so many Gauss nodes, fewer where it has fewer points (g = 0).

    Raises ValueError for g outside [0, 1) and |alignment| > 1.
    """
    if not 0 <= g < 1:
        raise ValueError(f"g = {g}: allowed is 0 <= g < 1")
    if not -1 <= alignment <= 1:
        raise ValueError(f"alignment {alignment}: allowed is -1 <= alignment <= 1")

    def jacobi() -> list[list[float]]:
        moments = overlap_moments(g, alignment, 2 * nodes + 2)
        gram = [[moments[i + j] for j in range(nodes + 1)] for i in range(nodes + 1)]
        transfer, _, _ = orthonormalised(gram, gram)
        return rounded_rows(arb_mat(transfer))

    matrix = np.array(at_sufficient_precision(jacobi, 128 + 32 * nodes))
    values, vectors = np.linalg.eigh(matrix)
    return OverlapMeasure(g, alignment, values, np.asarray(vectors[0] ** 2))


def rounded_rows(matrix: arb_mat) -> list[list[float]]:
    """Rounded; raises ArithmeticError where the balls are too wide."""
    rows: Sequence[Sequence[arb]] = matrix.tolist()
    scale = max(float(abs(x).mid()) for row in rows for x in row)
    if any(float(x.rad()) > 2.0**-60 * scale for row in rows for x in row):
        raise ArithmeticError("balls too wide for doubles")
    return [[float(x.mid()) for x in row] for row in rows]
