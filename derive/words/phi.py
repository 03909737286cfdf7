"""phi(word) = lim (1/N) tr(word) for any word, from its text (THEORY 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flint import fmpq

from derive.reading.formula import as_sympy
from derive.reading.parse import parse
from derive.series.coefficient import Term
from derive.series.series import python_text
from derive.words.letters import Letter, parse_word, points
from derive.words.resolvent_moments import resolvent_moment
from derive.words.word_moments import WordMoment, plain_moment

if TYPE_CHECKING:
    import sympy


def moment(word: str | Sequence[str]) -> sympy.Expr:
    """phi(word) = lim (1/N) tr(word) at N -> infinity, exactly, for any word (THEORY 3).

    ``word`` holds the letters B, B', B[l], B[l]' (the inverse of l - W0; |l| > g is assumed), as
    text separated by spaces or as a sequence of letters. The result is a polynomial in ``beta``
    (derive.beta); with resolvents, a quotient of polynomials in ``beta`` and sympy.Symbol(l).
    Raises ValueError, naming the letter, for any other.

    >>> moment("B B B' B'")
    2*beta**3 - beta**2
    >>> moment("B[lam] B[lam]'")
    beta/(beta*lam**2 - beta + 1)
    """
    import sympy

    from derive.series.symbols import beta

    letters = parse_word(word)
    names = {p: sympy.Symbol(p) for p in points(letters) if isinstance(p, str)} | {"beta": beta}
    text = word_moment(letters)
    above, below = (as_sympy(parse(t, limits=None), names) for t in (text.numerator, text.denominator))
    quotient: sympy.Expr = above / below
    return quotient


def word_moment(letters: Sequence[Letter]) -> WordMoment:
    """phi of a word as text; see `moment`."""
    if all(letter.point == 1 for letter in letters):
        polynomial = plain_moment([letter.transposed for letter in letters])
        terms = [Term(fmpq(c), 0, power) for power, c in enumerate(polynomial.coeffs()) if c != 0]
        return WordMoment(python_text(terms[::-1]))
    return resolvent_moment(letters)
