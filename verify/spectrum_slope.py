"""Check (i) for the singular vectors, the leading singular values and the scaling functions at g -> 1.

Each against many-digit flow, as in `verify.series_slope`. With u_r, v_r the singular vectors of the
flow's W - W0 and s_r its singular values:

    coordinates x in the chain:  sum_i x_i a_i/|x| = u_r, sum_j x_j b_j/|x| = v_r up to tau^(K+2-2r);
    leading terms:               c_r tau^(2r-1) = s_r up to tau^(2r);
    limits g -> 1:               the flow of the network with the moments M_n(1), in whose units beta = 1,
                                 ttilde = tau and y = zhat^2, up to ttilde^(K+1); at the end of learning
                                 likewise in delta = z/zhat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np

from derive import limit_network
from verify.checks import Check
from verify.end_slope import end_errors
from verify.precise_flow import (
    DIGITS,
    PreciseNetwork,
    PreciseState,
    chains,
    norm,
    precise_critical_network,
    precise_limit_network,
)
from verify.series_slope import ladder, radius_estimate, slope_check
from verify.theory import Theory

LEADING_ORDER, LEADING_CLOSENESS = 9, 1e-3
"""The leading terms reach tau^9 and err at tau^10: the flow is that accurate, and not so early that s_5, of
order 1e-7 (tau/radius)^9, is lost in its rounding."""

RESOLVED = mpmath.mpf(10) ** -46
"""Errors below this part of s1 are not fitted: the squares of singular values carry DIGITS digits of s1^2.
Such are those of s3, ... at g = 0, where they vanish, and of s5 at g = 1e-7."""


def spectrum_checks(theory: Theory, g: float, zhat: float) -> list[Check]:
    """One check for each kind of printed function that the theory has."""
    functions = theory.beyond
    checks = []
    with mpmath.workdps(DIGITS):
        radius = radius_estimate(limit_network(g, 12), zhat)
        nodes = theory.order // 2 + 3
        if "singular_vectors" in functions:
            network = precise_limit_network(g, nodes)
            times, states = ladder(radius, theory.order, network, zhat)
            checks += _vector_checks(theory, network, times, states, g, zhat)
        if "leading_singular_values" in functions:
            network = precise_limit_network(g, LEADING_ORDER // 2 + 2)
            times, states = ladder(radius, LEADING_ORDER, network, zhat, LEADING_CLOSENESS)
            checks.append(_leading_check(functions["leading_singular_values"], times, states, g, zhat))
        if "universal" in functions and "universal_end" in functions:
            network = precise_critical_network(nodes)
            near = radius_estimate(
                limit_network(0.0), zhat
            )  # the smaller part of it is early enough here too
            times, states = ladder(near, theory.order, network, zhat)
            checks.append(_universal_check(theory, network, times, states, zhat))
    return checks


def _vector_checks(
    theory: Theory,
    network: PreciseNetwork,
    times: Sequence[Any],
    states: Sequence[PreciseState],
    g: float,
    zhat: float,
) -> list[Check]:
    """Left and right vector together, one check for each pair that the printed function knows."""
    a, b = chains(network, theory.order + 1)
    target, strength = mpmath.mpf(zhat), mpmath.mpf(g)
    errors: dict[int, list[Any]] = {}
    for tau, state in zip(times, states, strict=True):
        left, values, right = mpmath.svd(mpmath.matrix(state.change.tolist()))
        pairs = theory.beyond["singular_vectors"](tau, target, strength)
        for r, (coordinates, squared) in enumerate(pairs, 1):
            if r > len(values) or not coordinates:
                continue  # a singular value that vanishes identically: the third at g = 0
            printed = [
                sum(x * vector for x, vector in zip(coordinates, chain[: len(coordinates)], strict=True))
                for chain in (a, b)
            ]
            exact = np.array([left[i, r - 1] for i in range(left.rows)] + [*right[r - 1, :]], dtype=object)
            both = np.concatenate(printed) / mpmath.sqrt(squared)
            sign = mpmath.sign(both @ exact)
            errors.setdefault(r, []).append(norm(both - sign * exact))
    return [
        slope_check(
            f"series of singular vectors of s{r}: printed against limit flow",
            times,
            found,
            theory.order + 2 - 2 * r,
            at_least=True,
        )
        for r, found in errors.items()
    ]


def _leading_check(
    function: Callable[..., tuple[Any, ...]],
    times: Sequence[Any],
    states: Sequence[PreciseState],
    g: float,
    zhat: float,
) -> Check:
    """The worst of the leading terms."""
    target, strength = mpmath.mpf(zhat), mpmath.mpf(g)
    printed = [function(tau, target, strength) for tau in times]
    count = len(printed[0])
    truth = [state.observables(target, count) for state in states]
    checks = []
    for r in range(1, count + 1):
        errors = [p[r - 1] - t[f"s{r}"] for p, t in zip(printed, truth, strict=True)]
        if abs(errors[-1]) > RESOLVED * truth[-1]["s1"]:
            checks.append(slope_check(f"s{r}", times, errors, 2 * r))
    return _worst(checks, "leading terms of singular values: printed against limit flow")


def _universal_check(
    theory: Theory,
    network: PreciseNetwork,
    times: Sequence[Any],
    states: Sequence[PreciseState],
    zhat: float,
) -> Check:
    """The worst of the scaling functions (the shuffled loss, which is 1, aside)."""
    functions, target = theory.beyond, mpmath.mpf(zhat)
    printed = [functions["universal"](tau, target**2) for tau in times]
    values = [name for name in printed[0] if name[1:].isdigit()]
    powers = dict.fromkeys(("readout", "gradient_norm", "frobenius_norm", *values), 1) | {"loss": 2}
    checks = []
    truth = [state.observables(target, len(values)) for state in states]
    for name, power in powers.items():
        errors = [p[name] * target**power - t[name] for p, t in zip(printed, truth, strict=True)]
        order = max(theory.order + 1, 2 * int(name[1:]) - 1 if name in values else 0)
        checks.append(slope_check(name, times, errors, order, at_least=True))

    def at_end(name: str, power: int) -> Callable[..., Any]:
        return lambda delta, zhat, g: functions["universal_end"](delta, zhat**2)[name] * zhat**power

    scaled = replace(
        theory,
        beyond={
            "sharpness": lambda tau, zhat, g: functions["universal"](tau, zhat**2)["sharpness"],
            "learning_time": at_end("learning_time", 0),
            "weight_change": at_end("weight_change", 1),
            "mean_gradient_norm": at_end("mean_gradient_norm", 1),
        },
    )
    for name, (order, errors) in end_errors(scaled, network, times, states, 0.0, zhat).items():
        checks.append(slope_check(name, times, errors, order, at_least=True))
    return _worst(checks, "series of scaling functions at g -> 1: printed against flow there")


def _worst(checks: Sequence[Check], name: str) -> Check:
    """The check farthest from passing, named for all of them."""
    worst = max(checks, key=lambda check: (not check.passed, abs(check.measured - check.expected)))
    return replace(worst, name=f"{name} (worst of {len(checks)}: {worst.name})")
