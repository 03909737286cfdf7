"""Check (i): the error of a printed function through tau^K falls as tau^(K+1) (THEORY 5).

Both sides are computed with many digits at times far inside the radius of convergence, where the slope of
log error over log tau is K + 1 up to the next-order correction (`verify.checks.slope`). From the flow of the
limit network (`verify.truth.limit_flow`):

    the registry of observables: each printed one; s_r starts at tau^(2r-1), its slope at lower orders;
        what does not change with tau (the sharpness where m alone learns) must be right to all digits;
    of a target matrix: Z as a whole, loss, norm and singular values of all modes, no mode in the flow;
    the end of learning (`.printed_end`), matrices, vectors, leading terms and limits (`.printed_spectra`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import mpmath
import numpy as np

from derive.observables.registry import observables
from derive.observables.singular_values import is_singular_value
from verify.checks.check import Check
from verify.checks.printed_end import END, of_theory
from verify.checks.printed_fluctuations import NAMES, variance_errors
from verify.checks.printed_spectra import (
    eigenvalue_errors,
    leading_errors,
    matrix_errors,
    universal_errors,
    vector_errors,
)
from verify.checks.slope import Errors, NextTerms, settled, time_slope
from verify.truth.digits import working_digits
from verify.truth.limit_flow import CLOSENESS, limit_flow
from verify.truth.modes_theory import ModesTheory
from verify.truth.precise_flow import DIGITS, norm
from verify.truth.setting import PAPERS_TASK, Setting
from verify.truth.theory import Theory, numbers_of

Found = dict[str, Errors]
ErrorsOf = Callable[..., Found]
"""(theory, setting, closeness, only): by name the errors, or those of the function ``only``."""


def series_checks(theory: Theory | ModesTheory, setting: Setting) -> list[Check]:
    """One check for each printed function that has a truth."""
    checks: list[Check] = []
    of_all = " of all modes" if setting.shape else ""
    with working_digits(DIGITS):
        for family, errors_of in FAMILIES.items():
            if family != OBSERVABLES and not theory.functions.keys() & functions_of(family):
                continue
            found = settled(partial(_checked, errors_of, theory), setting)
            if family in WORST and found:
                checks.append(_worst(found, WORST[family]))
                continue
            for check in found:
                checks.append(
                    replace(check, name=f"series of {check.name}: printed against limit flow{of_all}")
                )
    return checks


def next_terms(theory: Theory | ModesTheory, setting: Setting) -> dict[str, NextTerms]:
    """By name, what the series of the observables leave out."""
    with working_digits(DIGITS):
        found = observable_errors(theory, setting, CLOSENESS)
        return {name: errors.left_out for name, errors in found.items()}


def function_errors(theory: Theory, setting: Setting, function: str, closeness: float) -> Found:
    """By name the errors of one printed function; empty where it has no truth."""
    for family, errors_of in FAMILIES.items():
        if function in functions_of(family):
            return errors_of(theory, setting, closeness, function)
    return {}


def function_check(
    function: Callable[[Any, Any, Any], Any], name: str, order: int, g: float, zhat: float
) -> Check:
    """One function of (tau, zhat, g), exact through tau^order, against the limit network's flow.

    ``name`` is one of the registry: readout, loss, ..., s1, s2, ... Raises ValueError for others.
    """
    rank = int(name[1:]) if name[:1] == "s" and name[1:].isdigit() else 0
    setting = Setting(g, zhat)
    flow = limit_flow(setting, order, max(rank, 1))
    with working_digits(DIGITS):
        truth = flow.observables(max(rank, 1))
        if name not in truth[0]:
            names = [known for known in truth[0] if known != "s1"]
            raise ValueError(f"{name}: allowed are {', '.join((*names, 's1, s2, ...'))}")
        errors = [
            function(tau, *numbers_of(setting, tau)) - exact[name]
            for tau, exact in zip(flow.times, truth, strict=True)
        ]
        title = f"{name} through tau^{order} against limit flow, g = {g:g}, zhat = {zhat:g}"
        return time_slope(title, flow.times, errors, max(order + 1, 2 * rank - 1))


def observable_errors(
    theory: Theory | ModesTheory, setting: Setting, closeness: float, only: str | None = None
) -> Found:
    """By name the errors of the printed observables; of a target matrix its entries and their sizes."""
    singular = sum(is_singular_value(name) for name in theory.at(setting, mpmath.mpf(0)))
    flow = limit_flow(setting, theory.order, singular, closeness)
    printed, exact = [theory.at(setting, tau) for tau in flow.times], flow.observables(singular)
    found = {}
    for name in printed[0]:
        rank = int(name[1:]) if is_singular_value(name) else 0
        if only not in (None, "singular_values" if rank else name):
            continue
        least = 2 * ((rank - 1) // len(setting.modes)) + 1  # the power with which s_rank starts
        truth = [values[name] for values in exact]
        errors = [values[name] - true for values, true in zip(printed, truth, strict=True)]
        found[name] = Errors(max(theory.order + 1, least), flow.times, errors, truth)
    return found


def _checked(errors_of: ErrorsOf, theory: Theory | ModesTheory, setting: Setting, closeness: float) -> Found:
    """The errors that are judged: of a target matrix its entries together."""
    found = errors_of(theory, setting, closeness, None)
    if not setting.shape:
        return found
    entries = [name for name in found if name.startswith("Z[")]
    first = found[entries[0]]
    whole = [norm(np.array(x)) for x in zip(*(found[name].values for name in entries), strict=True)]
    sizes = [norm(np.array(x)) for x in zip(*(found[name].exact for name in entries), strict=True)]
    rest = {name: errors for name, errors in found.items() if name not in entries}
    return {"Z": Errors(first.power, first.times, whole, sizes), **rest}


def _estimate_errors(theory: Theory, setting: Setting, closeness: float, only: str | None) -> Found:
    """The readout with its error estimate is right to one more order."""
    flow = limit_flow(setting, theory.order, closeness=closeness)
    errors = []
    for tau, state in zip(flow.times, flow.states, strict=True):
        at = tau, *numbers_of(setting, tau)
        errors.append(
            theory.functions["readout"](*at) + theory.functions["error_estimate"](*at) - state.readout
        )
    return {"readout with its error estimate": Errors(theory.order + 2, flow.times, errors)}


OBSERVABLES = "observables"
FAMILIES: dict[str, ErrorsOf] = {
    OBSERVABLES: observable_errors,
    "end": of_theory,
    "error_estimate": _estimate_errors,
    "a_matrix": matrix_errors,
    "eigenvalues_g0": eigenvalue_errors,
    "singular_vectors": vector_errors,
    "leading_singular_values": leading_errors,
    "universal": universal_errors,
    "variance": variance_errors,
}
"""What is checked together: by the printed function, or by a name that `functions_of` knows."""

TOGETHER = {"end": set(END), "universal": {"universal", "universal_end"}, "variance": set(NAMES)}
"""Printed functions of a family that is not named after its only one."""


def functions_of(family: str) -> set[str]:
    """The printed functions that are checked together."""
    if family == OBSERVABLES:
        return {*(observable.name for observable in observables(PAPERS_TASK, 0)), "singular_values"}
    return TOGETHER.get(family, {family})


WORST = {
    "leading_singular_values": "leading terms of singular values: printed against limit flow",
    "universal": "series of scaling functions at g -> 1: printed against flow there",
}
"""Families whose checks are reported as one."""


def _worst(checks: Sequence[Check], name: str) -> Check:
    """The check farthest from passing, named for all of them."""
    worst = max(checks, key=lambda check: (not check.passed, abs(check.measured - check.expected)))
    return replace(worst, name=f"{name} (worst of {len(checks)}: {worst.name})")
