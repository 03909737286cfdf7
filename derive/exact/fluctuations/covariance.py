"""Covariances between networks of size N, to leading order in 1/N (THEORY 8).

    N Cov(w^T X m, w^T Y m) = phi(X Y^T),
    N Cov(m^T X m, m^T Y m) = phi(X Y^T) + phi(X Y) - 2 phi(X) phi(Y),     likewise w,     all others 0,

without the product of phi where the norms of m and w are 1 only on average. On the 2n-network that is

    N Cov(r_j, r_k) = r_j delta_jk - r_j r_k   (r: the mean of the weights of m and of w),
    N Cov(c_j, c_k) = r_j delta_jk,

and every covariance of observables, at one time or two, follows from their `Responses`.
"""

from __future__ import annotations

import numpy as np

from derive.arrays import Array

NORMS = ("exact", "average")


def overlap_covariance(weights: Array, norms: str = "exact") -> Array:
    """N times the covariance (2n, 2n) of r_1..r_n, c_1..c_n. Raises ValueError for other ``norms``."""
    if norms not in NORMS:
        raise ValueError(f"norms {norms}: allowed are {', '.join(NORMS)}")
    n = len(weights)
    result = np.diag(np.concatenate([weights, weights]))
    if norms == "exact":
        result[:n, :n] -= np.outer(weights, weights)
    return result


def variance(by: Array, covariance: Array) -> Array:
    """N Var of observables from their derivatives ``by`` (..., 2n)."""
    return np.asarray(np.maximum(np.einsum("...j,jk,...k->...", by, covariance, by), 0))


def covariances(by: Array, other: Array, covariance: Array) -> Array:
    """N Cov between every row of ``by`` (S, 2n) and of ``other`` (T, 2n): (S, T)."""
    return np.asarray(by @ covariance @ other.T)
