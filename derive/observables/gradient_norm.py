"""The Frobenius norm of the gradient with respect to W, |dW/dtau| = |zhat - z| |a| |b|, a = R^T w, b = R m.

Schuessler et al. 2020, Eq. 6; its value before learning is Eq. 12. Zero where W is frozen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.observables.observable import PAPER, Change, Observable, State


def _series(change: Change) -> Sequence[Any]:
    if "W" not in change.train:
        return change.in_time(change.constant(0, 1), odd=False)
    a, b = (change.squared_length_in_clock(side) for side in "ab")
    return change.error_times(a if a is b else change.root(change.product(a, b)), 1)


def _value(state: State) -> Any:
    return abs(state.error) * (state.a_squared * state.b_squared) ** 0.5 * ("W" in state.train)


GRADIENT_NORM = Observable(
    name="gradient_norm",
    symbol="|dW/dtau|",
    macro=r"\drvgradient",
    latex=r"\left\lVert \mathrm{d}W/\mathrm{d}\tau \right\rVert",
    left=r"\drvgradient",
    title="gradient norm |dW/dtau|",
    source=f"{PAPER}, Eq. 6 and 12",
    zhat_power=1,
    beta_power=1,
    series=_series,
    value=_value,
)
