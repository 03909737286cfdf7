"""Moments of B B^T at N -> infinity, B = (I - W0)^-1 (THEORY 3).

    mu_n = lim (1/N) tr (B B^T)^n,     m(s) = sum_k (-1)^k mu_{k+1} s^k,
    m = beta (1 - s m (1 + g^2 m)^2),  beta = 1/(1 - g^2).

In the scaled variables t = beta^3 s and m = beta (1 + v) the cubic reads
v = -t (1 + v) (1 + g^2 v)^2, and Lagrange inversion gives every coefficient in closed form:

    mu_{k+1} = beta^(3k+1) M_{k+1}(g^2),
    M_{k+1} = (1/k) sum_{i=0}^{k-1} binom(k, i+1) binom(2k, i) g^(2i),      M_1 = 1.

The integers are positive, so nothing cancels in g^2. The odd alternating words, which meet where m
and w overlap, have a closed form of the same kind,

    nu_n = lim (1/N) tr B (B^T B)^n = beta^(3n-1) N_n(g^2),      nu_0 = 1,
    N_n = (1/n) sum_{i=0}^{n-1} binom(n, i+1) binom(2n-2, i) g^(2i)

(found by inspection; the tests hold it against the recursion for general words).
"""

from __future__ import annotations

from functools import lru_cache
from math import comb
from typing import TYPE_CHECKING

from flint import fmpq_poly

from derive.reading.arguments import whole

if TYPE_CHECKING:
    import sympy


@lru_cache(maxsize=512)
def scaled_chain_moment(n: int) -> fmpq_poly:
    """M_n, with mu_n = beta^(3n-2) M_n(g^2), as a polynomial in g^2 (THEORY 3).

    Raises ValueError for n < 1.
    """
    if n < 1:
        raise ValueError(f"chain moment {n} asked for: allowed are n >= 1")
    k = n - 1
    if k == 0:
        return fmpq_poly([1])
    return fmpq_poly([comb(k, i + 1) * comb(2 * k, i) // k for i in range(k)])


def scaled_odd_moment(n: int) -> fmpq_poly:
    """N_n, with nu_n = beta^(3n-1) N_n(g^2), as a polynomial in g^2 (THEORY 3).

    Raises ValueError for n < 1.
    """
    if n < 1:
        raise ValueError(f"odd moment {n} asked for: allowed are n >= 1")
    return fmpq_poly([comb(n, i + 1) * comb(2 * n - 2, i) // n for i in range(n)])


def chain_moment(n: int) -> sympy.Expr:
    """mu_n = lim (1/N) tr (B B^T)^n as an expanded sympy polynomial in the symbol ``beta``.

    >>> chain_moment(3)
    3*beta**7 - 2*beta**6
    """
    from derive.series.symbols import beta, rational

    n = whole("chain moment", n)
    in_inverse_beta = scaled_chain_moment(n)(fmpq_poly([1, -1]))  # g^2 = 1 - 1/beta
    return sum(
        (rational(c) * beta ** (3 * n - 2 - i) for i, c in enumerate(in_inverse_beta.coeffs())),
        start=rational(0),
    )
