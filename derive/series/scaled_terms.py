"""One coefficient of ttilde^k, ordered for printing: a rational number times integers.

content * sum of integer * (zhat^2 beta)^j g^(2i)  [/ sum of integer * g^(2i)]

Where m and w overlap: with Delta = zhat - rho in the place of zhat, and further factors
(rho Delta)^k and (rho^2/beta)^l, in the denominator too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd, lcm

from flint import fmpq

from derive.series.coefficient import Coefficient, Part


@dataclass(frozen=True)
class Monomial:
    """``integer * (zhat^2 beta)^y_power * g^(2 u_power) * (rho Delta)^x_power * (rho^2/beta)^v_power``."""

    integer: int
    y_power: int
    u_power: int
    x_power: int = 0
    v_power: int = 0

    @property
    def powers(self) -> tuple[int, int, int]:
        """The powers of zhat (or Delta), of beta and of rho."""
        y, x, v = self.y_power, self.x_power, self.v_power
        return 2 * y + x, y - v, x + 2 * v


@dataclass(frozen=True)
class ScaledTerms:
    """``content * sum(monomials) / sum(denominator)``; the content carries the common sign."""

    content: fmpq
    monomials: tuple[Monomial, ...]
    denominator: tuple[Monomial, ...]


def scaled_terms(coefficient: Coefficient) -> ScaledTerms:
    """Split a nonzero coefficient; monomials rise in zhat^2 beta, then in g^2."""
    above_parts, below_parts = coefficient.parts()
    content, monomials = _primitive(above_parts)
    below, denominator = _primitive(below_parts)
    return ScaledTerms(content / below, monomials, denominator)


def _primitive(parts: tuple[Part, ...]) -> tuple[fmpq, tuple[Monomial, ...]]:
    """Coprime integer monomials, the first one positive, and the rational factor before them."""
    entries = [
        (c, (max(e - r, 0) // 2, i, min(r, e), max(r - e, 0) // 2))
        for r, e, polynomial in parts
        for i, c in enumerate(polynomial.coeffs())
        if c
    ]
    common = lcm(*(int(c.q) for c, _ in entries))
    integers = [int(c.p) * (common // int(c.q)) for c, _ in entries]
    divisor = gcd(*integers) * (1 if integers[0] > 0 else -1)
    monomials = tuple(
        Monomial(integer // divisor, *powers) for integer, (_, powers) in zip(integers, entries, strict=True)
    )
    return fmpq(divisor, common), monomials
