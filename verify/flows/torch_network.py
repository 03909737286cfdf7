"""A network under a flow in torch: autograd through the loss, or the rule itself.

Nothing here knows words' moments, series or the gradient rule of `derive.flow.statement.gradient`: readouts and
loss are evaluated as they are written, and what learns by a loss learns by autograd.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from derive.flow.given.sampling import sampled_vectors
from derive.flow.statement.form import Column, ColumnForm, MatrixForm
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
from derive.flow.statement.task import Flow

State = dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class TorchNetwork:
    """W0 (N, N) and the vectors (N,) of one network, float64."""

    flow: Flow
    W0: Tensor
    vectors: Mapping[str, Tensor]
    values: Mapping[str, float]

    @classmethod
    def sample(cls, flow: Flow, size: int, g: float, seed: int) -> TorchNetwork:
        """The network that `derive.flow.given.network.FlowNetwork.sample` draws from this seed."""
        random = np.random.default_rng(seed)
        W0 = random.standard_normal((size, size)) * (g / np.sqrt(size))
        values = {name: float(value) for name, value in flow.values.items()}
        vectors = sampled_vectors(flow, size, values, random)
        tensors = {name: torch.from_numpy(np.ascontiguousarray(vector)) for name, vector in vectors.items()}
        return cls(flow, torch.from_numpy(W0), tensors, values)

    def start(self) -> State:
        """W, further matrices and vectors that move, at tau = 0."""
        meaning = self.flow.meaning
        state = {"W": self.W0.clone()}
        for name, form in meaning.velocity.items():
            if isinstance(form, ColumnForm):
                state[name] = self.vectors[name].clone()
            elif name != "W":
                state[name] = torch.zeros_like(self.W0)
        return state

    def observed(self, state: State) -> dict[str, float]:
        """Readouts (complex ones as _re and _im) and loss."""
        at, meaning = _Evaluation(self, state), self.flow.meaning
        found: dict[str, float] = {}
        for name, scalar in meaning.readouts.items():
            value = complex(at.scalar(scalar))
            found |= {name: value.real, f"{name}_re": value.real, f"{name}_im": value.imag}
        if meaning.loss is not None:
            found["loss"] = complex(at.scalar(meaning.loss)).real
        return found

    def velocity(self, state: State) -> State:
        """d(state)/dtau: minus the gradient of the loss by autograd, or the rule."""
        meaning = self.flow.meaning
        found = {name: torch.zeros_like(part) for name, part in state.items()}
        if meaning.loss is not None:
            moving = {name: state[name].detach().requires_grad_(True) for name in meaning.velocity}
            loss = _real(_Evaluation(self, dict(state) | moving).scalar(meaning.loss))
            gradients = torch.autograd.grad(loss, list(moving.values()))
            return found | {name: -part for name, part in zip(moving, gradients, strict=True)}
        with torch.no_grad():
            at = _Evaluation(self, state)
            for name, form in meaning.velocity.items():
                found[name] = _real(at.form(form))
        return found

    def descended(self, rate: float, epochs: int) -> State:
        """The state after steps of the rule at a learning rate."""
        state = self.start()
        for _ in range(epochs):
            step = self.velocity(state)
            state = {name: part + rate * step[name] for name, part in state.items()}
        return state

    def flowed(self, tau: Sequence[float], steps: int) -> list[State]:
        """The states at rising times, by Runge and Kutta's method with ``steps`` steps between two times."""
        state, now, found = self.start(), 0.0, []
        for time in tau:
            width = (time - now) / steps
            for _ in range(steps if time > now else 0):
                state = self._stepped(state, width)
            now = time
            found.append(state)
        return found

    def _stepped(self, state: State, width: float) -> State:
        def moved(rate: State, factor: float) -> State:
            return {name: part + factor * width * rate[name] for name, part in state.items()}

        first = self.velocity(state)
        second = self.velocity(moved(first, 0.5))
        third = self.velocity(moved(second, 0.5))
        fourth = self.velocity(moved(third, 1.0))
        return {
            name: part + width / 6 * (first[name] + 2 * second[name] + 2 * third[name] + fourth[name])
            for name, part in state.items()
        }


class _Evaluation:
    """A flow's expressions at one state, each column once."""

    def __init__(self, network: TorchNetwork, state: State) -> None:
        self.network, self.state = network, state
        self._columns: dict[Column, Tensor] = {}
        self._factors: dict[complex, Any] = {}

    def scalar(self, scalar: Scalar) -> Any:
        if isinstance(scalar, Number):
            return float(scalar.value)
        if isinstance(scalar, Imaginary):
            return 1j
        if isinstance(scalar, Parameter):
            return self.network.values[scalar.name]
        if isinstance(scalar, Overlap):
            left, right = (
                self.column(Column((), scalar.left)),
                self.column(Column(scalar.letters, scalar.right)),
            )
            return (left.to(right.dtype) * right).sum()
        if isinstance(scalar, Sum):
            return sum(self.scalar(term) for term in scalar.terms)
        if isinstance(scalar, Product):
            result: Any = 1.0
            for factor in scalar.factors:
                result = result * self.scalar(factor)
            return result
        if isinstance(scalar, Power):
            exponent = scalar.exponent
            power = int(exponent) if exponent.denominator == 1 else float(exponent)
            return self.scalar(scalar.base) ** power
        assert isinstance(scalar, Call)
        function = {"exp": torch.exp, "log": torch.log, "tanh": torch.tanh}[scalar.name]
        return function(torch.as_tensor(self.scalar(scalar.argument)))

    def column(self, column: Column) -> Tensor:
        if column not in self._columns:
            if column.letters:
                inner = self.column(Column(column.letters[1:], column.vector))
                self._columns[column] = self._applied(column.letters[0], inner)
            else:
                self._columns[column] = self.state.get(column.vector, self.network.vectors[column.vector])
        return self._columns[column]

    def _applied(self, letter: Letter, vector: Tensor) -> Tensor:
        if letter.point is None:
            matrix = self.network.W0 if letter.name == "W0" else self.state[letter.name]
            matrix = (matrix.T if letter.transposed else matrix).to(vector.dtype)
            return matrix @ vector
        point = complex(self.scalar(letter.point))
        value = point.real if point.imag == 0 else point
        W = self.state["W"]
        matrix = torch.eye(len(W), dtype=W.dtype) * value - W
        matrix = matrix.T if letter.transposed else matrix
        dtype = torch.promote_types(matrix.dtype, vector.dtype)
        return torch.linalg.solve(matrix.to(dtype), vector.to(dtype))

    def form(self, form: MatrixForm | ColumnForm) -> Tensor:
        """A velocity as it is written."""
        if isinstance(form, ColumnForm):
            total: Any = 0
            for term in form.terms:
                total = total + self.scalar(term.scalar) * self.column(term.column)
            return total
        total = torch.zeros_like(self.network.W0)
        for operator in form.operators:
            name = operator.letters[0].name
            matrix = self.network.W0 if name == "W0" else self.state[name]
            total = total + self.scalar(operator.scalar) * matrix
        for outer in form.outers:
            left, right = self.column(outer.left), self.column(outer.right)
            dtype = torch.promote_types(left.dtype, right.dtype)
            total = total + self.scalar(outer.scalar) * torch.outer(left.to(dtype), right.to(dtype))
        return total


def _real(value: Any) -> Tensor:
    tensor = torch.as_tensor(value)
    return tensor.real if tensor.is_complex() else tensor
