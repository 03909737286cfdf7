"""The overlaps u^T X v of one network's words as symbols: the expansion before any average (THEORY 2, 9).

Overlaps get names in the order in which a derivation asks for them. Where a flow is gradient flow of one
w^T R m these are the names of `derive network`, ww_n, mm_n and wm_n; else the word is the name: wm_BBtW is
w^T B B^T W0 m, and B2, B3, ... are resolvents at the second and third of the flow's points. A complex overlap
has a name for its real and one for its imaginary part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive.flow.product_rule.words import letter_number
from derive.flow.statement.scalar import Scalar


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

    def copied(self) -> OverlapBook:
        """One with the same names, which grows by itself."""
        book = OverlapBook((), self.chain, list(self._taken))
        book.entries, book.points, book.rank = [*self.entries], [*self.points], self.rank
        book._places = dict(self._places)
        return book

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
        if self.chain is not None and letters.lower() == "a" * len(letters):
            return f"{joined}_{len(letters) // 2}"
        return "_".join([joined, *(["".join(map(letter_name, letters))] if letters else [])])


def letter_name(code: str) -> str:
    """W, Wt, B, Bt, B2, B2t, ..."""
    number = letter_number(code)
    stem = "W" if code.lower() == "z" else "B" + (str(number + 1) if number else "")
    return stem + "t" * code.isupper()
