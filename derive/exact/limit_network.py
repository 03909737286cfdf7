"""N = infinity as a small deterministic network (THEORY 5).

Let rho be the spectral measure of B B^T with moments mu_n, and x_k, r_k its n Gauss nodes and
weights. The N -> infinity problem equals, to the order that the first 2n moments fix, and for
growing n at all tau, the network of size 2n

    I - W0  ->  diag(x_k^(-1/2)) (+) diag(x_k^(-1/2)),    w -> (sqrt r, 0),    m -> (0, sqrt r).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from derive.arrays import Array
from derive.flow.instance import Instance
from derive.reading.arguments import one_number, whole
from derive.words.moments import scaled_chain_moment


def gauss_nodes(g: float, count: int) -> tuple[Array, Array]:
    """Nodes x_k and weights r_k of the Gauss rule of rho with at most ``count`` nodes.

    Exact moments of the binary number g give the Jacobi matrix by Chebyshev's algorithm in
    rational arithmetic (Golub-Welsch); at g = 0 rho is one point and so is the rule. Raises
    ValueError for g outside [0, 1) or count < 1.
    """
    one_number("g", g)
    count = whole("nodes", count)
    if not 0 <= g < 1:
        raise ValueError(f"g = {g}: allowed is 0 <= g < 1")
    diagonal, squares = jacobi_matrix(_moments(g, 2 * count))
    from scipy.linalg import eigh_tridiagonal

    off_diagonal = [float(np.sqrt(_float(x))) for x in squares]
    nodes, vectors = eigh_tridiagonal([_float(x) for x in diagonal], off_diagonal)
    return np.asarray(nodes, dtype=np.float64), np.asarray(vectors[0] ** 2, dtype=np.float64)


def limit_network(g: float, nodes: int = 12) -> Instance:
    """The deterministic 2n-network that stands for N = infinity, n = ``nodes``.

    n nodes carry the Taylor series exactly through tau^(2n-1) at least.
    """
    x, r = gauss_nodes(g, nodes)
    none = np.zeros_like(r)
    W0 = np.diag(1 - 1 / np.sqrt(np.concatenate([x, x])))
    root = np.sqrt(r)
    return Instance(W0, m=np.concatenate([none, root]), w=np.concatenate([root, none]))


def _moments(g: float, count: int) -> list[fmpq]:
    """mu_0 = 1, mu_1, ..., exactly."""
    exact = Fraction(g)
    square = fmpq(exact.numerator, exact.denominator) ** 2
    beta = 1 / (1 - square)
    return [fmpq(1)] + [beta ** (3 * n - 2) * scaled_chain_moment(n)(square) for n in range(1, count)]


def jacobi_matrix(moments: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Diagonal and squared off-diagonal of the Jacobi matrix of a measure (Chebyshev's algorithm).

    From its moments, exact or balls; it ends where a norm is not known to be positive.
    """
    count, zero = len(moments), 0 * moments[0]
    previous, current = [zero] * count, list(moments)
    diagonal, squares = [current[1] / current[0]], list[Any]()
    for k in range(1, count // 2):
        norm = squares[-1] if squares else zero
        following = [zero] * count
        for n in range(k, count - k):
            following[n] = current[n + 1] - diagonal[-1] * current[n] - norm * previous[n]
        if not following[k] > 0:
            break
        squares.append(following[k] / current[k - 1])
        diagonal.append(following[k + 1] / following[k] - current[k] / current[k - 1])
        previous, current = current, following
    return diagonal, squares


def _float(value: fmpq) -> float:
    return float(Fraction(int(value.p), int(value.q)))
