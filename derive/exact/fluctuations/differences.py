"""Derivatives of every observable by the weights of the overlap measure, by central differences (THEORY 8).

For what the closed form has no derivatives of: overlapping m and w, and m and w that learn. Each weight is
moved up and down by a part `STEP` of itself and the exact curve followed again, so that whatever the registry
reads off a curve is answered for. The differences are wrong by STEP^2 and by rounding over STEP: 1e-7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.exact.fluctuations.measure import OverlapMeasure
from derive.exact.learning_curve import LearningCurve
from derive.exact.learning_path import learning_path
from derive.exact.state import CurveState

STEP = 1e-4


@dataclass(frozen=True, eq=False)
class Readings:
    """What is read off one curve: observables (T,) by name, singular values (T, R), the learning time."""

    values: dict[str, Array]
    singular: Array
    learning_time: float


@dataclass(frozen=True)
class Learner:
    """Learning towards ``zhat`` of networks given by weights; read at ``tau`` (T,) and at ``fraction`` of the
    initial loss."""

    measure: OverlapMeasure
    zhat: float
    tau: tuple[float, ...]
    train: tuple[str, ...] = ("W",)
    singular_values: int = 2
    fraction: float = 0.05

    def read(self, w_weights: Array, m_weights: Array) -> Readings:
        """Of the network with these weights of w and of m."""
        reduction = self.measure.reduction(w_weights, m_weights)
        direction = 1 if self.zhat > reduction.readout else -1
        curve = LearningCurve(learning_path(reduction, train=self.train, direction=direction), self.zhat)
        state = CurveState(curve, *curve.position(np.array(self.tau)))
        singular = [state.singular_value(r) for r in range(1, self.singular_values + 1)]
        return Readings(state.values, np.stack(singular, axis=-1), curve.time_to(self.fraction))

    def moved(self, change: Array) -> Readings:
        """The derivative along a ``change`` (n,) of the weights of both m and w, in parts of themselves."""
        weights = self.measure.weights
        above, below = (
            self.read(moved, moved)
            for moved in (weights * (1 + STEP * change), weights * (1 - STEP * change))
        )
        return Readings(
            {name: (value - below.values[name]) / (2 * STEP) for name, value in above.values.items()},
            (above.singular - below.singular) / (2 * STEP),
            (above.learning_time - below.learning_time) / (2 * STEP),
        )

    def responses(self) -> tuple[dict[str, Array], Array, Array]:
        """Derivatives by every weight: (T, n) by name, (T, R, n), and (n,) of the learning time."""
        n = len(self.measure.weights)
        found = [self.moved(row) for row in np.eye(n)]
        by = {
            name: np.stack([reading.values[name] for reading in found], axis=-1) / self.measure.weights
            for name in found[0].values
        }
        singular = np.stack([reading.singular for reading in found], axis=-1) / self.measure.weights
        return by, singular, np.array([reading.learning_time for reading in found]) / self.measure.weights


def as_times(tau: Sequence[float] | Array) -> tuple[float, ...]:
    """Times that a `Learner` takes."""
    return tuple(float(t) for t in tau)
