"""Check (i) for the singular vectors, the leading singular values and the scaling functions at g -> 1.

Each against many-digit flow, as in `verify.checks.series_slope`. With u_r, v_r the singular vectors of the
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
from functools import lru_cache, partial
from typing import Any

import mpmath
import numpy as np

from derive import limit_network
from verify.checks.check import Check
from verify.checks.end_slope import end_errors
from verify.checks.error_slope import CLOSENESS, Errors, ladder, settled_checks
from verify.checks.limit_errors import LimitFlow, limit_flow, radius_estimate
from verify.comparison.request import PAPERS_TASK
from verify.truth.digits import working_digits
from verify.truth.precise_flow import DIGITS, chains, norm, precise_critical_network
from verify.truth.theory import Theory

LEADING_ORDER, LEADING_CLOSENESS = 9, 1e-3
"""The leading terms reach tau^9 and err at tau^10: the flow is that accurate, and not so early that s_5, of
order 1e-7 (tau/radius)^9, is lost in its rounding."""

RESOLVED = mpmath.mpf(10) ** -46
"""Errors below this part of s1 are not fitted: the squares of singular values carry DIGITS digits of s1^2.
Such are those of s3, ... at g = 0, where they vanish, and of s5 at g = 1e-7."""


def spectrum_checks(theory: Theory, g: float, zhat: float) -> list[Check]:
    """One check for each kind of printed function that the theory has."""
    checks = []
    with working_digits(DIGITS):
        for function, errors_of in SPECTRUM_ERRORS.items():
            if function in theory.beyond:
                found = settled_checks(partial(errors_of, theory, g), zhat)
                checks += [_worst(found, WORST[function])] if function in WORST else found
    return checks


def vector_errors(theory: Theory, g: float, zhat: float, closeness: float = CLOSENESS) -> dict[str, Errors]:
    """Left and right vector together, of each pair that the printed function knows."""
    flow = limit_flow(g, zhat, theory.order, closeness=closeness)
    a, b = chains(flow.network, theory.order + 1)
    errors: dict[int, list[Any]] = {}
    for tau, exact in zip(flow.times, flow.singular_vectors, strict=True):
        pairs = theory.beyond["singular_vectors"](tau, mpmath.mpf(zhat), mpmath.mpf(g))
        for r, (coordinates, squared) in enumerate(pairs, 1):
            if r > len(exact) or not coordinates:
                continue  # a singular value that vanishes identically: the third at g = 0
            printed = [
                sum(x * vector for x, vector in zip(coordinates, chain[: len(coordinates)], strict=True))
                for chain in (a, b)
            ]
            both = np.concatenate(printed) / mpmath.sqrt(squared)
            sign = mpmath.sign(both @ exact[r - 1])
            errors.setdefault(r, []).append(norm(both - sign * exact[r - 1]))
    return {
        f"series of singular vectors of s{r}: printed against limit flow": Errors(
            theory.order + 2 - 2 * r, flow.times, found
        )
        for r, found in errors.items()
    }


def leading_errors(
    theory: Theory, g: float, zhat: float, closeness: float = LEADING_CLOSENESS
) -> dict[str, Errors]:
    """The leading terms, each against its singular value; not closer than `LEADING_CLOSENESS`."""
    target, strength = mpmath.mpf(zhat), mpmath.mpf(g)
    function = theory.beyond["leading_singular_values"]
    count = len(function(target, target, strength))
    flow = limit_flow(
        g, zhat, LEADING_ORDER, singular_values=count, closeness=max(closeness, LEADING_CLOSENESS)
    )
    printed = [function(tau, target, strength) for tau in flow.times]
    found = {}
    for r in range(1, count + 1):
        errors = [p[r - 1] - exact[f"s{r}"] for p, exact in zip(printed, flow.observables, strict=True)]
        if abs(errors[-1]) > RESOLVED * flow.observables[-1]["s1"]:
            found[f"s{r}"] = Errors(2 * r, flow.times, errors)
    return found


@lru_cache(maxsize=8)
def _critical_flow(zhat: float, order: int, singular_values: int, closeness: float) -> LimitFlow:
    """The flow at g -> 1 in its own units, in which beta = 1."""
    network = precise_critical_network(order // 2 + 3)
    # the radius at g = 0, a small part of which is early enough here too
    times, states = ladder(radius_estimate(limit_network(0.0), zhat), order, network, zhat, closeness)
    return LimitFlow(None, zhat, PAPERS_TASK, singular_values, network, times, states)


def universal_errors(
    theory: Theory, g: float, zhat: float, closeness: float = CLOSENESS
) -> dict[str, Errors]:
    """The scaling functions in tau and in delta; they do not depend on ``g``."""
    functions, target = theory.beyond, mpmath.mpf(zhat)
    values = [name for name in functions["universal"](target, target) if name[1:].isdigit()]
    flow = _critical_flow(zhat, theory.order, len(values), closeness)
    printed = [functions["universal"](tau, target**2) for tau in flow.times]
    powers = dict.fromkeys(("readout", "gradient_norm", "frobenius_norm", *values), 1) | {"loss": 2}
    found = {}
    for name, power in powers.items():
        errors = [
            p[name] * target**power - exact[name] for p, exact in zip(printed, flow.observables, strict=True)
        ]
        order = max(theory.order + 1, 2 * int(name[1:]) - 1 if name in values else 0)
        found[name] = Errors(order, flow.times, errors)

    def at_end(name: str, power: int) -> Callable[..., Any]:
        return lambda delta, zhat, g: functions["universal_end"](delta, zhat**2)[name] * zhat**power

    scaled: dict[str, Callable[..., Any]] = {
        "sharpness": lambda tau, zhat, g: functions["universal"](tau, zhat**2)["sharpness"],
        "learning_time": at_end("learning_time", 0),
        "weight_change": at_end("weight_change", 1),
        "mean_gradient_norm": at_end("mean_gradient_norm", 1),
    }
    for name, errors in end_errors(scaled, theory.order, flow.moments, 0.0, zhat).items():
        found[f"{name} in delta" if name != "sharpness" else name] = errors
    shuffled = [functions["universal_end"](at.delta, target**2)["shuffled_loss"] for at in flow.moments]
    ones = [target**0] * len(shuffled)  # nothing that was learned is left
    found["shuffled_loss in delta"] = Errors(theory.order + 1, flow.times, [x - 1 for x in shuffled], ones)
    return found


SPECTRUM_ERRORS: dict[str, Callable[..., dict[str, Errors]]] = {
    "singular_vectors": vector_errors,
    "leading_singular_values": leading_errors,
    "universal": universal_errors,
}
WORST = {
    "leading_singular_values": "leading terms of singular values: printed against limit flow",
    "universal": "series of scaling functions at g -> 1: printed against flow there",
}


def _worst(checks: Sequence[Check], name: str) -> Check:
    """The check farthest from passing, named for all of them."""
    worst = max(checks, key=lambda check: (not check.passed, abs(check.measured - check.expected)))
    return replace(worst, name=f"{name} (worst of {len(checks)}: {worst.name})")
