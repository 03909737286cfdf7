"""Moments of any word in B, B^T and resolvents at N -> infinity, by Gaussian integration by parts.

THEORY 3. With B_l = (l - W0)^-1, B = B_1, W0 of i.i.d. N(0, g^2/N) entries, |l| > g, and T the
transpose (no conjugate, for complex l too), phi(word) = lim (1/N) tr(word) obeys

    phi(B_l Y) = (1/l) [phi(Y) + g^2 sum over Y = Y1 B_k^T Y2 of phi(B_l Y1 B_k^T) phi(B_k^T Y2)],

and the same with all transposes exchanged, since W0 and W0^T have one law. Where the word ends in
B_k^T, the last split (Y2 empty) repeats the unknown; moved to the left it turns the factor 1/l
into k/(l k - g^2), which is beta at l = k = 1. Every word on the right is a contiguous part of the
word on the left, so a table over the parts, from the short to the long, takes n^3/6 products for n
letters; words are remembered up to cyclic rotation and transposition.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from flint import fmpq, fmpz_poly

from derive.algebra.coefficient import Term
from derive.algebra.series import python_text

if TYPE_CHECKING:
    import sympy

LETTER = re.compile(r"B(?:\[([^\[\]]*)\])?('?)")
RESERVED = ("beta", "B")
MEMO_SIZE = 200_000  # words remembered; a word of 24 letters adds at most 300
POINTS = 26


@dataclass(frozen=True)
class Letter:
    """B_l = (l - W0)^-1 or its transpose; ``point`` is l, a rational number or a name."""

    point: Fraction | str
    transposed: bool

    def __str__(self) -> str:
        return f"B{'' if self.point == 1 else f'[{self.point}]'}{chr(39) * self.transposed}"


@dataclass(frozen=True)
class WordMoment:
    """numerator/denominator in Python syntax, in ``beta`` and the names of resolvents' points."""

    numerator: str
    denominator: str = "1"

    def __str__(self) -> str:
        if self.denominator == "1":
            return self.numerator
        above = f"({self.numerator})" if " " in self.numerator else self.numerator
        single = self.denominator.isalnum() or re.fullmatch(r"\([^()]*\)(\*\*\d+)?", self.denominator)
        return f"{above}/{self.denominator}" if single else f"{above}/({self.denominator})"


def parse_word(word: str | Sequence[str]) -> tuple[Letter, ...]:
    """Letters from text: B, B', and resolvents B[l], B[l]' with l a name or a rational number.

    Raises ValueError naming the letter that is none of these.

    >>> [str(letter) for letter in parse_word("B B' B[lam]' B[3/2]")]
    ['B', "B'", "B[lam]'", 'B[3/2]']
    """
    letters = tuple(_letter(token) for token in (word.split() if isinstance(word, str) else word))
    if len(points(letters)) > POINTS:
        raise ValueError(f"{len(points(letters))} different points l in one word: allowed are {POINTS}")
    return letters


def points(letters: Sequence[Letter]) -> list[Fraction | str]:
    """The different points l of a word, in order of appearance."""
    return list(dict.fromkeys(letter.point for letter in letters))


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

    from derive.algebra.symbols import beta

    letters = parse_word(word)
    names = {p: sympy.Symbol(p) for p in points(letters) if isinstance(p, str)} | {"beta": beta}
    text = word_moment(letters)
    return sympy.sympify(text.numerator, names) / sympy.sympify(text.denominator, names)


def word_moment(letters: Sequence[Letter]) -> WordMoment:
    """phi of a word as text; see `moment`."""
    if all(letter.point == 1 for letter in letters):
        polynomial = plain_moment([letter.transposed for letter in letters])
        terms = [Term(fmpq(c), 0, power) for power, c in enumerate(polynomial.coeffs()) if c != 0]
        return WordMoment(python_text(terms[::-1]))
    from derive.algebra.resolvent_moments import resolvent_moment

    return resolvent_moment(letters)


def plain_moment(transposed: Sequence[bool]) -> fmpz_poly:
    """phi of a word in B (False) and B^T (True), a polynomial in beta."""
    if len(_PLAIN.memo) > MEMO_SIZE:
        _PLAIN.memo.clear()
    result: fmpz_poly = trace_moment([(0, letter) for letter in transposed], _PLAIN)
    return result


def numeric_moment(word: Sequence[tuple[complex, bool]], g: float) -> complex:
    """phi of a word of letters (l, transposed) with numbers l and g, |l| > g."""
    at = list(dict.fromkeys(point for point, _ in word))
    scalars = _Numbers(at, g * g)
    return complex(trace_moment([(at.index(point), letter) for point, letter in word], scalars))


class Scalars(Protocol):
    """What the recursion asks of its scalars; i and j number the points l and k."""

    one: Any
    memo: dict[str, Any]

    def split(self, left: Any, right: Any) -> Any:
        """g^2 phi(B_l Y1 B_k^T) phi(B_k^T Y2)."""

    def opened(self, i: int, total: Any) -> Any:
        """total/l."""

    def closed(self, i: int, j: int, total: Any) -> Any:
        """total k/(l k - g^2)."""


def trace_moment(word: Sequence[tuple[int, bool]], scalars: Scalars) -> Any:
    """The recursion over all contiguous parts of a word of letters (number of l, transposed)."""
    text = "".join(chr(ord("A" if transposed else "a") + i) for i, transposed in word)
    memo, size = scalars.memo, len(text)
    if not text:
        return scalars.one
    if (key := _canonical(text)) in memo:
        return memo[key]
    # value[i][j - i] = phi of letters i..j-1
    value: list[list[Any]] = [[scalars.one] for _ in range(size + 1)]
    for length in range(1, size + 1):
        for start in range(size - length + 1):
            key = _canonical(text[start : start + length])
            if key not in memo:
                memo[key] = _longer(word[start : start + length], value[start : start + length], scalars)
            value[start].append(memo[key])
    return value[0][size]


def _longer(word: Sequence[tuple[int, bool]], value: Sequence[Sequence[Any]], scalars: Scalars) -> Any:
    """phi of a word from those of its parts; ``value[i][n]`` is phi of the n letters from letter i."""
    size, (first, transposed), (last, ends_transposed) = len(word), word[0], word[-1]
    total = value[1][size - 1] if size > 1 else scalars.one
    for n in range(1, size - 1):
        if word[n][1] != transposed:
            total = total + scalars.split(value[0][n + 1], value[n][size - n])
    if ends_transposed != transposed:
        return scalars.closed(first, last, total)
    return scalars.opened(first, total)


def _canonical(word: str) -> str:
    """The first, in alphabetic order, of all rotations of a word and of its transpose."""
    size = len(word)
    twice = word + word, 2 * word[::-1].swapcase()
    return min(text[n : n + size] for text in twice for n in range(size))


class _Polynomials:
    """Words in B and B^T: polynomials in beta, with beta g^2 = beta - 1.

    phi(B Y1 B^T) holds the factor beta, so that g^2 times it is a polynomial too.
    """

    one = fmpz_poly([1])

    def __init__(self) -> None:
        self.memo: dict[str, fmpz_poly] = {}

    def split(self, left: fmpz_poly, right: fmpz_poly) -> fmpz_poly:
        return left.right_shift(1) * right * fmpz_poly([-1, 1])

    def opened(self, i: int, total: fmpz_poly) -> fmpz_poly:
        return total

    def closed(self, i: int, j: int, total: fmpz_poly) -> fmpz_poly:
        return total.left_shift(1)


_PLAIN = _Polynomials()


class _Numbers:
    """Numbers for every l and g."""

    one = 1.0

    def __init__(self, at: Sequence[complex], square: float) -> None:
        self.at, self.square = at, square
        self.memo: dict[str, complex] = {}

    def split(self, left: complex, right: complex) -> complex:
        return self.square * left * right

    def opened(self, i: int, total: complex) -> complex:
        return total / self.at[i]

    def closed(self, i: int, j: int, total: complex) -> complex:
        return total * self.at[j] / (self.at[i] * self.at[j] - self.square)


def _letter(token: str) -> Letter:
    match = LETTER.fullmatch(token)
    point = _point(match[1]) if match else None
    if match is None or point is None:
        raise ValueError(
            f"unknown letter {token!r} in a word: allowed are B, B' and the resolvents B[l], B[l]' with l a "
            f"nonzero rational number or a name other than {' and '.join(RESERVED)}"
        )
    return Letter(point, match[2] == "'")


def _point(text: str | None) -> Fraction | str | None:
    """1, a nonzero rational number, or a name; None for anything else."""
    if text is None:
        return Fraction(1)
    if text.isascii() and text.isidentifier():
        return None if keyword.iskeyword(text) or text in RESERVED else text
    try:
        return Fraction(text) or None
    except (ValueError, ZeroDivisionError):
        return None
