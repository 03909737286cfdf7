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

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flint import fmpz_poly

MEMO_SIZE = 200_000  # words remembered; a word of 24 letters adds at most 300


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
    if (known := memo.get(canonical(text))) is not None:
        return known
    # value[i][j - i] = phi of letters i..j-1
    value: list[list[Any]] = [[scalars.one] for _ in range(size + 1)]
    for length in range(1, size + 1):
        for start in range(size - length + 1):
            key = canonical(text[start : start + length])
            known = memo.get(key)  # another thread may empty the table
            if known is None:
                known = _longer(word[start : start + length], value[start : start + length], scalars)
                memo[key] = known
            value[start].append(known)
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


def canonical(word: str) -> str:
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
