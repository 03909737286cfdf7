"""The moment of one word as a document.

Words in B and B^T are polynomials in beta. With resolvents (l - W0)^-1 the result is a quotient, here
in g^2 and the l, whose denominators are 1 - g^2, l - g^2 and l k - g^2 (THEORY 3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flint import fmpq, fmpz_poly

from derive.document.model import Data, Document, Formula, Lines, Section
from derive.words.letters import Letter, points
from derive.words.phi import word_moment
from derive.words.resolvent_moments import resolvent_quotient
from derive.words.word_moments import plain_moment

Terms = Mapping[tuple[int, ...], Any]

TAKEN = ("g",)
"""Names that the result itself has."""


@dataclass(frozen=True)
class FactoredMoment:
    """phi(letters) = numerator/(scale * product of factors**power): each
    a sum of terms, from powers of ``variables`` to numbers.
    """

    letters: tuple[Letter, ...]
    variables: tuple[str, ...]
    numerator: Terms
    scale: int
    factors: tuple[tuple[Terms, int], ...]


def moment_document(letters: Sequence[Letter]) -> Document:
    """phi(word). Raises ValueError for a point that has the name of g or beta."""
    for point in points(letters):
        if point in TAKEN:
            raise ValueError(f"B[{point}]: allowed as names of points are others than {' and '.join(TAKEN)}")
    text = word_text(letters)
    formula = Formula(
        (), "", in_beta(letters) if is_plain(letters) else in_square(letters), formats=("latex",)
    )
    return Document(
        ("moment", text),
        f"moment_{_label(text)}",
        "",
        (
            Section(
                (
                    Lines(lambda: [str(word_moment(letters))]),
                    Data(("moment",), lambda: str(word_moment(letters))),
                    formula,
                )
            ),
        ),
        facts={"word": text},
        comments=(
            r"\varphi(word) = lim (1/N) tr(word) at N -> infinity, B = (I - W_0)^{-1}, B_l = (l - W_0)^{-1},",
            "beta = 1/(1 - g^2), W_0 of independent entries of variance g^2/N.",
        ),
        heading="The moment of a word",
    )


def word_text(letters: Sequence[Letter]) -> str:
    """The word as it is read."""
    return " ".join(str(letter) for letter in letters)


def _label(text: str) -> str:
    plain = text.replace("'", "T").replace("/", "over").replace("-", "minus")
    return re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")


def is_plain(letters: Sequence[Letter]) -> bool:
    return all(letter.point == 1 for letter in letters)


def in_beta(letters: Sequence[Letter]) -> FactoredMoment:
    coefficients = plain_moment([letter.transposed for letter in letters]).coeffs()
    return FactoredMoment(tuple(letters), ("beta",), _univariate(coefficients), 1, ())


def in_square(letters: Sequence[Letter]) -> FactoredMoment:
    """The signs of the denominators such that they are positive at g = 0."""
    if is_plain(letters):
        polynomial = plain_moment([letter.transposed for letter in letters])
        scaled = fmpz_poly(polynomial.coeffs()[::-1])(fmpz_poly([1, -1]))  # over beta^degree
        below = ((_univariate([1, -1]), polynomial.degree()),) if polynomial.degree() else ()
        return FactoredMoment(tuple(letters), ("square",), _univariate(scaled.coeffs()), 1, below)
    quotient = resolvent_quotient(letters, in_beta=False)
    numerator, factors = quotient.numerator, []
    for factor, exponent in quotient.factors:
        terms = factor.to_dict()
        if terms[min(terms)] < 0:  # the term without g^2
            terms, numerator = (-factor).to_dict(), numerator * (-1) ** exponent
        factors.append((terms, exponent))
    return FactoredMoment(
        tuple(letters), quotient.variables, numerator.to_dict(), quotient.scale, tuple(factors)
    )


def is_x(factor: Terms) -> bool:
    """Whether it is 1 - g^2."""
    return sorted((powers[0], sum(powers[1:]), c) for powers, c in factor.items()) == [(0, 0, 1), (1, 0, -1)]


def _univariate(coefficients: Sequence[Any]) -> Terms:
    return {(n,): fmpq(c) for n, c in enumerate(coefficients) if c != 0}


def ordered(polynomial: Terms, falling: bool) -> list[tuple[tuple[int, ...], Any]]:
    """Terms by falling powers of beta, or by rising powers of g^2 and falling ones of the l."""
    return sorted(
        polynomial.items(),
        key=lambda term: (-term[0][0] if falling else term[0][0], [-n for n in term[0][1:]]),
    )
