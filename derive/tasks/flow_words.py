"""What a flow changes, printed order by order: W and further matrices as outer products of words, vectors as
words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derive.flow.change import FlowChange
from derive.flow.expanded.fractions import Variables, parts, variables_of
from derive.flow.expanded.printed import complex_text
from derive.flow.product_rule.words import letter_number

if TYPE_CHECKING:
    from derive.flow.product_rule.exact import ExactRing
    from derive.flow.product_rule.words import Word


@dataclass(frozen=True)
class PrintedTerm:
    """scalar x left right, the left word a column and the right one a row; a column alone where no
    ``right``.
    """

    coefficient: str
    left: str
    right: str = ""


@dataclass(frozen=True)
class PrintedOrder:
    """The coefficient of tau**k of a matrix (``W0`` its multiple of W0) or of a vector.

    ``left_out`` terms are too many to be printed: there are no ``terms`` then.
    """

    k: int
    W0: str
    terms: tuple[PrintedTerm, ...]
    left_out: int = field(default=0, repr=False)


@dataclass(frozen=True, eq=False)
class OrderSeries:
    """The coefficient of tau**k of a matrix (``multiple`` of W0, and outer products) or of a vector
    (words).
    """

    k: int
    multiple: Any
    terms: tuple[tuple[tuple[Word, ...], Any], ...]
    points: tuple[Any, ...]
    ring: ExactRing
    variables: Variables

    @property
    def monomials(self) -> int:
        """How many monomials its coefficients have together, words as they are."""
        return sum(1 + len(part.numerator) for _, c in self.terms for part in parts(c, self.ring))


class PrintedWords:
    """The words of a change, by the letters of its flow."""

    @cached_property
    def change(self) -> FlowChange:
        """The series as the route gives them."""
        raise NotImplementedError

    @property
    def variables(self) -> Variables:
        """What the coefficients are in."""
        return variables_of(self.change.ring)

    def order_series(self, name: str) -> list[OrderSeries]:
        """What moves, order by order, k = 1..order, as elements: W, another matrix, or a vector."""
        change = self.change
        points = tuple(change.scalars.points)
        found: list[tuple[Any, Mapping[Any, Any]]]
        if name in change.meaning.vectors:
            found = [(None, {(word,): c for word, c in words.items()}) for words in change.vector(name)]
        else:
            found = [(order.multiple, order.terms) for order in change.matrix(name)]
        return [
            OrderSeries(
                k,
                multiple,
                tuple(sorted(terms.items(), key=lambda item: _by_length(item[0]))),
                points,
                change.ring,
                self.variables,
            )
            for k, (multiple, terms) in enumerate(found, 1)
        ]

    def matrix(self, name: str = "W", most: int | None = None) -> list[PrintedOrder]:
        """The change of W or of another matrix, k = 1..order; orders of more than ``most`` terms without
        these."""
        printed = []
        for k, found in enumerate(self.change.matrix(name), 1):
            if most is not None and len(found.terms) > most:
                printed.append(PrintedOrder(k, self.text(found.multiple), (), len(found.terms)))
                continue
            terms = tuple(
                PrintedTerm(self.text(c), self.column(left), self.row(right))
                for (left, right), c in sorted(found.terms.items(), key=lambda item: _by_length(item[0]))
            )
            printed.append(PrintedOrder(k, self.text(found.multiple), terms))
        return printed

    def vector(self, name: str) -> list[PrintedOrder]:
        """The change of a vector, k = 1..order."""
        return [
            PrintedOrder(
                k,
                "0",
                tuple(
                    PrintedTerm(self.text(c), self.column(word))
                    for word, c in sorted(words.items(), key=lambda item: _by_length((item[0],)))
                ),
            )
            for k, words in enumerate(self.change.vector(name), 1)
        ]

    def text(self, value: Any) -> str:
        """An element, complex ones too, in Python syntax."""
        return complex_text(*parts(value, self.change.ring), self.variables)

    @cached_property
    def points(self) -> list[str]:
        """The points c of the resolvents that the flow reads, as text."""
        scalars = self.change.scalars
        return [self.text(point).replace(" ", "") for point in scalars.points]

    @property
    def further(self) -> list[str]:
        """Points behind these that a single series has."""
        return []

    def letter(self, code: str) -> str:
        """One letter as it is printed: B, B', B(c), W0."""
        number = letter_number(code)
        if code.lower() == "z":
            name = "W0"
        else:
            known = len(self.points)
            point = self.points[number] if number < known else self.further[number - known]
            name = "B" if point == "1" else f"B({point})"
        return name + "'" * code.isupper()

    def column(self, word: tuple[str, str]) -> str:
        """A column word, e.g. B' w."""
        letters, vector = word
        return " ".join([*(self.letter(code) for code in letters), vector])

    def row(self, word: tuple[str, str]) -> str:
        """The transpose, e.g. w' B."""
        letters, vector = word
        return " ".join([f"{vector}'", *(self.letter(code.swapcase()) for code in reversed(letters))])


def _by_length(words: tuple[Word, ...]) -> tuple[Any, ...]:
    return sum(len(letters) for letters, _ in words), tuple(len(letters) for letters, _ in words), words
