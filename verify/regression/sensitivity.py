"""What descent at finite N can see: the smallest change of each coefficient that it would show.

The mean over `SEEDS` networks of N neurons is known to 4 RMS(N)/sqrt(SEEDS), RMS(N) = c/sqrt(N) being
the deviation of one network from N -> infinity (check iii). A change of c_k by a relative delta moves the
printed function by delta c_k tau^k. It is caught where that exceeds this error and the truncation error
at some time; the smallest such delta over the times is reported. Level (i), without this noise, catches 1e-3
and far less: this table is why coefficients are judged there, and not against descent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from verify.checks.sizes import SizeDeviations
from verify.truth.digits import working_digits
from verify.truth.flow_curve import limit_observables
from verify.truth.setting import Setting
from verify.truth.theory import Theory

SEEDS = 5
STANDARD_ERRORS = 4.0


@dataclass(frozen=True)
class SmallestChange:
    """Of the coefficient of tau^``power`` of ``function``, through ``order``, at N = ``size``: relative."""

    order: int
    function: str
    power: int
    size: int
    g: float
    zhat: float
    change: float


def coefficients(theory: Theory, name: str, g: float, zhat: float) -> list[float]:
    """c_0..c_K of a printed function, from its values at K + 1 times (it is a polynomial in tau)."""
    with working_digits(60):
        unit = mpmath.mpf(1 - g * g) ** 2
        times = [unit * (k + 1) / (theory.order + 1) for k in range(theory.order + 1)]
        powers = mpmath.matrix([[tau**k for k in range(theory.order + 1)] for tau in times])
        values = mpmath.matrix(
            [theory.observables(tau, mpmath.mpf(zhat), mpmath.mpf(g))[name] for tau in times]
        )
        solution: Any = mpmath.lu_solve(powers, values)
        largest = max(abs(c) * unit**k for k, c in enumerate(solution))
        return [
            float(c) if abs(c) * unit**k > largest * mpmath.mpf(10) ** -40 else 0.0
            for k, c in enumerate(solution)
        ]


def smallest_changes(
    theory: Theory, g: float, zhat: float, deviations: SizeDeviations
) -> list[SmallestChange]:
    """One row for each function, coefficient and size of the ensemble."""
    tau = deviations.tau
    truth = limit_observables(Setting(g, zhat), tau).values
    printed = theory.observables(tau, zhat, g)
    rows = []
    for name in truth:
        if name not in printed:
            continue
        truncation = np.abs(np.broadcast_to(np.asarray(printed[name], dtype=float), tau.shape) - truth[name])
        for power, c in enumerate(coefficients(theory, name, g, zhat)):
            if c == 0:
                continue
            for size in deviations.sizes:
                noise = STANDARD_ERRORS * deviations.at_size(name, int(size)) / np.sqrt(SEEDS)
                change = float(np.min((noise + truncation) / np.abs(c * tau**power)))
                rows.append(SmallestChange(theory.order, name, power, int(size), g, zhat, change))
    return rows
