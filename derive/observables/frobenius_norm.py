"""The Frobenius norm of the change, |W - W0| (Schuessler et al. 2020, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.observables.observable import PAPER, Change, Observable


def _series(change: Change) -> Sequence[Any]:
    if "W" not in change.train:
        return change.in_time(change.constant(0, 1), odd=True)
    return change.in_time(change.root(change.squared_norm_in_clock), odd=True)


FROBENIUS_NORM = Observable(
    name="frobenius_norm",
    symbol="|dW|",
    macro=r"\drvnorm",
    latex=r"\left\lVert \Delta W \right\rVert",
    left=r"\drvnorm",
    title="Frobenius norm |W - W0|",
    source=f"{PAPER}, section 3",
    zhat_power=1,
    beta_power=-1,
    series=_series,
    value=lambda state: state.squared_norm**0.5,
)
