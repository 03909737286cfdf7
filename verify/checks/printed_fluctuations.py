"""Check (i) for the variance of the readout: the error of its series falls as tau^(K+1) (THEORY 8)."""

from __future__ import annotations

from verify.checks.slope import Errors
from verify.truth.limit_variance import limit_variance
from verify.truth.setting import Setting
from verify.truth.theory import Theory, numbers_of


def variance_errors(
    theory: Theory, setting: Setting, closeness: float, only: str | None
) -> dict[str, Errors]:
    """Of ``readout_variance``, against flows of perturbed limit networks."""
    times, exact = limit_variance(setting, theory.order, closeness)
    printed = [theory.functions["readout_variance"](tau, *numbers_of(setting, tau)) for tau in times]
    errors = [x - y for x, y in zip(printed, exact, strict=True)]
    return {"readout_variance": Errors(theory.order + 1, times, errors, exact)}
