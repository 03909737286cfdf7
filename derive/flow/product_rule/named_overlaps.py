"""The overlaps u^T X v of one network's words as symbols: the expansion before any average (THEORY 2, 9).

Overlaps get names in the order in which a derivation asks for them. Where a flow is gradient flow of one
w^T R m these are the names of `derive network`, ww_n, mm_n and wm_n; else the word is the name: wm_BBtW is
w^T B B^T W0 m, and B2, B3, ... are resolvents at the second and third of the flow's points. A complex overlap
has a name for its real and one for its imaginary part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from derive.flow.product_rule.exact import ExactRing, Generator, NewStart
from derive.flow.product_rule.limit_scalars import LimitScalars
from derive.flow.product_rule.words import Word, acted, transposed
from derive.flow.statement.scalar import Scalar, conjugate

SPARE = 32
"""Names that a ring is made for beyond those that are known."""


@dataclass(frozen=True)
class NamedOverlap:
    """``left``^T X ``right``, X in ``letters``; of a complex one the ``part`` "re" or "im"."""

    name: str
    left: str
    letters: str
    right: str
    part: str = ""


class OverlapBook:
    """The names that were given so far; ``chain`` are w and m where the flow is one of w^T R m alone."""

    def __init__(
        self, vectors: Sequence[str], chain: tuple[str, str] | None = None, taken: Sequence[str] = ()
    ) -> None:
        self.entries: list[NamedOverlap] = []
        self.points: list[Scalar] = []
        self.chain = chain
        ranked = dict.fromkeys([*(chain or ()), *vectors])
        self.rank = {name: number for number, name in enumerate(ranked)}
        self._taken = set(taken)
        self._places: dict[tuple[str, str, str], int] = {}

    def place(self, left: str, letters: str, right: str, real: bool) -> int:
        """Where the overlap stands among the entries; a complex one takes two places."""
        key = left, letters, right
        if key not in self._places:
            self._places[key] = len(self.entries)
            stem = self._name(*key)
            for part in ("",) if real else ("re", "im"):
                name = f"{stem}_{part}" if part else stem
                while name in self._taken:
                    name += "_"
                self._taken.add(name)
                self.entries.append(NamedOverlap(name, left, letters, right, part))
        return self._places[key]

    def _name(self, left: str, letters: str, right: str) -> str:
        joined = left + right if all(len(name) == 1 for name in self.rank) else f"{left}_{right}"
        if self.chain is not None:
            return f"{joined}_{len(letters) // 2}"
        return "_".join([joined, *(["".join(map(letter_name, letters))] if letters else [])])


def letter_name(code: str) -> str:
    """W, Wt, B, Bt, B2, B2t, ..."""
    number = ord(code.lower()) - ord("a")
    stem = "W" if code.lower() == "z" else "B" + (str(number + 1) if number else "")
    return stem + "t" * code.isupper()


class NamedScalars(LimitScalars):
    """Polynomials and quotients in a flow's parameters and the overlaps of a book."""

    many_symbols = True

    def __init__(
        self,
        parameters: Sequence[str],
        book: OverlapBook,
        generators: Sequence[Generator] = (),
        quotients: bool = False,
    ) -> None:
        self.book = book
        slots = len(book.entries) + max(SPARE, len(book.entries) // 2)
        super().__init__(ExactRing(parameters, generators, quotients, book.entries, slots), {})
        for point in book.points:
            super().point(point)

    def point(self, scalar: Scalar) -> int:
        """The number of a resolvent's point; the book keeps it, and its complex conjugate's."""
        for one in (scalar, conjugate(scalar)):
            if super().point(one) == len(self.book.points):
                self.book.points.append(one)
        return super().point(scalar)

    def inner(self, left: Word, right: Word) -> Any:
        key = left, right
        if key not in self._inner:
            (letters, a), words = left, {right: self.one}
            for code in letters:
                words = acted(code.swapcase(), words, self.points)
            total = self.zero
            for (between, b), c in words.items():
                total = total + self._overlap(a, between, b) * c
            self._inner[key] = self.ring.normal(total)
        return self._inner[key]

    def _overlap(self, left: str, letters: str, right: str) -> Any:
        """u^T X v = v^T X^T u, and conjugate where points are: by one name."""
        forms = []
        for turned, conjugated in product((False, True), (False, True)):
            u, X, v = (right, transposed(letters), left) if turned else (left, letters, right)
            X = self.conjugate_word((X, v))[0] if conjugated else X
            forms.append(((self.rank_of(u, v), self._sorted(X, v).swapcase()), conjugated, (u, v)))
        first = min(form[0] for form in forms)
        same = {conjugated for key, conjugated, _ in forms if key == first}
        u, v = next(ends for key, _, ends in forms if key == first)
        place = self.book.place(u, first[1].swapcase(), v, real=len(same) == 2)
        re = self._symbol(place)
        if len(same) == 2:
            return re
        im = self._symbol(place + 1)
        return re + self.ring.imaginary * (-im if same == {True} else im)

    def rank_of(self, left: str, right: str) -> tuple[int, int]:
        """What stands first in the book."""
        return self.book.rank[left], self.book.rank[right]

    def _sorted(self, letters: str, vector: str) -> str:
        """The letters of a word in its one form."""
        words = {("", vector): self.one}
        for code in reversed(letters):
            words = acted(code, words, self.points)
        ((word, _),) = words.items()
        return word[0]

    def _symbol(self, place: int) -> Any:
        if place >= self.ring.slots:
            raise NewStart(overlaps=True)
        return self.ring.overlap(place)
