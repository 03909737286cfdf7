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

from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING

from flint import fmpq, fmpq_poly, fmpz_poly

from derive.reading.arguments import whole
from derive.reading.formula import as_sympy
from derive.reading.parse import parse
from derive.series.coefficient import Coefficient, Term
from derive.series.rational import Rational
from derive.series.series import Series, power_text, python_text
from derive.words.moments import scaled_chain_moment

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class LeadingCoefficient:
    """What multiplies tau^(2r-1) in s_r: number * zhat^(2r-1) * beta^p * a product of factors.

    ``factors`` are polynomials in beta, as terms with the highest power first, each with its power.
    """

    r: int
    number: fmpq
    beta_power: int
    factors: tuple[tuple[tuple[Term, ...], int], ...]
    series: Series
    """The leading term of s_r alone, as a series through tau^(2r-1)."""

    def text(self) -> str:
        """The coefficient in Python syntax, factored, in ``zhat`` and ``beta``."""
        if self.number == 0:
            return "0"
        powers = [("zhat", 2 * self.r - 1), ("beta", self.beta_power)]
        powers += [(f"({python_text(terms)})", power) for terms, power in self.factors]
        above = [str(self.number.p)] if self.number.p != 1 else []
        above += [power_text(name, power) for name, power in powers if power > 0]
        below = [str(self.number.q)] if self.number.q != 1 else []
        below += [power_text(name, -power) for name, power in powers if power < 0]
        return "/".join(["*".join(above), *below])

    def term_text(self) -> str:
        """The leading term, the coefficient times tau^(2r-1), in Python syntax."""
        return f"{self.text()}*{power_text('tau', 2 * self.r - 1)}" if self.number else "0"


def leading_coefficient(r: int, g0: bool = False) -> LeadingCoefficient:
    """The leading coefficient of s_r, r = 1, 2, ...; at g = 0 if ``g0``, zero there from s_3 on.

    Raises ValueError for r < 1.
    """
    r = whole("singular value", r)
    ratio = gram_ratio(r)
    above, below = ratio.numerator, ratio.denominator
    number = fmpq(factorial(r - 1) ** 2, factorial(2 * r - 2) * factorial(2 * r - 1))
    if g0:
        above, below = fmpq_poly([above(0) / below(0)]), fmpq_poly([1])
    y_powers = (fmpq_poly([0]),) * (r - 1) + (above * number,)
    scaled = (Coefficient(()),) * (2 * r - 1) + (Coefficient(y_powers, below) if above else Coefficient(()),)
    series = Series(f"s{r}", 1, -1, scaled, at_g0=g0)
    if g0:
        return LeadingCoefficient(r, number * above(0), 0, (), series)
    beta_power, factors = 5 * r - 4, []
    for polynomial, sign in ((above, 1), (below, -1)):
        content, parts = _in_beta(polynomial).factor()
        number *= (fmpq(content) / int(polynomial.denom())) ** sign
        beta_power -= sign * polynomial.degree()
        parts.sort(key=lambda part: (part[0].degree(), list(map(int, reversed(part[0].coeffs())))))
        factors += [(_terms(part), sign * power) for part, power in parts]
    return LeadingCoefficient(r, number, beta_power, tuple(factors), series)


def leading_singular_value(r: int) -> sympy.Expr:
    """The coefficient of tau^(2r-1) in s_r, factored, in ``zhat`` and ``beta``, r = 1, 2, ...

    Raises ValueError for r < 1.

    >>> leading_singular_value(3)
    beta**10*zhat**5*(beta - 1)/360
    """
    text = leading_coefficient(r).text()
    from derive.series.symbols import beta, zhat

    return as_sympy(parse(text, limits=None), {"zhat": zhat, "beta": beta})


def gram_ratio(r: int) -> Rational:
    """beta^(2 - 3r) D_r as a quotient of polynomials in g^2."""
    size, first = (r + 1) // 2, 1 + (r - 1) % 2
    rows = [[Rational(scaled_chain_moment(first + i + j)) for j in range(size)] for i in range(size)]
    for k in range(size - 1):  # elimination: the last pivot is the ratio of determinants
        for i in range(k + 1, size):
            multiple = rows[i][k] / rows[k][k]
            rows[i] = [x - multiple * y for x, y in zip(rows[i], rows[k], strict=True)]
    return rows[-1][-1]


def _in_beta(polynomial: fmpq_poly) -> fmpz_poly:
    """beta^degree times a polynomial in g^2 = 1 - 1/beta, times its common denominator."""
    in_inverse_beta = fmpq_poly(polynomial.numer())(fmpq_poly([1, -1])).numer()
    return fmpz_poly([in_inverse_beta[polynomial.degree() - i] for i in range(polynomial.degree() + 1)])


def _terms(polynomial: fmpz_poly) -> tuple[Term, ...]:
    """A polynomial in beta as terms, the highest power first."""
    coefficients = list(enumerate(polynomial.coeffs()))
    return tuple(Term(fmpq(c), 0, power) for power, c in reversed(coefficients) if c != 0)
