"""Check (i): the error of a series through tau^K falls as tau^(K+1).

Both sides are computed with many digits (`verify.truth.precise_flow`) at times far inside the radius of
convergence, where the slope of log error over log tau is K + 1 up to the next-order correction
c_(K+2) tau/c_(K+1) (`verify.checks.error_slope`).

 - the chain's series of one instance (THEORY 2) against that instance's own flow;
 - the printed functions against the flow of the limit network (THEORY 5); the r-th singular
   value starts at tau^(2r-1), so at lower orders that is its slope. What does not change with tau (the
   sharpness where m alone learns) has no slope and must be right to all digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

from derive import Instance
from derive.flow.problem import FixedPointTask
from verify.checks.check import Check
from verify.checks.error_slope import Errors, NextTerms, ladder, settled_checks, slope_check
from verify.checks.limit_errors import limit_errors, limit_flow, precise_chain_series, radius_estimate
from verify.comparison.request import PAPERS_TASK
from verify.truth.digits import working_digits
from verify.truth.precise_flow import DIGITS, chains, norm, precise_instance
from verify.truth.theory import SCALARS, Theory

INSTANCE_SIZE = 16


def limit_series_checks(
    theory: Theory, g: float, zhat: float, task: FixedPointTask = PAPERS_TASK
) -> tuple[list[Check], dict[str, NextTerms]]:
    """The printed functions against the limit network's flow; also the next terms that this shows."""
    with working_digits(DIGITS):
        found = limit_errors(theory, g, zhat, task)

        def labelled(target: float) -> dict[str, Errors]:
            at_target = found if target == zhat else limit_errors(theory, g, target, task)
            return {f"series of {name}: printed against limit flow": x for name, x in at_target.items()}

        checks = settled_checks(labelled, zhat, float(task.alignment))
        return checks, {name: errors.left_out for name, errors in found.items() if errors.exact}


def function_check(
    function: Callable[[Any, Any, Any], Any], name: str, order: int, g: float, zhat: float
) -> Check:
    """One function of (tau, zhat, g), exact through tau^order, against the limit network's flow.

    ``name`` is readout, loss, gradient_norm, frobenius_norm or s1, s2, ... Raises ValueError for others.
    """
    rank = int(name[1:]) if name[:1] == "s" and name[1:].isdigit() else 0
    flow = limit_flow(g, zhat, order, singular_values=max(rank, 1))
    with working_digits(DIGITS):
        if name not in SCALARS and rank == 0:
            raise ValueError(f"{name}: allowed are {', '.join((*SCALARS, 's1, s2, ...'))}")
        errors = [
            function(tau, mpmath.mpf(zhat), mpmath.mpf(g)) - exact[name]
            for tau, exact in zip(flow.times, flow.observables, strict=True)
        ]
        title = f"{name} through tau^{order} against limit flow, g = {g:g}, zhat = {zhat:g}"
        return slope_check(title, flow.times, errors, max(order + 1, 2 * rank - 1))


def instance_series_checks(
    g: float, zhat: float, size: int, order: int, task: FixedPointTask = PAPERS_TASK
) -> list[Check]:
    """The chain's series of one instance against that instance's flow: readout and all that learns.

    The chain is exact at any N; N = min(size, INSTANCE_SIZE) keeps the many-digit flow short.
    """
    instance = Instance.sample(min(size, INSTANCE_SIZE), g, 0, float(task.alignment))
    with working_digits(DIGITS):
        network = precise_instance(instance)
        a, b = chains(network, order)
        series = precise_chain_series(network, zhat, order, task.train)
        radius = radius_estimate(instance, zhat, task.train)
        times, states = ladder(radius, order, network, zhat, train=task.train)
        errors: dict[str, list[Any]] = {name: [] for name in ("readout", *task.train)}
        for tau, state in zip(times, states, strict=True):
            errors["readout"].append(_value(series.readout, tau) - state.readout)
            if "W" in errors:
                terms = [_value(c, tau) * np.outer(a[i], b[j]) for (i, j), c in series.C.items()]
                errors["W"].append(norm(sum(terms) - state.change))
            if "m" in errors:
                kappa = np.array([_value(c, tau) for c in series.kappa])
                errors["m"].append(norm(kappa @ a + network.m - state.m))
            if "w" in errors:
                omega = np.array([_value(c, tau) for c in series.omega])
                errors["w"].append(norm(omega @ b + network.w - state.w))
        label = f"of an instance (N = {instance.size}): chain against its flow"
        return [
            slope_check(f"series of {name} {label}", times, values, order + 1)
            for name, values in errors.items()
        ]


def _value(coefficients: Sequence[Any], tau: Any) -> Any:
    return mpmath.polyval(coefficients[::-1], tau)
