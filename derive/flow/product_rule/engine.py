"""Any flow by the product rule, order by order, with outer products kept apart (THEORY 9).

Every matrix is M(tau) = alpha(tau) W0 + a sum of outer products of words, every vector a sum of words, and

    y = R(c) x:    c y = x + W y,    y_k = B_c (x_k + sum_{i=1..k} [alpha_i W0 + dW_i] y_{k-i}),

so that only inner products of known words are needed. All series are lazy: coefficient k asks for lower ones of
the others. The scalars may be exact (the limit), or the numbers of one network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Protocol

from derive.flow.product_rule.functions import (
    exponential,
    hyperbolic_tangent,
    integer_power,
    logarithm,
    rational_power,
)
from derive.flow.product_rule.words import Word, Words, acted, add_to
from derive.flow.statement.form import Column, ColumnForm, MatrixForm
from derive.flow.statement.gradient import vector_gradient, word_gradient
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import Call, Letter, Overlap, Power, Product, Scalar, Sum
from derive.series.power_series import PowerSeries

Pairs = dict[tuple[Word, Word], Any]
"""A sum of scalar x left right^T."""


class FlowScalars(Protocol):
    """What the route asks of its scalars: + - * among them, division by integers, and these."""

    zero: Any
    one: Any
    points: Sequence[Any]

    def constant(self, scalar: Scalar) -> Any:
        """An expression without overlaps."""

    def point(self, scalar: Scalar) -> int:
        """The number of a resolvent's point."""

    def inner(self, left: Word, right: Word) -> Any:
        """left^T right of two words."""

    def reciprocal(self, value: Any) -> Any: ...
    def function(self, name: str, value: Any) -> Any: ...
    def rational_power(self, value: Any, exponent: Fraction) -> Any: ...
    def normal(self, value: Any) -> Any: ...


class NotSmooth(Exception):
    """A scalar that has no Taylor series around the start."""

    def __init__(self, scalar: Scalar) -> None:
        super().__init__()
        self.scalar = scalar


class ProductRule:
    """The series of everything in a flow, on the given scalars."""

    def __init__(self, meaning: Meaning, scalars: FlowScalars) -> None:
        self.meaning, self.scalars = meaning, scalars
        self._columns: dict[Column, VectorSeries] = {}
        self._scalars: dict[Scalar, PowerSeries] = {}
        self._dots: dict[tuple[VectorSeries, int, VectorSeries, int], Any] = {}
        self._matrices = {name: self._matrix(name) for name in ("W", *meaning.matrices)}

    def scalar(self, scalar: Scalar) -> PowerSeries:
        """The series of a scalar, worked out once. Its coefficients raise `NotSmooth` where there are none."""
        if scalar not in self._scalars:
            series = self._scalar(scalar)
            if isinstance(scalar, Power | Call):
                series = self._smooth(scalar, series)
            self._scalars[scalar] = series
        return self._scalars[scalar]

    def _smooth(self, scalar: Scalar, series: PowerSeries) -> PowerSeries:
        def rule(n: int) -> Any:
            try:
                return series[n]
            except ZeroDivisionError:
                raise NotSmooth(scalar) from None

        return PowerSeries(rule, self.scalars.reciprocal)

    def given(self, scalar: Scalar, coefficients: Sequence[Any]) -> None:
        """Take a scalar's series as known."""
        self._scalars[scalar] = self._series(lambda n: coefficients[n])

    def matrix(self, name: str) -> MatrixSeries:
        """The series of W or of another matrix that moves."""
        return self._matrices[name]

    def column(self, column: Column) -> VectorSeries:
        """The series of letters x vector, worked out once."""
        if column not in self._columns:
            self._columns[column] = self._column(column)
        return self._columns[column]

    def _scalar(self, scalar: Scalar) -> PowerSeries:
        exact = self.scalars
        if isinstance(scalar, Overlap):
            return self._overlap(scalar)
        if isinstance(scalar, Sum):
            series = self.scalar(scalar.terms[0])
            for term in scalar.terms[1:]:
                series = series + self.scalar(term)
            return series
        if isinstance(scalar, Product):
            series = self.scalar(scalar.factors[-1])
            for factor in scalar.factors[-2::-1]:
                series = self._times(factor, series)
            return series
        if isinstance(scalar, Power):
            base = self.scalar(scalar.base)
            if scalar.exponent.denominator == 1:
                power = integer_power(base, abs(int(scalar.exponent)), exact.one)
                return power if scalar.exponent > 0 else self._inverse(power)

            def root(value: Any) -> Any:
                return exact.rational_power(value, scalar.exponent)

            return rational_power(base, scalar.exponent, root, exact.reciprocal)
        if isinstance(scalar, Call):
            return self._call(scalar)
        value = exact.constant(scalar)
        return self._series(lambda n: value if n == 0 else exact.zero)

    def _inverse(self, series: PowerSeries) -> PowerSeries:
        inverse: PowerSeries = series.__rtruediv__(self.scalars.one)
        return inverse

    def _times(self, factor: Scalar, series: PowerSeries) -> PowerSeries:
        constant = constant_or_none(factor, self.scalars)
        return series * constant if constant is not None else self.scalar(factor) * series

    def _call(self, scalar: Call) -> PowerSeries:
        exact, argument = self.scalars, self.scalar(scalar.argument)

        def start(value: Any) -> Any:
            return exact.function(scalar.name, value)

        if scalar.name == "exp":
            return exponential(argument, start)
        if scalar.name == "log":
            return logarithm(argument, start, exact.reciprocal)
        return hyperbolic_tangent(argument, start)

    def _series(self, rule: Callable[[int], Any]) -> PowerSeries:
        normal = self.scalars.normal
        return PowerSeries(lambda n: normal(rule(n)), self.scalars.reciprocal)

    def _overlap(self, overlap: Overlap) -> PowerSeries:
        """An overlap from its own velocity, which needs words of lower orders only, where that is one of
        outer products; else as the product of two vectors."""
        form = self.meaning.velocity.get("W", MatrixForm())
        moving = any(letter.name not in ("W", "W0", "R") for letter in overlap.letters)
        column = self.column(Column(overlap.letters, overlap.right))
        direct = self._dot(self.column(Column((), overlap.left)), column)
        if moving or not isinstance(form, MatrixForm) or form.operators:
            return direct
        rates: list[PowerSeries] = []

        def rule(n: int) -> Any:
            if n == 0:
                return direct[0]
            if not rates:  # not before: the velocity's scalars may hold this overlap
                rates.extend(self._rates(overlap, form))
            total = self.scalars.zero
            for rate in rates:
                total = total + rate[n - 1]
            return total / n

        return self._series(rule)

    def _rates(self, overlap: Overlap, form: MatrixForm) -> list[PowerSeries]:
        """Series whose sum is d(overlap)/dtau, by the word rule."""
        rates = [
            self.scalar(outer.scalar)
            * self._dot(self.column(left), self.column(outer.left))
            * self._dot(self.column(outer.right), self.column(right))
            for left, right in word_gradient(overlap)
            for outer in form.outers
        ]
        for name in self.meaning.vectors:
            terms = self.meaning.velocity[name]
            assert isinstance(terms, ColumnForm)
            rates += [
                self.scalar(term.scalar) * self._dot(self.column(column), self.column(term.column))
                for column in vector_gradient(overlap, name)
                for term in terms.terms
            ]
        return rates

    def _dot(self, left: VectorSeries, right: VectorSeries) -> PowerSeries:
        def rule(n: int) -> Any:
            total = self.scalars.zero
            for i in range(n + 1):
                total = total + self.dot(left, i, right, n - i)
            return total

        return self._series(rule)

    def dot(self, left: VectorSeries, i: int, right: VectorSeries, j: int) -> Any:
        """(Coefficient i of one vector) . (coefficient j of another)."""
        key = left, i, right, j
        if key not in self._dots:
            total = self.scalars.zero
            for word, coefficient in left[i].items():
                total = total + right.overlap(word, j) * coefficient
            self._dots[key] = self._dots[right, j, left, i] = self.scalars.normal(total)
        return self._dots[key]

    def _column(self, column: Column) -> VectorSeries:
        if not column.letters:
            return self._vector(column.vector)
        letter, inner = column.letters[0], self.column(Column(column.letters[1:], column.vector))
        if letter.point is not None:
            return self._resolved(letter, inner)
        bare = "Z" if letter.transposed else "z"
        points = self.scalars.points
        if letter.name == "W0":
            return VectorSeries(lambda n: acted(bare, inner[n], points), self.scalars)

        def rule(n: int) -> Words:
            matrix, total = self._matrices[letter.name], dict[Word, Any]()
            for i in range(n + 1):
                for word, c in matrix.applied(i, inner, n - i, letter.transposed).items():
                    add_to(total, word, c)
            return total

        return VectorSeries(rule, self.scalars)

    def _resolved(self, letter: Letter, inner: VectorSeries) -> VectorSeries:
        """y = R(c) x."""
        assert letter.point is not None
        number = self.scalars.point(letter.point)
        code = chr(ord("A" if letter.transposed else "a") + number)

        def rule(n: int) -> Words:
            total = dict(inner[n])
            W = self._matrices["W"]
            for i in range(1, n + 1):
                for word, c in W.applied(i, result, n - i, letter.transposed).items():
                    add_to(total, word, c)
            return acted(code, total, self.scalars.points)

        result = VectorSeries(rule, self.scalars)
        return result

    def _vector(self, name: str) -> VectorSeries:
        start: Words = {("", name): self.scalars.one}
        form = self.meaning.velocity.get(name)
        if not isinstance(form, ColumnForm):
            return VectorSeries(lambda n: start if n == 0 else {}, self.scalars)

        def rule(n: int) -> Words:
            if n == 0:
                return start
            total: Words = {}
            for term in form.terms:
                for word, coefficient in self._scaled(term.scalar, term.column, n - 1).items():
                    add_to(total, word, coefficient / n)
            return total

        return VectorSeries(rule, self.scalars)

    def _scaled(self, scalar: Scalar, column: Column, n: int) -> Words:
        """Coefficient n of scalar x column."""
        vector, total = self.column(column), dict[Word, Any]()
        constant = constant_or_none(scalar, self.scalars)
        if constant is not None:
            return {word: value * constant for word, value in vector[n].items()}
        series = self.scalar(scalar)
        for i in range(n + 1):
            if series[i] != 0:
                for word, coefficient in vector[n - i].items():
                    add_to(total, word, coefficient * series[i])
        return total

    def _matrix(self, name: str) -> MatrixSeries:
        form = self.meaning.velocity.get(name)
        first = self.scalars.one if name == "W" else self.scalars.zero
        return MatrixSeries(self, form if isinstance(form, MatrixForm) else MatrixForm(), first)


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

    def __init__(self, rule: ProductRule, form: MatrixForm, alpha: Any) -> None:
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
            lefts.append(self.rule._scaled(outer.scalar, outer.left, len(lefts)))
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


def constant_or_none(scalar: Scalar, scalars: FlowScalars) -> Any:
    """The value of an expression without overlaps; None where it holds one."""
    from derive.flow.statement.scalar import leaves

    if any(isinstance(leaf, Overlap) for leaf in leaves(scalar)):
        return None
    return scalars.constant(scalar)
