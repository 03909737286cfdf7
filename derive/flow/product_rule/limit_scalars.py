"""What overlaps are worth at N -> infinity: u_a^T X u_b = (u_a.u_b) phi(X), exactly (THEORY 3, 9)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from derive.flow.product_rule.exact import ExactRing
from derive.flow.product_rule.moments import Moments
from derive.flow.product_rule.new_start import NoSeries
from derive.flow.product_rule.square_roots import is_simple
from derive.flow.product_rule.words import Word, letter_number, transposed
from derive.flow.statement.scalar import Scalar


class LimitScalars:
    """Elements of an `ExactRing`; ``overlaps`` are the vectors' own, by pairs of names; ``g0``: g = 0."""

    many_symbols = False

    def __init__(self, ring: ExactRing, overlaps: Mapping[tuple[str, str], Scalar], g0: bool = False) -> None:
        self.ring, self.g0 = ring, g0
        self.zero, self.one = ring.zero, ring.one
        self.points: list[Any] = []
        self.point_texts: list[Scalar] = []
        self._overlaps = {pair: ring.constant(value) for pair, value in overlaps.items()}
        self._moments = Moments(self)
        self._inner: dict[tuple[Word, Word], Any] = {}
        self._opened: dict[int, Any] = {}
        self._closed: dict[tuple[int, int], Any] = {}
        self._constants: dict[Scalar, Any] = {}
        self.reciprocal, self.function, self.rational_power = (
            ring.reciprocal,
            ring.function,
            ring.rational_power,
        )
        self.normal = ring.normal

    def constant(self, scalar: Scalar) -> Any:
        if scalar not in self._constants:
            self._constants[scalar] = self.ring.normal(self.ring.constant(scalar))
        return self._constants[scalar]

    def point(self, scalar: Scalar) -> int:
        value = self.constant(scalar)
        for number, known in enumerate(self.points):
            if known == value:
                return number
        self.points.append(value)
        self.point_texts.append(scalar)
        return len(self.points) - 1

    def square(self) -> Any:
        return self.zero if self.g0 else self.ring.square()

    def opened(self, i: int) -> Any:
        if i not in self._opened:
            self._opened[i] = self.ring.reciprocal(self.points[i])
        return self._opened[i]

    def closed(self, i: int, j: int) -> Any:
        if (i, j) not in self._closed:
            below = self.points[i] * self.points[j] - self.square()
            self._closed[i, j] = self.ring.normal(self.points[j] * self.ring.reciprocal(below))
        return self._closed[i, j]

    def inner(self, left: Word, right: Word) -> Any:
        key = left, right
        if key not in self._inner:
            (x, a), (y, b) = left, right
            between = self._overlaps.get((a, b), self.one if a == b else self.zero)
            value = between if between == 0 else between * self._moments(transposed(x) + y)
            self._inner[key] = self.ring.normal(value)
        return self._inner[key]

    def root(self, value: Any) -> Any:
        """The root of a square times integers, single variables and 1 - g^2.

        Raises NoSeries for all others: they would stand in every coefficient that follows.
        """
        above, below = self.ring.fraction("a root", value)
        if not is_simple(above * below, self.ring.g_squared - 1):
            raise NoSeries("its coefficients would hold the square root of a sum")
        return self.rational_power(value, Fraction(1, 2))

    def vanishes(self, value: Any, scale: Any) -> bool:
        return bool(value == 0)

    def conjugate(self, value: Any) -> Any:
        """The complex conjugate of an element."""
        return self.ring.conjugate(value)

    def conjugate_word(self, word: Word) -> Word:
        """The word at the conjugate points."""
        letters, vector = word
        return "".join(self._conjugate_letter(code) for code in letters), vector

    def _conjugate_letter(self, code: str) -> str:
        if code in "zZ":
            return code
        number = letter_number(code)
        partner = self.conjugate(self.points[number])
        found = next((k for k, point in enumerate(self.points) if point == partner), number)
        return chr(ord("A" if code.isupper() else "a") + found)
