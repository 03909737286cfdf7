"""phi(word) = lim (1/N) tr(word) for words that hold W0 itself beside resolvents (THEORY 3, 9).

A word is a string: ``a``, ``b``, ... are B_l = (l - W0)^-1 of the points number 0, 1, ..., ``z`` is W0,
capitals are the transposes. W0 has i.i.d. N(0, g^2/N) entries; integration by parts gives

    phi(z Y)   = g^2 [sum over Y = Y1 Z Y2 of phi(Y1) phi(Y2) + sum over Y = Y1 K Y2 of phi(Y1 K) phi(K Y2)],
    phi(B_l Y) = (1/l) [phi(Y) + g^2 sum over Y = Y1 K Y2 of phi(B_l Y1 K) phi(K Y2)],

K any B_k^T; a word that holds W0 is rotated, or transposed and rotated, to begin with it. Where the second
kind ends in K, the last split repeats the unknown: moved left it turns 1/l into k/(l k - g^2). A word of one
kind of letters: each W0 gives 0, each B_l gives 1/l.
"""

from __future__ import annotations

from typing import Any, Protocol

from derive.flow.product_rule.words import letter_number
from derive.words.word_moments import canonical


class MomentScalars(Protocol):
    """What the recursion asks of its scalars; i and j number the points l and k."""

    one: Any
    zero: Any

    def square(self) -> Any:
        """g^2."""

    def opened(self, i: int) -> Any:
        """1/l."""

    def closed(self, i: int, j: int) -> Any:
        """k/(l k - g^2)."""


class Moments:
    """phi of any word on the given scalars, remembered up to rotation and transposition."""

    def __init__(self, scalars: MomentScalars) -> None:
        self.scalars = scalars
        self.memo: dict[str, Any] = {"": scalars.one}

    def __call__(self, word: str) -> Any:
        known = self.memo.get(word)
        if known is not None:
            return known
        key = canonical(word)
        if key not in self.memo:
            self.memo[key] = self._phi(key)
        self.memo[word] = self.memo[key]
        return self.memo[key]

    def _phi(self, word: str) -> Any:
        if word.islower() or word.isupper():
            return self._powers(word.lower())
        if "z" in word or "Z" in word:
            return self._bare(word)
        # canonical: begins with a capital, its last letter may be either; begin with B_l and end with B_k^T
        start = next(n for n in range(len(word)) if word[n].islower() and word[n - 1].isupper())
        word = word[start:] + word[:start]
        total = self(word[1:])
        square = self.scalars.square()
        for n in range(1, len(word) - 1):
            if word[n].isupper():
                total = total + self(word[: n + 1]) * self(word[n:]) * square
        return total * self.scalars.closed(letter_number(word[0]), letter_number(word[-1]))

    def _powers(self, word: str) -> Any:
        if "z" in word:
            return self.scalars.zero
        result = self.scalars.one
        for letter in word:
            result = result * self.scalars.opened(letter_number(letter))
        return result

    def _bare(self, word: str) -> Any:
        if "z" not in word:
            word = word[::-1].swapcase()
        start = word.index("z")
        word = word[start:] + word[:start]
        total = self.scalars.zero
        for n in range(1, len(word)):
            if word[n] == "Z":
                total = total + self(word[1:n]) * self(word[n + 1 :])
            elif word[n].isupper():
                total = total + self(word[1 : n + 1]) * self(word[n:])
        return total * self.scalars.square()
