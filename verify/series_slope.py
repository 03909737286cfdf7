"""Check (i): the error of a series through tau^K falls as tau^(K+1).

Both sides are computed with many digits (`verify.precise_flow`) at times far inside the radius of
convergence, where the slope of log error over log tau is K + 1 up to the next-order correction
c_(K+2) tau/c_(K+1) (`verify.error_slope`).

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

from derive import Instance, chain_series, instance_series, limit_network
from derive.fixed_point.instance_series import ChainSeries
from derive.fixed_point.problem import FixedPointTask
from verify.aligned_network import precise_aligned_network
from verify.checks import Check
from verify.end_slope import eigenvalue_errors, end_errors
from verify.error_slope import Errors, NextTerms, ladder, settled_checks, slope_check
from verify.precise_flow import (
    DIGITS,
    PreciseNetwork,
    PreciseState,
    chains,
    norm,
    precise_instance,
    precise_limit_network,
)
from verify.request import PAPERS_TASK
from verify.theory import SCALARS, Theory

INSTANCE_SIZE = 16
ROOT_TEST_ORDER = 20


def radius_estimate(instance: Instance, zhat: float, train: Sequence[str] = ("W",)) -> float:
    """The radius of convergence in tau, as the root test on the readout's first coefficients has it."""
    return _root_test(instance_series(instance, zhat, ROOT_TEST_ORDER, train))


def limit_radius(g: float, zhat: float, task: FixedPointTask = PAPERS_TASK) -> float:
    """The same at N -> infinity."""
    if not task.alignment:
        return radius_estimate(limit_network(g, 12), zhat, task.train)
    with mpmath.workdps(DIGITS):
        network = precise_aligned_network(g, task.alignment, 12)
        return _root_test(_chain_series(network, zhat, ROOT_TEST_ORDER, task.train))


def _root_test(series: ChainSeries) -> float:
    coefficients = enumerate(series.readout)
    return float(min(abs(c) ** (-1 / k) for k, c in coefficients if k >= ROOT_TEST_ORDER // 2 and c))


def _chain_series(network: PreciseNetwork, zhat: float, order: int, train: Sequence[str]) -> ChainSeries:
    a, b = chains(network, order + 1)
    gram_a, gram_b, overlaps = (x.tolist() for x in (a @ a.T, b @ b.T, b @ network.w))
    return chain_series(gram_a, gram_b, overlaps, mpmath.mpf(zhat), order, train)


def limit_series_checks(
    theory: Theory, g: float, zhat: float, task: FixedPointTask = PAPERS_TASK
) -> tuple[list[Check], dict[str, NextTerms]]:
    """The printed functions against the limit network's flow; also the next terms that this shows."""
    with mpmath.workdps(DIGITS):
        found = {zhat: _limit_errors(theory, g, zhat, task)}

        def labelled(target: float) -> dict[str, Errors]:
            if target not in found:
                found[target] = _limit_errors(theory, g, target, task)
            return {
                f"series of {name}: printed against limit flow": errors
                for name, errors in found[target].items()
            }

        checks = settled_checks(labelled, zhat, float(task.alignment))
        return checks, {name: errors.left_out for name, errors in found[zhat].items() if errors.exact}


def _limit_errors(
    theory: Theory, g: float, zhat: float, task: FixedPointTask = PAPERS_TASK
) -> dict[str, Errors]:
    """By name the errors of every printed function against the limit network's flow."""
    order, target, strength = theory.order, mpmath.mpf(zhat), mpmath.mpf(g)
    count = len(theory.singular_values(target * 0, target, strength))
    network = _limit_network(g, max(order, 2 * count - 1), task)
    times, states = ladder(limit_radius(g, zhat, task), order, network, zhat, train=task.train)
    printed = [theory.observables(tau, target, strength) for tau in times]
    exact = [state.observables(target, count) for state in states]
    if "W" not in task.train:
        exact = [values | {"gradient_norm": target * 0} for values in exact]  # it is W's own
    if "sharpness" in theory.beyond and task != PAPERS_TASK:
        for values, tau, truth, state in zip(printed, times, exact, states, strict=True):
            values["sharpness"] = theory.beyond["sharpness"](tau, target, strength)
            truth["sharpness"] = _sharpness(state, task)
    found = {}
    for name in printed[0]:
        truth = [values[name] for values in exact]
        differences = [values[name] - t for values, t in zip(printed, truth, strict=True)]
        found[name] = Errors(max(order + 1, 2 * _rank(name) - 1), times, differences, truth)
    if "learning_time" in theory.beyond:
        for name, (power, values) in end_errors(theory, network, times, states, g, zhat).items():
            found[name] = Errors(power, times, values)

    network = _limit_network(0.0, order, task)
    times, states = ladder(limit_radius(0.0, zhat, task), order, network, zhat, train=task.train)
    # the vectors w, m on either side of W - W0 = [w m] A [w m]^T
    left, right = np.array([network.w @ network.B, network.m]), np.array([network.w, network.B @ network.m])
    differences = [
        norm(left.T @ np.array(theory.a_matrix(tau, target), dtype=object) @ right - state.change)
        for tau, state in zip(times, states, strict=True)
    ]
    found["A (g = 0)"] = Errors(order + 1, times, differences, [norm(state.change) for state in states])
    if "eigenvalues_g0" in theory.beyond:
        distances = eigenvalue_errors(theory, times, states, zhat)
        found["eigenvalues_g0"] = Errors(order + 1, times, distances)
    return found


def _rank(name: str) -> int:
    """r of the singular value s_r, 0 of anything else."""
    return int(name[1:]) if name[:1] == "s" and name[1:].isdigit() else 0


def _limit_network(g: float, order: int, task: FixedPointTask) -> PreciseNetwork:
    if task.alignment:
        return precise_aligned_network(g, task.alignment, order // 2 + 4)
    return precise_limit_network(g, order // 2 + 3)


def _sharpness(state: PreciseState, task: FixedPointTask) -> Any:
    aa, bb = norm(state.a) ** 2, norm(state.b) ** 2
    return sum({"W": aa * bb, "m": aa, "w": bb}[name] for name in task.train)


def function_check(
    function: Callable[[Any, Any, Any], Any], name: str, order: int, g: float, zhat: float
) -> Check:
    """One function of (tau, zhat, g), exact through tau^order, against the limit network's flow.

    ``name`` is readout, loss, gradient_norm, frobenius_norm or s1, s2, ... Raises ValueError for others.
    """
    rank = _rank(name)
    with mpmath.workdps(DIGITS):
        times, states = ladder(limit_radius(g, zhat), order, _limit_network(g, order, PAPERS_TASK), zhat)
        truth = [state.observables(mpmath.mpf(zhat), max(rank, 1)) for state in states]
        if name not in truth[0]:
            raise ValueError(f"{name}: allowed are {', '.join((*SCALARS, 's1, s2, ...'))}")
        errors = [
            function(tau, mpmath.mpf(zhat), mpmath.mpf(g)) - t[name]
            for tau, t in zip(times, truth, strict=True)
        ]
        power = max(order + 1, 2 * rank - 1)
        return slope_check(
            f"{name} through tau^{order} against limit flow, g = {g:g}, zhat = {zhat:g}", times, errors, power
        )


def instance_series_checks(
    g: float, zhat: float, size: int, order: int, task: FixedPointTask = PAPERS_TASK
) -> list[Check]:
    """The chain's series of one instance against that instance's flow: readout and all that learns.

    The chain is exact at any N; N = min(size, INSTANCE_SIZE) keeps the many-digit flow short.
    """
    instance = Instance.sample(min(size, INSTANCE_SIZE), g, 0, float(task.alignment))
    with mpmath.workdps(DIGITS):
        network = precise_instance(instance)
        a, b = chains(network, order)
        series = _chain_series(network, zhat, order, task.train)
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
