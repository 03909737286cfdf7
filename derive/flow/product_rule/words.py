"""Column words of W0, its resolvents and their transposes on the given vectors, in one form each.

A word is (letters, vector); letters are those of `derive.flow.product_rule.moments`. Since B_l W0 = W0 B_l =
l B_l - 1, no resolvent stands beside a W0 of its own kind, and neighbouring resolvents of one kind stand in
order (they commute).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Word = tuple[str, str]
Words = dict[Word, Any]
"""A sum of scalar x word."""


def prepended(letter: str, word: Word, points: Sequence[Any]) -> list[tuple[Any, Word]]:
    """letter x word as a sum; ``points`` are the l of ``a``, ``b``, ..."""
    letters, vector = word
    if letters and letters[0].islower() == letter.islower():
        first, bare = letters[0], "z" if letter.islower() else "Z"
        if letter == bare and first != bare:
            return [(points[letter_number(first)], word), (-1, (letters[1:], vector))]
        if letter != bare and first == bare:
            rest = (letters[1:], vector)
            point = points[letter_number(letter)]
            return [*((c * point, longer) for c, longer in prepended(letter, rest, points)), (-1, rest)]
        size = 1
        while size < len(letters) and letters[size].islower() == letter.islower():
            size += 1
        if letter != bare and bare not in letters[:size]:
            return [(1, ("".join(sorted(letter + letters[:size])) + letters[size:], vector))]
    return [(1, (letter + letters, vector))]


def acted(letter: str, words: Words, points: Sequence[Any]) -> Words:
    """letter x a sum of words."""
    result: Words = {}
    for word, coefficient in words.items():
        for factor, longer in prepended(letter, word, points):
            add_to(result, longer, coefficient if factor == 1 else coefficient * factor)
    return result


def add_to(words: dict[Any, Any], word: Any, coefficient: Any) -> None:
    """Add a term, in place."""
    known = words.get(word)
    words[word] = coefficient if known is None else known + coefficient


def transposed(letters: str) -> str:
    """The letters of the transposed word."""
    return letters[::-1].swapcase()


def letter_number(letter: str) -> int:
    """The number of a resolvent's point, from its letter in a word."""
    return ord(letter.lower()) - ord("a")
