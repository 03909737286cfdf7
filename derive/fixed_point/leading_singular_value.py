"""The leading coefficient of every singular value of W - W0 in closed form (THEORY 4).

At N -> infinity, independent m and w, W alone learning. To leading order s = zhat tau and, from the
chain recursion, p_i = beta^i s^i/i!, hence C_ij = beta^(i+j) s^(i+j+1)/(i! j! (i+j+1)): a Hilbert
matrix up to factors of rows and columns, with the determinant's closed form. So

    s_r = [det C_r det G_r]/[det C_(r-1) det G_(r-1)] (1 + O(tau))
        = zhat^(2r-1) beta^(2r-2) (r-1)!^2/[(2r-2)! (2r-1)!] D_r tau^(2r-1) (1 + O(tau)),

D_r = det G_r/det G_(r-1) the ratio of two Hankel determinants of the moments: of mu_1, mu_2, ... for
odd r, of mu_2, mu_3, ... for even r.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING

from flint import fmpq_poly

from derive.algebra.moments import scaled_chain_moment
from derive.algebra.rational import Rational

if TYPE_CHECKING:
    import sympy


def leading_singular_value(r: int) -> sympy.Expr:
    """The coefficient of tau^(2r-1) in s_r, factored, in ``zhat`` and ``beta``, r = 1, 2, ...

    Raises ValueError for r < 1.

    >>> leading_singular_value(3)
    beta**10*zhat**5*(beta - 1)/360
    """
    if isinstance(r, bool) or not isinstance(r, int) or r < 1:
        raise ValueError(f"singular value {r!r}: allowed are integers >= 1")
    import sympy

    from derive.algebra.symbols import beta, rational, zhat

    ratio = gram_ratio(r)
    factor = sympy.Rational(factorial(r - 1) ** 2, factorial(2 * r - 2) * factorial(2 * r - 1))

    def expression(polynomial: fmpq_poly) -> sympy.Expr:
        return sum(
            (rational(c) * (1 - 1 / beta) ** i for i, c in enumerate(polynomial.coeffs())), rational(0)
        )

    quotient = expression(ratio.numerator) / expression(ratio.denominator)
    return sympy.factor(factor * zhat ** (2 * r - 1) * beta ** (2 * r - 2 + 3 * r - 2) * quotient)


def gram_ratio(r: int) -> Rational:
    """beta^(2 - 3r) D_r as a quotient of polynomials in g^2."""
    size, first = (r + 1) // 2, 1 + (r - 1) % 2
    rows = [[Rational(scaled_chain_moment(first + i + j)) for j in range(size)] for i in range(size)]
    for k in range(size - 1):  # elimination: the last pivot is the ratio of determinants
        for i in range(k + 1, size):
            multiple = rows[i][k] / rows[k][k]
            rows[i] = [x - multiple * y for x, y in zip(rows[i], rows[k], strict=True)]
    return rows[-1][-1]
