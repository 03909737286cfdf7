"""N Var z between networks to leading order, with many digits, from flows of perturbed networks (THEORY 8).

m and w are isotropic: seen on the 2n-network that stands for the limit, each deviates within its own half by
a vector of covariance (1 - m m^T)/(2 N), and m across, in the half of w, by one of covariance 1/N. Entry by
entry of m, z at a given time answers, by central differences, with d in its own half and with e across, and

    N Var z = |d|^2 - (d.m)^2 + |e|^2,

m and w counting alike. No formula of the closed form or of the series enters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import mpmath

from verify.truth.digits import working_digits
from verify.truth.limit_flow import CLOSENESS, flow_columns, ladder_times, limit_radius
from verify.truth.precise_flow import DIGITS, FlowNetwork, flow_state
from verify.truth.precise_networks import limit_network_of
from verify.truth.setting import Setting

STEP = "1e-30"
"""Of an entry of m: the differences are wrong by its square."""


@lru_cache(maxsize=16)
def limit_variance(
    setting: Setting, order: int, closeness: float = CLOSENESS
) -> tuple[Sequence[Any], list[Any]]:
    """The times of a ladder, and N Var z there to the digits that a series through tau^``order`` needs."""
    with working_digits(DIGITS):
        network = limit_network_of(setting, order // 2 + 4)
        times = ladder_times(limit_radius(setting), closeness)
        half = len(network.m) // 2
        own = range(half) if any(network.m[:half]) else range(half, 2 * half)
        found = []
        for tau in times:
            answers = [_answer(setting, network, tau, order, entry) for entry in range(2 * half)]
            along = sum(answers[i] * network.m[i] for i in own)
            found.append(sum(x**2 for x in answers) - along**2)
        return times, found


def _answer(setting: Setting, network: FlowNetwork, tau: Any, order: int, entry: int) -> Any:
    """dz by one entry of m."""
    step, readouts = mpmath.mpf(STEP), []
    for sign in (1, -1):
        M = network.M.copy()
        M[entry, 0] += sign * step
        state = flow_state(replace(network, M=M), setting.target, tau, flow_columns(order), ("W",))
        readouts.append(state.readout)
    return (readouts[0] - readouts[1]) / (2 * step)
