"""Learning at given times as the `State` that observables are read off."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from derive.arrays import Array
from derive.exact.learning_curve import LearningCurve, all_singular_values
from derive.flow.fixed_point_task import FixedPointTask
from derive.observables.registry import observables


@dataclass(frozen=True, eq=False)
class CurveState:
    """An exact curve where `LearningCurve.position` says: ``T`` and ``rest``, shape (T,)."""

    curve: LearningCurve
    T: Array
    rest: Array

    @property
    def zhat(self) -> float:
        """The target."""
        return self.curve.zhat

    @property
    def train(self) -> tuple[str, ...]:
        """What learns."""
        return self.curve.path.train

    @cached_property
    def error(self) -> Array:
        """zhat - z, to full relative accuracy however late."""
        return self.curve.error_at(self.T, self.rest)

    @cached_property
    def change(self) -> Array:
        """W - W0 in orthonormal chain coordinates, (T, n, n)."""
        return self.curve.path.change(self.T)

    @property
    def a_squared(self) -> Array:
        """|a|^2."""
        return self._squared_lengths[0]

    @property
    def b_squared(self) -> Array:
        """|b|^2."""
        return self._squared_lengths[1]

    @property
    def squared_norm(self) -> Array:
        """|W - W0|_F^2."""
        return np.asarray((self.change**2).sum(axis=(-2, -1)))

    def singular_value(self, r: int) -> Array:
        """s_r of W - W0; zero past the chain."""
        values = self._singular_values
        return np.asarray(values[..., r - 1]) if r <= values.shape[-1] else np.zeros_like(self.T)

    @property
    def values(self) -> dict[str, Array]:
        """Every observable that the task has, but the singular values."""
        return {o.name: np.asarray(o.value(self)) for o in observables(FixedPointTask(train=self.train), 0)}

    @cached_property
    def _squared_lengths(self) -> tuple[Array, Array]:
        return self.curve.path.squared_lengths(self.T)

    @cached_property
    def _singular_values(self) -> Array:
        return all_singular_values(self.change)
