"""What an observable of a flow in words is: how it is read off its series, and off a state of one network.

The series may be those of the limit or of one network: the scalars decide (`Motion`). A state may be one
network's, or that of the limit in a basis of words: `Moment`. Text, JSON, LaTeX, code and the curves loop
over `derive.observables.of_flows.flow_registry`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from derive.flow.change import MatrixOrder
from derive.flow.product_rule.word_series import WordScalars
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import Scalar


class MotionScalars(WordScalars, Protocol):
    """What observables ask of the scalars of a series."""

    many_symbols: bool
    """Whether quotients of sums, the one by the other, fill pages."""

    def root(self, value: Any) -> Any:
        """The square root."""

    def vanishes(self, value: Any, scale: Any) -> bool:
        """Whether a value is 0; of floats, beside one of the size of ``scale``."""


class Motion(Hashable, Protocol):
    """A flow as series: entry k of a list multiplies tau**k."""

    @property
    def order(self) -> int: ...
    @property
    def meaning(self) -> Meaning: ...
    @property
    def scalars(self) -> MotionScalars: ...
    @property
    def scalar(self) -> Callable[[Scalar], Sequence[Any]]:
        """The series of any scalar of the language."""

    @property
    def matrix(self) -> Callable[[str], Sequence[MatrixOrder]]:
        """The change of a matrix, k = 1..order."""


class Moment(Protocol):
    """A moment of learning in numbers: arrays of numpy."""

    @property
    def change(self) -> Any:
        """W - W0, shape (N, N)."""

    @property
    def velocity(self) -> Mapping[str, Any]:
        """d/dtau of all that moves."""

    def scalar(self, scalar: Scalar) -> Any:
        """The value of a scalar of the language."""


@dataclass(frozen=True)
class FlowObservable:
    """A number that changes while a flow runs; ``series`` raises `NoSeries` where it has none.

    ``name`` is that of the emitted function, of the JSON key and of the column. ``left`` is the left side of
    its formula in LaTeX, with {0}, {1} for the LaTeX of ``names``. ``extensive`` where it grows with N as
    soon as a multiple of W0 moves.
    """

    name: str
    left: str
    title: str
    source: str
    series: Callable[[Motion], Sequence[Any]]
    value: Callable[[Moment], float] | None = None
    """None where it is no number that a state shows."""
    names: tuple[str, ...] = ()
    extensive: bool = False
    instead_of: tuple[tuple[str, ...], ...] = ()
    """Its series is left out where of each of these groups one has a series; curves have those themselves."""
    scalar: Scalar | None = None
    """What it is in the language, where it is a scalar of it: its words belong to a basis of words."""
    variable: str = ""
    """What it is a function of beside tau and the parameters: an argument of its function before g."""

    def number(self, moment: Moment) -> float:
        """Its value at a state. Raises ValueError where a state does not show it."""
        if self.value is None:
            raise ValueError(f"{self.name} is no number that a state shows")
        return self.value(moment)


def is_spared(observable: FlowObservable, found: Container[str]) -> bool:
    """Whether what an observable stands in for is found already."""
    groups = observable.instead_of
    return bool(groups) and all(any(name in found for name in group) for group in groups)
