"""The overlaps of one network as scalars of the product rule, by the names of a book."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from derive.flow.product_rule.exact import ExactRing
from derive.flow.product_rule.limit_scalars import LimitScalars
from derive.flow.product_rule.new_start import Generator, NewStart
from derive.flow.product_rule.overlap_book import OverlapBook
from derive.flow.product_rule.words import Word, acted, transposed
from derive.flow.statement.scalar import Scalar, conjugate

SPARE = 32
"""Names that a ring is made for beyond those that are known."""


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
