"""A flow evaluated at one state of one network, on any arrays: readouts, loss and velocities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from derive.flow.statement.form import Column, ColumnForm, MatrixForm
from derive.flow.statement.scalar import (
    FlowLetter,
    Imaginary,
    Overlap,
    Parameter,
    Scalar,
    ScalarCall,
    ScalarNumber,
    ScalarPower,
    ScalarProduct,
    ScalarSum,
)


class Arrays(Protocol):
    """What is asked of a library of arrays beside + - * ** and transposes; real and complex ones may meet."""

    def function(self, name: str, value: Any) -> Any:
        """exp, log or tanh of a number."""

    def applied(self, matrix: Any, vector: Any) -> Any:
        """matrix @ vector."""

    def dot(self, left: Any, right: Any) -> Any:
        """left^T right, a number; no complex conjugate."""

    def outer(self, left: Any, right: Any) -> Any:
        """left right^T."""

    def resolvent(self, point: complex, matrix: Any) -> Any:
        """(point - matrix)^-1; ``point`` is a float where it is real."""

    def real(self, array: Any) -> Any:
        """The real part."""


class Evaluation:
    """Everything in a flow at one state; each word and scalar is worked out once.

    ``state`` holds W, further matrices (N, N) and vectors (N,) that move, by name.
    """

    def __init__(
        self,
        arrays: Arrays,
        W0: Any,
        vectors: Mapping[str, Any],
        parameters: Mapping[str, float],
        state: Mapping[str, Any],
    ) -> None:
        self.arrays, self.W0, self.vectors = arrays, W0, vectors
        self.parameters, self.state = parameters, state
        self._columns: dict[Column, Any] = {}
        self._scalars: dict[Scalar, Any] = {}
        self._resolvents: dict[complex, Any] = {}

    def scalar(self, scalar: Scalar) -> Any:
        """The value, real or complex."""
        if scalar not in self._scalars:
            self._scalars[scalar] = self._scalar(scalar)
        return self._scalars[scalar]

    def _scalar(self, scalar: Scalar) -> Any:
        if isinstance(scalar, ScalarNumber):
            return float(scalar.value)
        if isinstance(scalar, Imaginary):
            return 1j
        if isinstance(scalar, Parameter):
            return self.parameters[scalar.name]
        if isinstance(scalar, Overlap):
            right = self.column(Column(scalar.letters, scalar.right))
            return self.arrays.dot(self.column(Column((), scalar.left)), right)
        if isinstance(scalar, ScalarSum):
            return sum(self.scalar(term) for term in scalar.terms)
        if isinstance(scalar, ScalarProduct):
            result: Any = 1.0
            for factor in scalar.factors:
                result = result * self.scalar(factor)
            return result
        if isinstance(scalar, ScalarPower):
            exponent = scalar.exponent
            power = int(exponent) if exponent.denominator == 1 else float(exponent)
            return self.scalar(scalar.base) ** power
        assert isinstance(scalar, ScalarCall)
        return self.arrays.function(scalar.name, self.scalar(scalar.argument))

    def column(self, column: Column) -> Any:
        """The vector of a word, shape (N,)."""
        if column not in self._columns:
            if column.letters:
                inner = self.column(Column(column.letters[1:], column.vector))
                self._columns[column] = self._applied(column.letters[0], inner)
            else:
                name = column.vector
                self._columns[column] = self.state[name] if name in self.state else self.vectors[name]
        return self._columns[column]

    def _applied(self, letter: FlowLetter, vector: Any) -> Any:
        if letter.point is None:
            matrix = self._matrix(letter.name)
        else:
            matrix = self._resolvent(complex(self.scalar(letter.point)))
        return self.arrays.applied(matrix.T if letter.transposed else matrix, vector)

    def _matrix(self, name: str) -> Any:
        return self.W0 if name == "W0" else self.state[name]

    def _resolvent(self, point: complex) -> Any:
        if point not in self._resolvents:
            value = point.real if point.imag == 0 else point
            self._resolvents[point] = self.arrays.resolvent(value, self.state["W"])
        return self._resolvents[point]

    def velocity(self, form: MatrixForm | ColumnForm) -> Any:
        """A velocity as it is written, its real part."""
        if isinstance(form, ColumnForm):
            rate = self.arrays.applied(self.W0 * 0, next(iter(self.vectors.values())))
            for term in form.terms:
                rate = rate + self.scalar(term.scalar) * self.column(term.column)
            return self.arrays.real(rate)
        rate = self.W0 * 0
        for operator in form.operators:
            rate = rate + self.scalar(operator.scalar) * self._matrix(operator.letters[0].name)
        for outer in form.outers:
            left, right = self.column(outer.left), self.column(outer.right)
            rate = rate + self.arrays.outer(self.scalar(outer.scalar) * left, right)
        return self.arrays.real(rate)
