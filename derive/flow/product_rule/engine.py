"""Any flow by the product rule, order by order, with outer products kept apart (THEORY 9).

Every matrix is M(tau) = alpha(tau) W0 + a sum of outer products of words, every vector a sum of words, and

    y = R(c) x:    c y = x + W y,    y_k = B_c (x_k + sum_{i=1..k} [alpha_i W0 + dW_i] y_{k-i}),

so that only inner products of known words are needed. All series are lazy: coefficient k asks for lower
ones of
the others. The scalars may be exact (the limit), or the numbers of one network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from derive.flow.product_rule.functions import (
    exponential,
    hyperbolic_tangent,
    integer_power,
    logarithm,
    rational_power,
)
from derive.flow.product_rule.word_series import FlowScalars, MatrixSeries, VectorSeries
from derive.flow.product_rule.words import Word, Words, acted, add_to
from derive.flow.statement.form import Column, ColumnForm, MatrixForm
from derive.flow.statement.gradient import vector_gradient, word_gradient
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import (
    FlowLetter,
    Overlap,
    Scalar,
    ScalarCall,
    ScalarPower,
    ScalarProduct,
    ScalarSum,
)
from derive.series.power_series import PowerSeries


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
        """The series of a scalar, worked out once. Its coefficients raise `NotSmooth` where there are
        none.
        """
        if scalar not in self._scalars:
            series = self._scalar(scalar)
            if isinstance(scalar, ScalarPower | ScalarCall):
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

    def columns(self) -> list[VectorSeries]:
        """Every vector that was asked for so far."""
        return list(self._columns.values())

    def _scalar(self, scalar: Scalar) -> PowerSeries:
        exact = self.scalars
        if isinstance(scalar, Overlap):
            return self._overlap(scalar)
        if isinstance(scalar, ScalarSum):
            series = self.scalar(scalar.terms[0])
            for term in scalar.terms[1:]:
                series = series + self.scalar(term)
            return series
        if isinstance(scalar, ScalarProduct):
            series = self.scalar(scalar.factors[-1])
            for factor in scalar.factors[-2::-1]:
                series = self._times(factor, series)
            return series
        if isinstance(scalar, ScalarPower):
            base = self.scalar(scalar.base)
            if scalar.exponent.denominator == 1:
                power = integer_power(base, abs(int(scalar.exponent)))
                return power if scalar.exponent > 0 else self._inverse(power)

            def root(value: Any) -> Any:
                return exact.rational_power(value, scalar.exponent)

            return rational_power(base, scalar.exponent, root, exact.reciprocal)
        if isinstance(scalar, ScalarCall):
            return self._call(scalar)
        value = exact.constant(scalar)
        return self._series(lambda n: value if n == 0 else exact.zero)

    def _inverse(self, series: PowerSeries) -> PowerSeries:
        inverse: PowerSeries = series.__rtruediv__(self.scalars.one)
        return inverse

    def _times(self, factor: Scalar, series: PowerSeries) -> PowerSeries:
        constant = constant_or_none(factor, self.scalars)
        return series * constant if constant is not None else self.scalar(factor) * series

    def _call(self, scalar: ScalarCall) -> PowerSeries:
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

    def _resolved(self, letter: FlowLetter, inner: VectorSeries) -> VectorSeries:
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
                for word, coefficient in self.scaled(term.scalar, term.column, n - 1).items():
                    add_to(total, word, coefficient / n)
            return total

        return VectorSeries(rule, self.scalars)

    def scaled(self, scalar: Scalar, column: Column, n: int) -> Words:
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


def constant_or_none(scalar: Scalar, scalars: FlowScalars) -> Any:
    """The value of an expression without overlaps; None where it holds one."""
    from derive.flow.statement.scalar import leaves

    if any(isinstance(leaf, Overlap) for leaf in leaves(scalar)):
        return None
    return scalars.constant(scalar)
