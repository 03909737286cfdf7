"""Sharpness h = |dz/dW|^2, plus |dz/dm|^2 and |dz/dw|^2 where they learn; dz/dtau = (zhat - z) h.

|dz/dW|^2 = |a|^2 |b|^2, |dz/dm|^2 = |a|^2, |dz/dw|^2 = |b|^2 with a = R^T w, b = R m. At the minimum the
loss has the one nonzero Hessian eigenvalue h, so gradient descent at learning rate eta is stable there
for eta h < 2 (THEORY 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.observables.observable import Change, Observable, State


def _series(change: Change) -> Sequence[Any]:
    a, b = (change.squared_length_in_clock(side) for side in "ab")
    parts = {"W": lambda: change.product(a, b), "m": lambda: a, "w": lambda: b}
    terms = [[x * change.rate(name) for x in parts[name]()] for name in change.train]
    return change.in_time(
        [sum(column[1:], start=column[0]) for column in zip(*terms, strict=True)], odd=False
    )


def _value(state: State) -> Any:
    parts = {"W": state.a_squared * state.b_squared, "m": state.a_squared, "w": state.b_squared}
    return sum(parts[name] for name in state.train)


SHARPNESS = Observable(
    name="sharpness",
    symbol="h",
    macro=r"\drvh",
    latex="h",
    left=r"\drvh(\drvtau)",
    title="sharpness h",
    source="h = dz/dtau over zhat - z",
    zhat_power=0,
    beta_power=2,
    series=_series,
    value=_value,
)
