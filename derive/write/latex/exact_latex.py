"""Series with exact coefficients in named symbols in LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd, lcm

from derive.document.variables import latex_name
from derive.series.exact_scalars import Polynomial, Powers
from derive.series.exact_series import ExactSeries
from derive.write.latex.latex_layout import Group, Page, fraction, joined, monomial, power
from derive.write.latex.latex_series import TAU
from derive.write.latex.width import width


def exact_groups(series: ExactSeries, on: Page) -> list[Group]:
    """One group per power of tau and denominator: a fraction times a sum with integer coefficients."""
    scalars = series.scalars
    names = [latex_name(name) for name in scalars.names]

    def monomials(terms: Mapping[Powers, int]) -> tuple[tuple[bool, str], ...]:
        return tuple(monomial(integer, zip(names, powers, strict=True)) for powers, integer in terms.items())

    factors = [sorted(monomials({p: int(c.p) for p, c in f.items()})) for f in scalars.factors]
    groups = []
    for k, coefficient in enumerate(series.coefficients):
        for powers, numerator in scalars.fractions(coefficient).items():
            integers, above, below = _integers(numerator)
            bottom = [
                power(joined(factor) if len(factor) == 1 else rf"({joined(factor)})", p)
                for factor, p in zip(factors, powers, strict=True)
                if p
            ]
            text = " ".join([*([str(below)] if below != 1 else []), *bottom])
            if width(text) < on.inside / 2:
                prefix = rf"\frac{{{above}}}{{{text}}}" if text else str(above) if above != 1 else ""
                groups.append(Group(prefix, monomials(integers), power(TAU, k)))
                continue
            behind = tuple(
                power(joined(factor) if len(factor) == 1 else rf"({joined(factor)})", -p)
                for factor, p in zip(factors, powers, strict=True)
                if p
            )
            groups.append(Group(fraction(above, below), monomials(integers), power(TAU, k), behind=behind))
    return groups


def _integers(terms: Polynomial) -> tuple[dict[Powers, int], int, int]:
    """Integers without a common divisor, and numerator and denominator of what they are multiplied by."""
    pairs = {powers: (int(c.p), int(c.q)) for powers, c in terms.items()}
    above, below = gcd(*(p for p, _ in pairs.values())), lcm(*(q for _, q in pairs.values()))
    return {powers: p // above * (below // q) for powers, (p, q) in pairs.items()}, above, below
