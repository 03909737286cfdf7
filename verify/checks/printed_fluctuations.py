"""Check (i) for variances between networks: the error of their series falls as tau^(K+1) (THEORY 8)."""

from __future__ import annotations

from derive.observables.registry import expanded_observables
from derive.observables.singular_values import is_singular_value
from derive.observables.variance import variance_name
from verify.checks.slope import Errors
from verify.truth.limit_variance import limit_variances
from verify.truth.setting import PAPERS_TASK, Setting
from verify.truth.theory import Theory, numbers_of

MOST_SINGULAR_VALUES = 9
NAMES = {variance_name(o.name): o.name for o in expanded_observables(PAPERS_TASK, MOST_SINGULAR_VALUES)}
"""The observable whose variance a printed function is."""


def variance_errors(
    theory: Theory, setting: Setting, closeness: float, only: str | None
) -> dict[str, Errors]:
    """Of every printed variance, or of ``only`` one, against flows of perturbed limit networks."""
    printed = [name for name in NAMES if name in theory.functions]  # all together: one truth for all
    singular = sum(is_singular_value(NAMES[name]) for name in printed)
    times, exact = limit_variances(setting, theory.order, singular, closeness)
    found = {}
    for name in printed if only is None else (only,):
        values, truth = theory.functions[name], exact[NAMES[name]]
        errors = [values(tau, *numbers_of(setting, tau)) - x for tau, x in zip(times, truth, strict=True)]
        found[name] = Errors(theory.order + 1, times, errors, truth)
    return found
