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
from functools import partial
from typing import Any

import mpmath
import numpy as np

from derive import limit_network
from verify.checks import Check
from verify.end_slope import end_errors
from verify.error_slope import Errors, ladder, settled_checks
from verify.precise_flow import (
    DIGITS,
    chains,
    norm,
    precise_critical_network,
    precise_limit_network,
)
from verify.series_slope import radius_estimate
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
        if "singular_vectors" in functions:
            checks += settled_checks(partial(_vector_errors, theory, g), zhat)
        if "leading_singular_values" in functions:
            found = settled_checks(partial(_leading_errors, theory, g), zhat)
            checks.append(_worst(found, "leading terms of singular values: printed against limit flow"))
        if "universal" in functions and "universal_end" in functions:
            found = settled_checks(partial(_universal_errors, theory), zhat)
            checks.append(_worst(found, "series of scaling functions at g -> 1: printed against flow there"))
    return checks


def _vector_errors(theory: Theory, g: float, zhat: float) -> dict[str, Errors]:
    """Left and right vector together, of each pair that the printed function knows."""
    network = precise_limit_network(g, theory.order // 2 + 3)
    times, states = ladder(radius_estimate(limit_network(g, 12), zhat), theory.order, network, zhat)
    a, b = chains(network, theory.order + 1)
    errors: dict[int, list[Any]] = {}
    for tau, state in zip(times, states, strict=True):
        left, values, right = mpmath.svd(mpmath.matrix(state.change.tolist()))
        pairs = theory.beyond["singular_vectors"](tau, mpmath.mpf(zhat), mpmath.mpf(g))
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
    return {
        f"series of singular vectors of s{r}: printed against limit flow": Errors(
            theory.order + 2 - 2 * r, times, found
        )
        for r, found in errors.items()
    }


def _leading_errors(theory: Theory, g: float, zhat: float) -> dict[str, Errors]:
    """The leading terms, each against its singular value."""
    network = precise_limit_network(g, LEADING_ORDER // 2 + 2)
    radius = radius_estimate(limit_network(g, 12), zhat)
    times, states = ladder(radius, LEADING_ORDER, network, zhat, LEADING_CLOSENESS)
    target, strength = mpmath.mpf(zhat), mpmath.mpf(g)
    printed = [theory.beyond["leading_singular_values"](tau, target, strength) for tau in times]
    count = len(printed[0])
    truth = [state.observables(target, count) for state in states]
    found = {}
    for r in range(1, count + 1):
        errors = [p[r - 1] - t[f"s{r}"] for p, t in zip(printed, truth, strict=True)]
        if abs(errors[-1]) > RESOLVED * truth[-1]["s1"]:
            found[f"s{r}"] = Errors(2 * r, times, errors)
    return found


def _universal_errors(theory: Theory, zhat: float) -> dict[str, Errors]:
    """The scaling functions (the shuffled loss, which is 1, aside)."""
    functions, target = theory.beyond, mpmath.mpf(zhat)
    network = precise_critical_network(theory.order // 2 + 3)
    # the radius at g = 0, a small part of which is early enough here too
    times, states = ladder(radius_estimate(limit_network(0.0), zhat), theory.order, network, zhat)
    printed = [functions["universal"](tau, target**2) for tau in times]
    values = [name for name in printed[0] if name[1:].isdigit()]
    powers = dict.fromkeys(("readout", "gradient_norm", "frobenius_norm", *values), 1) | {"loss": 2}
    truth = [state.observables(target, len(values)) for state in states]
    found = {}
    for name, power in powers.items():
        errors = [p[name] * target**power - t[name] for p, t in zip(printed, truth, strict=True)]
        order = max(theory.order + 1, 2 * int(name[1:]) - 1 if name in values else 0)
        found[name] = Errors(order, times, errors)

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
        found[f"{name} in delta" if name != "sharpness" else name] = Errors(order, times, errors)
    return found


def _worst(checks: Sequence[Check], name: str) -> Check:
    """The check farthest from passing, named for all of them."""
    worst = max(checks, key=lambda check: (not check.passed, abs(check.measured - check.expected)))
    return replace(worst, name=f"{name} (worst of {len(checks)}: {worst.name})")
