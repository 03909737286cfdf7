"""A network under a flow in torch: autograd through the loss, or the rule itself.

Nothing here knows words' moments, series or the gradient rule of `derive.flow.statement.gradient`: readouts
and loss are evaluated as they are written, and what learns by a loss learns by autograd.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from derive.flow.given.evaluation import Evaluation
from derive.flow.given.sampling import sampled_vectors
from derive.flow.statement.form import ColumnForm
from derive.flow.statement.scalar import Scalar
from derive.flow.statement.task import Flow
from derive.observables.of_flows.flow_observable import FlowObservable

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
        """The network that `derive.flow.given.network.FlowInstance.sample` draws from this seed."""
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
        at, meaning = self._at(state), self.flow.meaning
        found: dict[str, float] = {}
        for name, scalar in meaning.readouts.items():
            value = complex(at.scalar(scalar))
            found |= {name: value.real, f"{name}_re": value.real, f"{name}_im": value.imag}
        if meaning.loss is not None:
            found["loss"] = complex(at.scalar(meaning.loss)).real
        return found

    def read_off(self, state: State, observables: Sequence[FlowObservable]) -> dict[str, float]:
        """Observables at a state: velocities by autograd or the rule, W - W0 as it is."""
        moment = _TorchMoment(self, state)
        return {observable.name: observable.number(moment) for observable in observables}

    def velocity(self, state: State) -> State:
        """d(state)/dtau: minus the gradient of the loss by autograd, or the rule."""
        meaning = self.flow.meaning
        found = {name: torch.zeros_like(part) for name, part in state.items()}
        if meaning.loss is not None:
            moving = {name: state[name].detach().requires_grad_(True) for name in meaning.velocity}
            loss = _real(self._at(dict(state) | moving).scalar(meaning.loss))
            gradients = torch.autograd.grad(loss, list(moving.values()))
            return found | {name: -part for name, part in zip(moving, gradients, strict=True)}
        with torch.no_grad():
            at = self._at(state)
            for name, form in meaning.velocity.items():
                found[name] = at.velocity(form)
        return found

    def _at(self, state: State) -> Evaluation:
        return Evaluation(TorchArrays(), self.W0, self.vectors, self.values, state)

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


@dataclass(frozen=True, eq=False)
class _TorchMoment:
    """A state as observables read it: arrays of numpy."""

    network: TorchNetwork
    state: State

    @property
    def change(self) -> Any:
        return (self.state["W"] - self.network.W0).numpy()

    @cached_property
    def velocity(self) -> dict[str, Any]:
        return {name: part.numpy() for name, part in self.network.velocity(self.state).items()}

    @cached_property
    def scalar(self) -> Callable[[Scalar], Any]:
        return self.network._at(self.state).scalar


@dataclass(frozen=True, eq=False)
class Resolvent:
    """(c - W)^-1 as what it is the inverse of: vectors are solved for, and their gradients cost N^2."""

    inverse: Tensor

    @property
    def T(self) -> Resolvent:
        return Resolvent(self.inverse.T)


class TorchArrays:
    """torch's tensors, as `derive.flow.given.evaluation` asks for them; gradients pass through."""

    def function(self, name: str, value: Any) -> Tensor:
        result: Tensor = {"exp": torch.exp, "log": torch.log, "tanh": torch.tanh}[name](
            torch.as_tensor(value)
        )
        return result

    def applied(self, matrix: Tensor | Resolvent, vector: Tensor) -> Tensor:
        if isinstance(matrix, Resolvent):
            solved: Tensor = torch.linalg.solve(*_alike(matrix.inverse, vector))
            return solved
        return torch.mv(*_alike(matrix, vector))

    def dot(self, left: Tensor, right: Tensor) -> Tensor:
        return torch.dot(*_alike(left, right))

    def outer(self, left: Tensor, right: Tensor) -> Tensor:
        return torch.outer(*_alike(left, right))

    def resolvent(self, point: complex, matrix: Tensor) -> Resolvent:
        return Resolvent(torch.eye(len(matrix), dtype=matrix.dtype) * point - matrix)

    def real(self, array: Any) -> Tensor:
        return _real(array)


def _alike(left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    dtype = torch.promote_types(left.dtype, right.dtype)
    return left.to(dtype), right.to(dtype)


def _real(value: Any) -> Tensor:
    tensor = torch.as_tensor(value)
    return tensor.real if tensor.is_complex() else tensor
