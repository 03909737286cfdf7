"""One given network under a flow: its state, its velocity, its exact curve and its own series (THEORY 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from derive.flow.given.evaluation import Evaluation
from derive.flow.given.numpy_arrays import NumpyArrays
from derive.flow.given.sampling import sampled_vectors
from derive.flow.product_rule.words import Word
from derive.flow.statement.form import ColumnForm
from derive.flow.statement.scalar import Overlap, Scalar
from derive.flow.statement.task import Flow
from derive.flow.statement.tokens import FlowProblem
from derive.reading.arguments import of_kind, real_array

if TYPE_CHECKING:
    from derive.flow.product_rule.engine import ProductRule

Array = NDArray[Any]
State = dict[str, Array]
"""W, further matrices (N, N) and vectors (N,) that move, by name."""
NEGLIGIBLE = 1e-10
"""A coefficient of a series that vanishes but for rounding, beside those it was made of."""
TOLERANCE = 1e-11
"""Relative and absolute, of the integration in time."""


class FlowStops(FlowProblem):
    """A flow that ends, as where a resolvent or the velocity grows without bound, at the time ``tau``."""

    def __init__(self, tau: float) -> None:
        super().__init__(f"the flow stops at tau = {tau:.6g}: allowed are earlier times")
        self.tau = tau


@dataclass(frozen=True, eq=False, repr=False)
class FlowInstance:
    """W0 of shape (N, N) and the flow's vectors of shape (N,), float64; ``parameters`` as floats.

    Raises FlowProblem where shapes or names do not fit.
    """

    flow: Flow
    W0: Array
    vectors: Mapping[str, Array]
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        of_kind("flow", self.flow, Flow, "a Flow")
        of_kind("vectors", self.vectors, Mapping, "a mapping of names to arrays")
        try:
            object.__setattr__(self, "W0", real_array("W0", self.W0))
            vectors = {name: real_array(name, vector) for name, vector in self.vectors.items()}
        except ValueError as problem:
            raise FlowProblem(str(problem)) from None
        object.__setattr__(self, "vectors", vectors)
        size = len(self.W0) if self.W0.ndim else 0
        shapes = {"W0": self.W0.shape} | {name: vector.shape for name, vector in self.vectors.items()}
        for name in self.flow.ensemble.vectors:
            if shapes.get(name) != (size,) or self.W0.shape != (size, size):
                raise FlowProblem(
                    f"a network of shapes {shapes}: allowed are W0 (N, N) and (N,) for each of "
                    f"{', '.join(self.flow.ensemble.vectors)}"
                )
        values = {name: float(value) for name, value in self.flow.values.items()} | dict(self.parameters)
        object.__setattr__(self, "parameters", values)

    def __repr__(self) -> str:
        name = f" {self.flow.title!r}" if self.flow.title else ""
        return f"<FlowInstance of {self.size} neurons for the flow{name}>"

    @classmethod
    def sample(
        cls, flow: Flow, size: int, g: float, seed: int, parameters: Mapping[str, float] | None = None
    ) -> FlowInstance:
        """Draw W0 i.i.d. N(0, g^2/N) and the vectors, with the overlaps that are given to rounding.

        Raises FlowProblem for g outside [0, 1), size < the number of vectors, impossible overlaps.
        """
        if not 0 <= g < 1:
            raise FlowProblem(f"g = {g}: allowed is 0 <= g < 1")
        random = np.random.default_rng(seed)
        W0 = random.standard_normal((size, size)) * (g / np.sqrt(size))
        values = {name: float(value) for name, value in flow.values.items()} | dict(parameters or {})
        return cls(flow, W0, sampled_vectors(flow, size, values, random), values)

    @property
    def size(self) -> int:
        """The number N of neurons."""
        return len(self.W0)

    def start(self) -> State:
        """The state at tau = 0: W and all that moves with it."""
        meaning = self.flow.meaning
        state: State = {"W": self.W0}
        for name, form in meaning.velocity.items():
            if isinstance(form, ColumnForm):
                state[name] = self.vectors[name]
            elif name != "W":
                state[name] = np.zeros_like(self.W0)
        return state

    def velocity(self, state: State) -> State:
        """d(state)/dtau; zero for what does not move."""
        at = self._at(state)
        found = {name: np.zeros_like(part) for name, part in state.items()}
        return found | {name: at.velocity(form) for name, form in self.flow.meaning.velocity.items()}

    def readouts(self, state: State) -> dict[str, complex]:
        """The readouts, and ``loss`` where there is one."""
        at, meaning = self._at(state), self.flow.meaning
        values = {name: at.scalar(scalar) for name, scalar in meaning.readouts.items()}
        if meaning.loss is not None:
            values["loss"] = at.scalar(meaning.loss)
        return {name: complex(value) for name, value in values.items()}

    def value(self, state: State, scalar: Scalar) -> Any:
        """A scalar of the language at one state."""
        return self._at(state).scalar(scalar)

    def curve(self, tau: Sequence[float]) -> list[State]:
        """The states at rising times tau >= 0, by an integration of order 8 to 11 digits.

        Raises FlowStops where the flow ends before the last time.
        """
        from scipy.integrate import solve_ivp

        start = self.start()
        names, shapes = list(start), [start[name].shape for name in start]

        def packed(state: State) -> Array:
            return np.concatenate([state[name].ravel() for name in names])

        def unpacked(values: Array) -> State:
            parts = np.split(values, np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1])
            return {name: part.reshape(shape) for name, part, shape in zip(names, parts, shapes, strict=True)}

        reached = [0.0]

        def rate(tau: float, values: Array) -> Array:
            found = packed(self.velocity(unpacked(values)))
            if np.all(np.isfinite(found)):
                reached[0] = max(reached[0], tau)
            return found

        times = np.asarray(tau, dtype=float)
        if not len(times) or times[0] < 0 or np.any(np.diff(times) < 0):
            raise FlowProblem("times: allowed are rising numbers tau >= 0")
        if times[-1] == 0:
            return [start for _ in times]
        solution = solve_ivp(
            rate, (0.0, times[-1]), packed(start), method="DOP853", t_eval=times, rtol=TOLERANCE, atol=1e-13
        )
        if not solution.success:
            raise FlowStops(reached[0])
        return [unpacked(column) for column in solution.y.T]

    def series(self) -> ProductRule:
        """The exact Taylor series of this very network, lazily, in floats."""
        from derive.flow.product_rule.engine import ProductRule

        return ProductRule(self.flow.meaning, self.scalars)

    @cached_property
    def scalars(self) -> NetworkScalars:
        """What words are worth in this network."""
        return NetworkScalars(self)

    def _at(self, state: State) -> Evaluation:
        return Evaluation(NumpyArrays(), self.W0, self.vectors, self.parameters, state)


class NetworkScalars:
    """Floats: overlaps of the words of one network."""

    zero, one = 0.0, 1.0
    many_symbols = False

    def __init__(self, network: FlowInstance) -> None:
        self.network = network
        self.points: Sequence[Any] = []
        start = network.start()
        self._start = network._at(start)
        self._vectors: dict[Word, Array] = {}
        self._inner: dict[tuple[Word, Word], Any] = {}
        self._inverses: dict[str, Array] = {}

    def constant(self, scalar: Scalar) -> Any:
        if isinstance(scalar, Overlap):
            raise FlowProblem("a word where only numbers and parameters may stand")
        return self._start.scalar(scalar)

    def point(self, scalar: Scalar) -> int:
        value = self.constant(scalar)
        if value not in self.points:
            self.points = [*self.points, value]
        return self.points.index(value)

    def vector(self, word: Word) -> Array:
        """The column of a word, shape (N,)."""
        if word not in self._vectors:
            letters, name = word
            if letters:
                self._vectors[word] = self._letter(letters[0]) @ self.vector((letters[1:], name))
            else:
                self._vectors[word] = self.network.vectors[name]
        return self._vectors[word]

    def _letter(self, letter: str) -> Array:
        if letter not in self._inverses:
            W0 = self.network.W0
            lower = letter.lower()
            if lower == "z":
                matrix = W0
            else:
                matrix = np.linalg.inv(np.eye(len(W0)) * self.points[ord(lower) - ord("a")] - W0)
            self._inverses[lower], self._inverses[lower.upper()] = matrix, matrix.T
        return self._inverses[letter]

    def inner(self, left: Word, right: Word) -> Any:
        key = left, right
        if key not in self._inner:
            value = self.vector(left) @ self.vector(right)
            self._inner[key] = value.item()
        return self._inner[key]

    def reciprocal(self, value: Any) -> Any:
        return 1 / value

    def function(self, name: str, value: Any) -> Any:
        function = {"exp": np.exp, "log": np.log, "tanh": np.tanh}[name]
        with np.errstate(all="ignore"):
            return function(value).item()

    def rational_power(self, value: Any, exponent: Fraction) -> Any:
        if value == 0:
            raise ZeroDivisionError
        return value ** float(exponent)

    def root(self, value: Any) -> Any:
        return self.rational_power(value, Fraction(1, 2))

    def vanishes(self, value: Any, scale: Any) -> bool:
        return bool(abs(value) <= NEGLIGIBLE * scale)

    def normal(self, value: Any) -> Any:
        return value
