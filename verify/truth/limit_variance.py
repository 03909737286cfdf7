"""N Var of observables to leading order, with many digits, from flows of perturbed networks (THEORY 8).

m and w are isotropic: seen on the 2n-network that stands for the limit, each deviates within its own half by
a vector of covariance (1 - m m^T)/(2 N), and m across, in the half of w, by one of covariance 1/N. Entry by
entry of m, an observable O at a given time answers, by central differences, with d in its own half and with e
across, and

    N Var O = |d|^2 - (d.m)^2 + |e|^2,

w counting as m does where O is the same for W and W^T. Where w.m = rho is exact and not 0, m = w = v on the
network of the limit, and v deviates as a whole so that the moments v^T B^k v have the covariance of quadratic
forms of two vectors of exact overlaps, from moments of words.

Singular values answer with u^T dW v. No formula of the closed form or of the series enters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import mpmath
import numpy as np

from derive.observables.registry import observables
from derive.words.junction_moments import junction_word
from derive.words.word_moments import plain_moment
from verify.truth.digits import working_digits
from verify.truth.limit_flow import CLOSENESS, flow_columns, ladder_times, limit_radius
from verify.truth.precise_flow import DIGITS, FlowState, ResolventNetwork, flow_state
from verify.truth.precise_networks import limit_network_of
from verify.truth.setting import Setting

STEP = "1e-30"
"""Of an entry of m: the differences are wrong by its square."""


@lru_cache(maxsize=16)
def limit_variances(
    setting: Setting, order: int, singular_values: int, closeness: float = CLOSENESS
) -> tuple[Sequence[Any], dict[str, list[Any]]]:
    """The times of a ladder, and N Var there to the digits that a series through tau^``order`` needs.

    Of every observable of the registry, by name.
    """
    with working_digits(DIGITS):
        most = order // 2 + (5 if setting.task.alignment else 4)  # as many moments as its series depends on
        network = limit_network_of(setting, max(most, singular_values + 2))
        times = ladder_times(limit_radius(setting), closeness)
        variance = _aligned(network, setting) if setting.task.alignment else partial(_independent, network)
        found: dict[str, list[Any]] = {}
        for tau in times:
            vectors = _singular_vectors(_state(setting, network, tau, order), singular_values)
            entries = range(len(network.m))
            answers = [_answers(setting, network, tau, order, entry, vectors) for entry in entries]
            for name in answers[0]:
                found.setdefault(name, []).append(variance([answer[name] for answer in answers]))
        return times, found


def _independent(network: ResolventNetwork, by: Sequence[Any]) -> Any:
    """N Var from the derivatives by every entry of m."""
    half = len(network.m) // 2
    own = range(half) if any(network.m[:half]) else range(half, 2 * half)
    within = sum(by[i] ** 2 for i in own) - sum(by[i] * network.m[i] for i in own) ** 2
    return within + sum(by[i] ** 2 for i in range(2 * half) if i not in own)


def _aligned(network: ResolventNetwork, setting: Setting) -> Callable[[Sequence[Any]], Any]:
    """N Var from the derivatives by every entry of m and w, of the moments X_k = v^T B^k v."""
    size, rows = len(network.m), [network.m]
    while len(rows) < size:
        rows.append(network.B @ rows[-1])
    moments_by_entries = mpmath.matrix([[2 * x for x in row] for row in rows])
    beta, rho = 1 / (1 - mpmath.mpf(setting.g) ** 2), setting.task.alignment
    overlap = mpmath.mpf(rho.numerator) / rho.denominator

    def trace(k: int, j: int) -> Any:
        return mpmath.polyval([int(c) for c in plain_moment(junction_word(k, j)).coeffs()][::-1], beta)

    def covariance(k: int, j: int) -> Any:
        whole, junction, means = trace(0, k + j), trace(k, j), trace(0, k) * trace(0, j)
        if (k - j) % 2:
            return overlap * (whole - means) + overlap * (junction - means)
        return whole - means + overlap**2 * (junction - means)

    table = mpmath.matrix([[covariance(k, j) for j in range(size)] for k in range(size)])

    def variance(by: Sequence[Any]) -> Any:
        by_moments = mpmath.lu_solve(moments_by_entries.T, mpmath.matrix(by))
        return (by_moments.T * table * by_moments)[0]

    return variance


def _state(setting: Setting, network: ResolventNetwork, tau: Any, order: int) -> FlowState:
    return flow_state(network, setting.target, tau, flow_columns(order), setting.task.train)


def _answers(
    setting: Setting, network: ResolventNetwork, tau: Any, order: int, entry: int, vectors: Sequence[Any]
) -> dict[str, Any]:
    """Derivatives of the observables by one entry of m; of m and w where they overlap."""
    step, states = mpmath.mpf(STEP), []
    for sign in (1, -1):
        M, Wout = network.M.copy(), network.Wout.copy()
        M[entry, 0] += sign * step
        if setting.task.alignment:
            Wout[entry, 0] += sign * step
        states.append(_state(setting, replace(network, M=M, Wout=Wout), tau, order))
    above, below = states
    answers = {o.name: (o.value(above) - o.value(below)) / (2 * step) for o in observables(setting.task, 0)}
    moved = (above.change - below.change) / (2 * step)
    return answers | {f"s{r}": u @ moved @ v for r, (u, v) in enumerate(vectors, 1)}


def _singular_vectors(state: FlowState, count: int) -> list[tuple[Any, Any]]:
    left, _, right = mpmath.svd(mpmath.matrix(state.change.tolist()))
    return [
        (np.array([left[i, r] for i in range(left.rows)]), np.array([right[r, j] for j in range(right.cols)]))
        for r in range(count)
    ]
