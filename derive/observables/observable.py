"""What an observable is: how it is read off a change of the weights, and off a state.

A change is a series: `Change` offers the chain in the clock s on any scalars (THEORY 2, 3), so one
formula serves the limit N -> infinity, overlapping vectors, and one given network. A state is a moment
of learning, in numbers: `State`. Every format, the exact curve, one network and the checks of ``verify``
loop over `derive.observables.registry`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from derive.flow.fixed_point_task import FixedPointTask

PAPER = "Schuessler et al. 2020"


class Change(Protocol):
    """W(tau) - W0 as series. Lists hold Taylor coefficients on the change's own scalars.

    "In the clock" they multiply powers of s, ds = (zhat - z) dtau; the limit's scalars leave powers of
    zhat and beta out, which the observable names.
    """

    @property
    def order(self) -> int:
        """The highest power of tau."""

    @property
    def train(self) -> tuple[str, ...]:
        """What learns, of W, m, w."""

    def rate(self, name: str) -> Any:
        """How fast W, m or w learns, a scalar; 0 where it is frozen."""

    @property
    def readout_in_clock(self) -> Sequence[Any]:
        """z, or (z - rho)/(zhat - rho)."""

    @property
    def squared_norm_in_clock(self) -> Sequence[Any]:
        """|W - W0|_F^2."""

    def squared_length_in_clock(self, side: str) -> Sequence[Any]:
        """|a|^2 for side "a", |b|^2 for "b": a = R^T w, b = R m (THEORY 1)."""

    def singular_values(self, count: int) -> Sequence[Sequence[Any]]:
        """s_1, ..., s_count of W - W0 at least, in learning time."""

    def product(self, left: Sequence[Any], right: Sequence[Any]) -> Sequence[Any]:
        """The product of two series."""

    def root(self, squared: Sequence[Any]) -> Sequence[Any]:
        """The square root of a series that starts at s^0 or s^2."""

    def in_time(self, in_clock: Sequence[Any], odd: bool) -> Sequence[Any]:
        """The same as a series in learning time; ``odd``: one zhat is left out (z, norms, s_r)."""

    def error_times(self, in_clock: Sequence[Any], power: int) -> Sequence[Any]:
        """|zhat - z|**power times a series given in the clock, in learning time."""

    def constant(self, numerator: int, denominator: int) -> Sequence[Any]:
        """A number as a series in the clock."""


class State(Protocol):
    """A moment of learning, or many: numbers of numpy (shape (T,)), of mpmath, or any others."""

    @property
    def train(self) -> tuple[str, ...]:
        """What learns, of W, m, w."""

    @property
    def zhat(self) -> Any:
        """The target."""

    @property
    def error(self) -> Any:
        """zhat - z."""

    @property
    def a_squared(self) -> Any:
        """|a|^2, a = R^T w."""

    @property
    def b_squared(self) -> Any:
        """|b|^2, b = R m."""

    @property
    def squared_norm(self) -> Any:
        """|W - W0|_F^2."""

    def singular_value(self, r: int) -> Any:
        """s_r of W - W0, r >= 1; 0 past its rank."""


def everywhere(task: FixedPointTask) -> bool:
    """An observable of every fixed-point task."""
    return True


@dataclass(frozen=True)
class Observable:
    """A number that changes as a network learns.

    ``name`` is that of the emitted function, of the JSON key and of the column; ``symbol`` stands in
    formulas of text. In LaTeX ``left`` stands on the left of its formula, and holds the macro ``macro``,
    defined as ``latex``. Its series at N -> infinity is zhat^zhat_power beta^beta_power times what
    ``series`` returns (THEORY 3); None where its coefficients are no polynomials.
    """

    name: str
    symbol: str
    macro: str
    latex: str
    left: str
    title: str
    source: str
    zhat_power: int
    beta_power: int
    series: Callable[[Change], Sequence[Any]] | None
    value: Callable[[State], Any]
    unit: str = "dimensionless"
    holds: Callable[[FixedPointTask], bool] = everywhere

    def expanded(self, change: Change) -> Sequence[Any]:
        """Its series on the scalars of ``change``. Raises ValueError where it has none."""
        if self.series is None:
            raise ValueError(f"{self.name}: it has no series with exact coefficients")
        return self.series(change)
