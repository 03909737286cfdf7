"""Vectors and matrices of a flow as series in tau: sums of words, and alpha W0 plus outer products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Protocol

from derive.flow.product_rule.words import Word, Words, acted, add_to
from derive.flow.statement.form import Column, MatrixForm
from derive.flow.statement.scalar import Scalar
from derive.series.power_series import PowerSeries

Pairs = dict[tuple[Word, Word], Any]
"""A sum of scalar x left right^T."""


class WordScalars(Protocol):
    """What words are worth: scalars with + - * among them, division by integers, and these."""

    zero: Any
    one: Any

    @property
    def points(self) -> Sequence[Any]:
        """The points of resolvents, by their numbers."""

    def point(self, scalar: Scalar) -> int:
        """The number of a resolvent's point."""

    def inner(self, left: Word, right: Word) -> Any:
        """left^T right of two words."""

    def reciprocal(self, value: Any) -> Any: ...
    def normal(self, value: Any) -> Any: ...


class FlowScalars(WordScalars, Protocol):
    """What the route asks of them besides."""

    def constant(self, scalar: Scalar) -> Any:
        """An expression without overlaps."""

    def function(self, name: str, value: Any) -> Any: ...
    def rational_power(self, value: Any, exponent: Fraction) -> Any: ...


class Rule(Protocol):
    """Where a matrix finds the series that its velocity is made of."""

    @property
    def scalars(self) -> FlowScalars: ...
    def scalar(self, scalar: Scalar) -> PowerSeries: ...
    def matrix(self, name: str) -> MatrixSeries: ...
    def column(self, column: Column) -> VectorSeries: ...
    def scaled(self, scalar: Scalar, column: Column, n: int) -> Words:
        """Coefficient n of scalar x column."""

    def dot(self, left: VectorSeries, i: int, right: VectorSeries, j: int) -> Any:
        """(Coefficient i of one vector) . (coefficient j of another)."""


class VectorSeries:
    """A vector as a series of sums of words, and its overlaps with words, each worked out once."""

    def __init__(self, rule: Callable[[int], Words], scalars: FlowScalars) -> None:
        self._rule, self._exact = rule, scalars
        self._known: list[Words] = []
        self._overlaps: dict[tuple[Word, int], Any] = {}

    def __getitem__(self, n: int) -> Words:
        while len(self._known) <= n:
            normal = self._exact.normal
            words = ((word, normal(c)) for word, c in self._rule(len(self._known)).items())
            self._known.append({word: c for word, c in words if c != 0})
        return self._known[n]

    def overlap(self, word: Word, n: int) -> Any:
        """word^T times coefficient n."""
        key = word, n
        if key not in self._overlaps:
            total = self._exact.zero
            for other, coefficient in self[n].items():
                inner = self._exact.inner(word, other)
                if inner != 0:
                    total = total + inner * coefficient
            self._overlaps[key] = self._exact.normal(total)
        return self._overlaps[key]


class MatrixSeries:
    """alpha W0 + outer products, order by order, from its velocity; the products stay apart until printed."""

    def __init__(self, rule: Rule, form: MatrixForm, alpha: Any) -> None:
        self.rule, self.form = rule, form
        self._exact = rule.scalars
        self._alpha = [alpha]
        self._pairs: list[Pairs] = [{}]
        self._applied: dict[tuple[int, VectorSeries, int, bool], Words] = {}
        self._lefts: list[list[Words]] = [[] for _ in form.outers]

    def alpha(self, n: int) -> Any:
        """Coefficient n of the multiple of W0."""
        while len(self._alpha) <= n:
            k = len(self._alpha)
            total = self._exact.zero
            for matrix, series in self._multiples():
                for i in range(k):
                    known = (
                        (self._exact.one if i == 0 else self._exact.zero)
                        if matrix is None
                        else matrix.alpha(i)
                    )
                    if known != 0 and series[k - 1 - i] != 0:
                        total = total + series[k - 1 - i] * known
            self._alpha.append(self._exact.normal(total / k))
        return self._alpha[n]

    def _multiples(self) -> list[tuple[MatrixSeries | None, PowerSeries]]:
        """The matrices that the velocity holds multiples of, None for W0, and their scalars."""
        found = []
        for operator in self.form.operators:
            name = operator.letters[0].name
            matrix = None if name == "W0" else self.rule.matrix(name)
            found.append((matrix, self.rule.scalar(operator.scalar)))
        return found

    def pairs(self, n: int) -> Pairs:
        """Coefficient n without the multiple of W0, as a sum of outer products."""
        while len(self._pairs) <= n:
            k = len(self._pairs)
            total: Pairs = {}
            for matrix, series in self._multiples():
                for i in range(1, k if matrix is not None else 0):
                    assert matrix is not None
                    if series[k - 1 - i] != 0:
                        for pair, c in matrix.pairs(i).items():
                            add_to(total, pair, c * series[k - 1 - i])
            for number, outer in enumerate(self.form.outers):
                right = self.rule.column(outer.right)
                for i in range(k):
                    for a, c in self._left(number, i).items():
                        for b, d in right[k - 1 - i].items():
                            add_to(total, (a, b), c * d)
            kept = ((pair, self._exact.normal(c / k)) for pair, c in total.items())
            self._pairs.append({pair: c for pair, c in kept if c != 0})
        return self._pairs[n]

    def _left(self, number: int, n: int) -> Words:
        """Coefficient n of scalar x left of an outer product."""
        lefts, outer = self._lefts[number], self.form.outers[number]
        while len(lefts) <= n:
            lefts.append(self.rule.scaled(outer.scalar, outer.left, len(lefts)))
        return lefts[n]

    def applied(self, i: int, vector: VectorSeries, j: int, transposed: bool) -> Words:
        """(Coefficient i of the matrix, or of its transpose) x (coefficient j of a vector)."""
        key = i, vector, j, transposed
        if key not in self._applied:
            total = self._products(i, vector, j, transposed) if i else dict[Word, Any]()
            if self.alpha(i) != 0:
                for word, c in acted("Z" if transposed else "z", vector[j], self._exact.points).items():
                    add_to(total, word, c * self.alpha(i))
            self._applied[key] = total
        return self._applied[key]

    def _products(self, k: int, vector: VectorSeries, j: int, transposed: bool) -> Words:
        """What the outer products of coefficient k make of a vector, those of multiples included."""
        total: Words = {}
        for matrix, series in self._multiples():
            for i in range(1, k if matrix is not None else 0):
                assert matrix is not None
                if series[k - 1 - i] != 0:
                    for word, c in matrix._products(i, vector, j, transposed).items():
                        add_to(total, word, c * series[k - 1 - i])
        for number, outer in enumerate(self.form.outers):
            right = self.rule.column(outer.right)
            left = self.rule.column(outer.left)
            scalar = self.rule.scalar(outer.scalar)
            for i in range(k):
                if transposed:  # right (scalar left . vector)
                    factor = self._exact.zero
                    for n in range(i + 1):
                        if scalar[n] != 0:
                            factor = factor + self.rule.dot(left, i - n, vector, j) * scalar[n]
                    column = right[k - 1 - i]
                else:
                    factor = self.rule.dot(right, k - 1 - i, vector, j)
                    column = self._left(number, i)
                factor = self._exact.normal(factor)
                if factor != 0:
                    for word, c in column.items():
                        add_to(total, word, c * factor)
        return {word: c / k for word, c in total.items()}
