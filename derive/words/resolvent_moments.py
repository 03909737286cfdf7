"""Moments of words with resolvents B_l = (l - W0)^-1, exact in beta and every l (THEORY 3).

The recursion of `derive.words.word_moments` runs on polynomials in g^2, the l, the 1/l and
1/(l k - g^2), the last two as variables of their own; they are put over one denominator once, at
the end, where 1/(l k - g^2) = beta/(beta (l k - 1) + 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx

from derive.series.polynomial_text import flint_text
from derive.words.letters import Letter, points
from derive.words.word_moments import WordMoment, trace_moment


@dataclass(frozen=True)
class ResolventQuotient:
    """numerator/(scale * product of factors**power) in lowest terms, integer polynomials in ``variables``."""

    variables: tuple[str, ...]
    numerator: fmpq_mpoly
    scale: int
    factors: tuple[tuple[fmpq_mpoly, int], ...]


def resolvent_moment(letters: Sequence[Letter]) -> WordMoment:
    """phi of a word as a quotient in beta and the l, the denominator in factors."""
    quotient = resolvent_quotient(letters)
    parts = [str(quotient.scale)] if quotient.scale != 1 else []
    for factor, power in quotient.factors:
        text = flint_text(factor)
        base = f"({text})" if " " in text else text
        parts.append(base if power == 1 else f"{base}**{power}")
    return WordMoment(flint_text(quotient.numerator), "*".join(parts) or "1")


def resolvent_quotient(letters: Sequence[Letter], in_beta: bool = True) -> ResolventQuotient:
    """phi of a word in beta and the names of the l, or else in g^2, named ``square``, and these."""
    at = points(letters)
    scalars = _Resolvents(at)
    value = trace_moment([(at.index(letter.point), letter.transposed) for letter in letters], scalars)
    numerator, denominator = scalars.quotient(value, in_beta)
    common = numerator.gcd(denominator)
    content, factors = (denominator / common).factor()
    numerator = numerator / common / content
    scale = lcm(*(int(c.q) for c in numerator.coeffs()))
    return ResolventQuotient(
        ("beta" if in_beta else "square", *scalars.names),
        numerator * scale,
        scale,
        tuple(sorted(((factor, int(power)) for factor, power in factors), key=_by_length)),
    )


class _Resolvents:
    """Scalars of the recursion: polynomials in 1/l, 1/(l k - g^2), g^2 and l, in this order."""

    def __init__(self, at: Sequence[Fraction | str]) -> None:
        self.names = [p for p in at if isinstance(p, str)]
        self.at, self.memo = at, dict[str, fmpq_mpoly]()
        self.pairs = [(i, j) for j in range(len(at)) for i in range(j + 1)]
        variables = [f"inverse_{i}" for i in range(len(at))]
        variables += [f"closing_{i}_{j}" for i, j in self.pairs]
        generators = fmpq_mpoly_ctx.get([*variables, "square", *self.names], Ordering.lex).gens()
        self.one = generators[0] * 0 + 1
        self.inverse = generators[: len(at)]
        self.closing = dict(zip(self.pairs, generators[len(at) :], strict=False))
        self.square = generators[len(variables)]
        self.values = self._values(generators[len(variables) + 1 :], self.one)

    def _values(self, named: Sequence[fmpq_mpoly], one: fmpq_mpoly) -> list[fmpq_mpoly]:
        by_name = dict(zip(self.names, named, strict=True))
        return [by_name[p] if isinstance(p, str) else one * fmpq(p.numerator, p.denominator) for p in self.at]

    def split(self, left: fmpq_mpoly, right: fmpq_mpoly) -> Any:
        return self.square * left * right

    def opened(self, i: int, total: fmpq_mpoly) -> Any:
        return total * self.inverse[i]

    def closed(self, i: int, j: int, total: fmpq_mpoly) -> Any:
        return total * self.values[j] * self.closing[min(i, j), max(i, j)]

    def quotient(self, value: fmpq_mpoly, in_beta: bool) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        """The value as numerator and denominator in beta or g^2, and the names."""
        variable = "beta" if in_beta else "square"
        first, *named = fmpq_mpoly_ctx.get([variable, *self.names], Ordering.lex).gens()
        one = first * 0 + 1
        at = self._values(named, one)
        inverses = [(one, l) for l in at]  # noqa: E741
        if in_beta:
            inverses += [(first, first * (at[i] * at[j] - 1) + 1) for i, j in self.pairs]
            inverses += [(first - 1, first)]  # g^2
        else:
            inverses += [(one, at[i] * at[j] - first) for i, j in self.pairs]
            inverses += [(first, one)]
        powers = value.monoms()
        highest = [max(monomial[n] for monomial in powers) for n in range(len(inverses))]
        numerator, denominator = first * 0, one
        for (_, below), top in zip(inverses, highest, strict=True):
            denominator *= below**top
        for monomial, coefficient in zip(powers, value.coeffs(), strict=True):
            term = one * coefficient
            for (above, below), power, top in zip(inverses, monomial, highest, strict=False):
                term *= above**power * below ** (top - power)
            for name, power in zip(named, monomial[len(inverses) :], strict=True):
                term *= name**power
            numerator += term
        return numerator, denominator


def _by_length(factor: tuple[fmpq_mpoly, int]) -> tuple[int, str]:
    text = flint_text(factor[0])
    return len(text), text
