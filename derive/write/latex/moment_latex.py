"""The moment of a word in LaTeX: its left side, and the quotient behind the equals sign."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

from derive.document.moment import FactoredMoment, Terms, is_plain, ordered
from derive.document.variables import latex_name
from derive.words.letters import Letter
from derive.write.latex.latex_layout import Group, Page, joined, monomial, power
from derive.write.latex.width import width

LONGEST = 0.55  # of a line: a numerator or a denominator in a fraction


def moment_groups(formula: FactoredMoment, on: Page) -> list[Group]:
    """What phi(word) is."""
    letters = formula.letters
    plain = is_plain(letters)
    names = [r"\drvbeta" if plain else r"\drvg", *(_point_latex(name) for name in formula.variables[1:])]

    def terms(polynomial: Terms) -> list[tuple[bool, str]]:
        step = 1 if plain else 2  # the first variable is beta, or g^2
        return [
            monomial(c, zip(names, (step * powers[0], *powers[1:]), strict=True))
            for powers, c in ordered(polynomial, plain)
        ]

    numerator = terms(formula.numerator)
    factors = [(str(formula.scale), 1)] if formula.scale != 1 else []
    for factor, exponent in formula.factors:
        text = joined(terms(factor))
        alone = exponent == 1 and (len(factor) == 1 or (not factors and len(formula.factors) == 1))
        factors.append((text if alone else f"({text})", exponent))
    return _quotient(numerator, factors, on)


def _quotient(numerator: list[tuple[bool, str]], factors: list[tuple[str, int]], on: Page) -> list[Group]:
    """One fraction, 1/denominator times the numerator, or negative powers, as the lengths ask for."""
    if not factors:
        return [Group("", (term,), "") for term in numerator]
    denominator = r"\,".join(power(text, exponent) for text, exponent in factors)
    if width(denominator) > on.inside * LONGEST:
        behind = tuple(rf"{_closed(text)}^{{-{exponent}}}" for text, exponent in factors)
        return [Group("", tuple(numerator), "", behind=behind)]
    if width(joined(numerator)) > on.inside * LONGEST:
        return [Group(rf"\frac{{1}}{{{denominator}}}", tuple(numerator), "")]
    negative = numerator[0][0]
    above = joined((sign != negative, body) for sign, body in numerator)
    return [Group("", ((negative, rf"\frac{{{above}}}{{{denominator}}}"),), "")]


def _closed(text: str) -> str:
    return text if text.startswith("(") else f"({text})"


def _point_latex(point: Fraction | str) -> str:
    """A point of a resolvent: a number, or a name."""
    return latex_name(point) if isinstance(point, str) else str(point)


def word_pieces(letters: Sequence[Letter]) -> list[str]:
    """phi of the word, equal neighbours as powers, in pieces that lines may be broken between."""
    factors = []
    for letter, run in groupby(letters):
        base = r"\drvBT" if letter.transposed else r"\drvB"
        base += "" if letter.point == 1 else f"_{{{_point_latex(letter.point)}}}"
        count = len(list(run))
        factors.append(power(f"({base})" if letter.transposed and count > 1 else base, count))
    return (
        [rf"\drvphi({factors[0]}", *factors[1:-1], f"{factors[-1]})"]
        if factors[1:]
        else [rf"\drvphi({factors[0]})"]
    )
