"""A flow evaluated on numbers: readouts, loss and velocities at one state of one network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.flow.statement.form import Column, MatrixForm
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import (
    Call,
    Imaginary,
    Letter,
    Number,
    Overlap,
    Parameter,
    Power,
    Product,
    Scalar,
    Sum,
)

Array = NDArray[Any]
State = dict[str, Array]
"""W, further matrices (N, N) and vectors (N,) that move, by name."""


class Evaluation:
    """Everything in a flow at one state; each word and scalar is worked out once."""

    def __init__(
        self,
        meaning: Meaning,
        W0: Array,
        vectors: Mapping[str, Array],
        parameters: Mapping[str, float],
        state: State,
    ) -> None:
        self.meaning, self.W0, self.vectors = meaning, W0, vectors
        self.parameters, self.state = parameters, state
        self._columns: dict[Column, Array] = {}
        self._scalars: dict[Scalar, Any] = {}
        self._inverses: dict[complex, Array] = {}

    def scalar(self, scalar: Scalar) -> Any:
        """The value, a float or a complex number."""
        if scalar not in self._scalars:
            self._scalars[scalar] = self._scalar(scalar)
        return self._scalars[scalar]

    def _scalar(self, scalar: Scalar) -> Any:
        if isinstance(scalar, Number):
            return float(scalar.value)
        if isinstance(scalar, Imaginary):
            return 1j
        if isinstance(scalar, Parameter):
            return self.parameters[scalar.name]
        if isinstance(scalar, Overlap):
            right = self.column(Column(scalar.letters, scalar.right))
            return (self.column(Column((), scalar.left)) @ right).item()
        if isinstance(scalar, Sum):
            return sum(self.scalar(term) for term in scalar.terms)
        if isinstance(scalar, Product):
            result = 1.0
            for factor in scalar.factors:
                result = result * self.scalar(factor)
            return result
        with np.errstate(all="ignore"):
            if isinstance(scalar, Power):
                exponent = scalar.exponent
                base = self.scalar(scalar.base)
                return base ** (int(exponent) if exponent.denominator == 1 else float(exponent))
            assert isinstance(scalar, Call)
            function = {"exp": np.exp, "log": np.log, "tanh": np.tanh}[scalar.name]
            return function(self.scalar(scalar.argument)).item()

    def column(self, column: Column) -> Array:
        """The vector of a word, shape (N,)."""
        if column not in self._columns:
            if column.letters:
                inner = self.column(Column(column.letters[1:], column.vector))
                self._columns[column] = self._applied(column.letters[0], inner)
            else:
                self._columns[column] = self.state.get(column.vector, self.vectors[column.vector])
        return self._columns[column]

    def _applied(self, letter: Letter, vector: Array) -> Array:
        if letter.point is None:
            matrix = self.W0 if letter.name == "W0" else self.state[letter.name]
        else:
            matrix = self._resolvent(complex(self.scalar(letter.point)))
        result: Array = (matrix.T if letter.transposed else matrix) @ vector
        return result

    def _resolvent(self, point: complex) -> Array:
        if point not in self._inverses:
            W = self.state["W"]
            value = point.real if point.imag == 0 else point
            self._inverses[point] = np.linalg.inv(np.eye(len(W)) * value - W)
        return self._inverses[point]

    def velocity(self) -> State:
        """d/dtau of every part of the state."""
        found: State = {name: np.zeros_like(part) for name, part in self.state.items()}
        for name, form in self.meaning.velocity.items():
            if isinstance(form, MatrixForm):
                rate: Array = np.zeros_like(self.W0)
                for operator in form.operators:
                    letter = operator.letters[0].name
                    matrix = self.W0 if letter == "W0" else self.state[letter]
                    rate = rate + self.scalar(operator.scalar) * matrix
                for outer in form.outers:
                    left, right = self.column(outer.left), self.column(outer.right)
                    rate = rate + np.outer(self.scalar(outer.scalar) * left, right)
            else:
                rate = np.zeros(len(self.W0))
                for term in form.terms:
                    rate = rate + self.scalar(term.scalar) * self.column(term.column)
            found[name] = np.real(rate)
        return found
