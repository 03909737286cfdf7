"""Errors of the printed end of learning, of the outlier equation and of shuffling against the limit's flow.

From one time of the flow, with delta = z/zhat:

    learning_time(delta) = tau;    weight_change(delta) = |W - W0|, odd in delta, so that its error is of
    order K + 2 at odd K;    d(mean gradient norm * time)/d delta = |dW/dtau| zhat/(dz/dtau) = zhat/(|a| |b|);
    shuffled_loss(delta) = (1 - z_s/zhat)^2;    outlier_equation = D(lambda)    (`.end_of_learning`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath

from verify.checks.slope import Errors
from verify.truth.end_of_learning import Progress
from verify.truth.limit_flow import limit_flow
from verify.truth.setting import Setting
from verify.truth.theory import Theory, numbers_of

Functions = Mapping[str, Callable[..., Any]]


def _path_rate(functions: Functions, at: Progress, *arguments: Any) -> Any:
    def path(delta: Any) -> Any:
        time = functions["learning_time"](delta, *arguments)
        return functions["mean_gradient_norm"](delta, *arguments) * time

    return mpmath.diff(path, at.delta, h=mpmath.mpf(10) ** -45)


END: dict[str, Callable[[Functions, Progress, Any, Any], Any]] = {
    "learning_time": lambda f, at, zhat, g: f["learning_time"](at.delta, zhat, g) - at.tau,
    "weight_change": lambda f, at, zhat, g: f["weight_change"](at.delta, zhat, g) - at.change,
    "mean_gradient_norm": lambda f, at, zhat, g: _path_rate(f, at, zhat, g) - zhat / at.steepness,
    "shuffled_loss": lambda f, at, zhat, g: f["shuffled_loss"](at.delta, zhat, g) - at.shuffled,
    "outlier_equation": lambda f, at, zhat, g: (
        f["outlier_equation"](at.point, at.tau, zhat, g) - at.determinant
    ),
}


def end_errors(
    functions: Functions, order: int, progress: Sequence[Progress], zhat: Any, g: Any, only: str | None
) -> dict[str, Errors]:
    """Those of ``functions`` that have a truth at these times."""
    powers = dict.fromkeys(END, order + 1)
    powers["weight_change"] += order % 2
    powers["mean_gradient_norm"] = order if order > 1 else 2
    unknown = {
        "shuffled_loss": progress[0].shuffled is None,
        "outlier_equation": progress[0].determinant is None,
    }
    return {
        name: Errors(
            powers[name], [at.tau for at in progress], [error(functions, at, zhat, g) for at in progress]
        )
        for name, error in END.items()
        if name in functions and not unknown.get(name) and only in (None, name)
    }


def of_theory(theory: Theory, setting: Setting, closeness: float, only: str | None) -> dict[str, Errors]:
    """By name the errors of a module's functions, or of ``only`` one."""
    flow = limit_flow(setting, theory.order, closeness=closeness)
    zhat, g = numbers_of(setting, flow.times[0])
    return end_errors(theory.functions, theory.order, flow.progress, zhat, g, only)
