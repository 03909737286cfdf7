"""One coefficient of ttilde^k, ordered for printing: a rational number times integers.

content * sum of integer * (zhat^2 beta)^j g^(2i)  [/ sum of integer * g^(2i)]
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd, lcm

from flint import fmpq, fmpq_poly

from derive.algebra.series import Coefficient


@dataclass(frozen=True)
class Monomial:
    """``integer * (zhat^2 beta)^y_power * g^(2 u_power)``."""

    integer: int
    y_power: int
    u_power: int


@dataclass(frozen=True)
class ScaledTerms:
    """``content * sum(monomials) / sum(denominator)``; the content carries the common sign."""

    content: fmpq
    monomials: tuple[Monomial, ...]
    denominator: tuple[Monomial, ...]


def scaled_terms(coefficient: Coefficient) -> ScaledTerms:
    """Split a nonzero coefficient; monomials rise in zhat^2 beta, then in g^2."""
    content, monomials = _primitive(coefficient.numerators)
    below, denominator = _primitive((coefficient.denominator,))
    return ScaledTerms(content / below, monomials, denominator)


def _primitive(polynomials: tuple[fmpq_poly, ...]) -> tuple[fmpq, tuple[Monomial, ...]]:
    """Coprime integer monomials, the first one positive, and the rational factor before them."""
    entries = [
        (c, j, i) for j, polynomial in enumerate(polynomials) for i, c in enumerate(polynomial.coeffs()) if c
    ]
    common = lcm(*(int(c.q) for c, _, _ in entries))
    integers = [int(c.p) * (common // int(c.q)) for c, _, _ in entries]
    divisor = gcd(*integers) * (1 if integers[0] > 0 else -1)
    monomials = tuple(
        Monomial(integer // divisor, j, i) for integer, (_, j, i) in zip(integers, entries, strict=True)
    )
    return fmpq(divisor, common), monomials
