"""Errors of printed matrices, vectors, leading terms and limits g -> 1 against the limit's flow.

With u_r, v_r the singular vectors of the flow's W - W0 and s_r its singular values:

    A and its eigenvalues at g = 0:  W - W0 = [w m] A [w m]^T;
    coordinates x in the chain:      sum_i x_i a_i/|x| = u_r, sum_j x_j b_j/|x| = v_r up to tau^(K+2-2r);
    leading terms:                   c_r tau^(2r-1) = s_r up to tau^(2r);
    limits g -> 1:                   the flow of the network with the moments M_n(1), in whose units beta = 1,
                                     ttilde = tau and y = zhat^2, up to ttilde^(K+1); at the end of learning
                                     likewise in delta = z/zhat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np

from derive.observables.registry import observables
from derive.observables.singular_values import is_singular_value
from verify.checks.printed_end import end_errors
from verify.checks.slope import Errors
from verify.truth.limit_flow import CLOSENESS, critical_flow, limit_flow
from verify.truth.precise_flow import chains, norm
from verify.truth.setting import PAPERS_TASK, Setting
from verify.truth.theory import Theory, numbers_of

Found = dict[str, Errors]

LEADING_ORDER, LEADING_CLOSENESS = 9, 1e-3
"""The leading terms reach tau^9 and err at tau^10: the flow is that accurate, and not so early that s_5, of
order 1e-7 (tau/radius)^9, is lost in its rounding."""

RESOLVED = mpmath.mpf(10) ** -92
"""Errors below this part of s1 are not fitted: singular values carry DIGITS digits of s1.
Such are those of s3, ... at g = 0, where they vanish."""


def matrix_errors(theory: Theory, setting: Setting, closeness: float, only: str | None) -> Found:
    """A of W - W0 = [w m] A [w m]^T at g = 0."""
    flow = limit_flow(replace(setting, g=0.0), theory.order, closeness=closeness)
    network, zhat = flow.network, mpmath.mpf(setting.zhat)
    # the vectors w, m on either side
    left, right = np.array([network.w @ network.B, network.m]), np.array([network.w, network.B @ network.m])
    errors = [
        norm(left.T @ np.array(theory.functions["a_matrix"](tau, zhat), dtype=object) @ right - state.change)
        for tau, state in zip(flow.times, flow.states, strict=True)
    ]
    sizes = [norm(state.change) for state in flow.states]
    return {"A (g = 0)": Errors(theory.order + 1, flow.times, errors, sizes)}


def eigenvalue_errors(theory: Theory, setting: Setting, closeness: float, only: str | None) -> Found:
    """Distance of the printed pair from the eigenvalues of W - W0 at g = 0."""
    flow = limit_flow(replace(setting, g=0.0), theory.order, closeness=closeness)
    distances = []
    for tau, state in zip(flow.times, flow.states, strict=True):
        (p, q), (r, s) = state.change
        mean, root = (p + s) / 2, mpmath.sqrt(((p - s) / 2) ** 2 + q * r)
        printed = theory.functions["eigenvalues_g0"](tau, mpmath.mpf(setting.zhat))
        distances.append(norm(np.array(printed) - np.array([mean + root, mean - root])))
    return {"eigenvalues_g0": Errors(theory.order + 1, flow.times, distances)}


def vector_errors(theory: Theory, setting: Setting, closeness: float, only: str | None) -> Found:
    """Left and right vector together, of each pair that the printed function knows."""
    flow = limit_flow(setting, theory.order, closeness=closeness)
    a, b = chains(flow.network, theory.order + 1)
    errors: dict[int, list[Any]] = {}
    for tau, exact in zip(flow.times, flow.singular_vectors, strict=True):
        pairs = theory.functions["singular_vectors"](tau, *numbers_of(setting, tau))
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
        f"singular vectors of s{r}": Errors(theory.order + 2 - 2 * r, flow.times, found)
        for r, found in errors.items()
    }


def leading_errors(theory: Theory, setting: Setting, closeness: float, only: str | None) -> Found:
    """The leading terms, each against its singular value; at `LEADING_CLOSENESS` for `CLOSENESS`."""
    function = theory.functions["leading_singular_values"]
    count = len(function(mpmath.mpf(1), *numbers_of(setting, mpmath.mpf(1))))
    flow = limit_flow(setting, LEADING_ORDER, count, closeness * (LEADING_CLOSENESS / CLOSENESS))
    printed = [function(tau, *numbers_of(setting, tau)) for tau in flow.times]
    exact, found = flow.observables(count), {}
    for r in range(1, count + 1):
        errors = [p[r - 1] - values[f"s{r}"] for p, values in zip(printed, exact, strict=True)]
        if abs(errors[-1]) > RESOLVED * exact[-1]["s1"]:
            found[f"s{r}"] = Errors(2 * r, flow.times, errors)
    return found


def universal_errors(theory: Theory, setting: Setting, closeness: float, only: str | None) -> Found:
    """The scaling functions in tau and in delta; they do not depend on g."""
    if not {"universal", "universal_end"} <= theory.functions.keys():
        return {}
    in_time, in_delta = theory.functions["universal"], theory.functions["universal_end"]
    target, flow = mpmath.mpf(setting.zhat), critical_flow(setting.zhat, theory.order, closeness)
    printed = [in_time(tau, target**2) for tau in flow.times]
    singular = sum(is_singular_value(name) for name in printed[0])
    exact, found = flow.observables(singular), Found()
    for observable in observables(PAPERS_TASK, singular):
        name, scale = observable.name, target**observable.zhat_power
        if name in printed[0]:
            errors = [p[name] * scale - values[name] for p, values in zip(printed, exact, strict=True)]
            least = 2 * int(name[1:]) - 1 if is_singular_value(name) else 0
            found[name] = Errors(max(theory.order + 1, least), flow.times, errors)

    def at_end(name: str, power: int) -> Callable[..., Any]:
        return lambda delta, zhat, g: in_delta(delta, zhat**2)[name] * zhat**power

    powers = {"learning_time": 0, "weight_change": 1, "mean_gradient_norm": 1}
    scaled = {name: at_end(name, power) for name, power in powers.items()}
    at_ends = end_errors(scaled, theory.order, flow.progress, target, target * 0, None)
    found |= {f"{name} in delta": one for name, one in at_ends.items()}
    shuffled = [in_delta(at.delta, target**2)["shuffled_loss"] for at in flow.progress]
    ones = [target**0] * len(shuffled)  # nothing that was learned is left
    found["shuffled_loss in delta"] = Errors(theory.order + 1, flow.times, [x - 1 for x in shuffled], ones)
    return found
