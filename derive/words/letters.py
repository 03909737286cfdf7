"""Letters of words in B, B^T and resolvents, from text (THEORY 3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from derive.reading.arguments import of_kind
from derive.reading.parse import is_symbol
from derive.reading.read_number import rational

LETTER = re.compile(r"B(?:\[([^\[\]]*)\])?('?)")
RESERVED = ("beta", "B", "g")
POINTS = 26


@dataclass(frozen=True)
class Letter:
    """B_l = (l - W0)^-1 or its transpose; ``point`` is l, a rational number or a name."""

    point: Fraction | str
    transposed: bool

    def __str__(self) -> str:
        return f"B{'' if self.point == 1 else f'[{self.point}]'}{chr(39) * self.transposed}"


def parse_word(word: str | Sequence[str]) -> tuple[Letter, ...]:
    """Letters from text: B, B', and resolvents B[l], B[l]' with l a name or a rational number.

    Raises ValueError naming the letter that is none of these.

    >>> [str(letter) for letter in parse_word("B B' B[lam]' B[3/2]")]
    ['B', "B'", "B[lam]'", 'B[3/2]']
    """
    of_kind("word", word, (str, tuple, list), "text or a sequence of letters")
    letters = tuple(_letter(token) for token in (word.split() if isinstance(word, str) else word))
    if len(points(letters)) > POINTS:
        raise ValueError(f"{len(points(letters))} different points l in one word: allowed are {POINTS}")
    return letters


def points(letters: Sequence[Letter]) -> list[Fraction | str]:
    """The different points l of a word, in order of appearance."""
    return list(dict.fromkeys(letter.point for letter in letters))


def _letter(token: str) -> Letter:
    match = LETTER.fullmatch(token)
    point = _point(match[1]) if match else None
    if match is None or point is None:
        raise ValueError(
            f"unknown letter {token!r} in a word: allowed are B, B' and the resolvents B[l], B[l]' with l a "
            f"nonzero rational number or a name other than {', '.join(RESERVED)}"
        )
    return Letter(point, match[2] == "'")


def _point(text: str | None) -> Fraction | str | None:
    """1, a nonzero rational number, or a name; None for anything else."""
    if text is None:
        return Fraction(1)
    if text.isascii() and text.isidentifier():
        return None if not is_symbol(text) or text in RESERVED else text
    try:
        return rational(text) or None
    except ValueError:
        return None
