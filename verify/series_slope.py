"""Check (i): the error of a series through tau^K falls as tau^(K+1).

Both sides are computed with many digits (`verify.precise_flow`) at times far inside the radius of
convergence, where the slope of log error over log tau is K + 1 up to the next-order correction
c_(K+2) tau/c_(K+1). No wrong coefficient survives: a relative error delta in c_k leaves
delta c_k tau^k, and the slope k.

 - the chain's series of one instance (THEORY 2) against that instance's own flow;
 - the printed functions against the flow of the limit network (THEORY 5); the r-th singular
   value starts at tau^(2r-1), so at lower orders that is its slope.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from derive import Instance, chain_series, instance_series, limit_network
from verify.checks import Check
from verify.end_slope import eigenvalue_errors, end_errors
from verify.precise_flow import (
    DIGITS,
    PreciseNetwork,
    PreciseState,
    chains,
    norm,
    precise_flow,
    precise_instance,
    precise_limit_network,
)
from verify.theory import SCALARS, Theory

INSTANCE_SIZE = 16
CLOSENESS = 1e-4
POINTS = 4
TOLERANCE = 0.01
T_QUANTILE = 4.303  # Student's t, 97.5%, POINTS - 2 degrees of freedom
ORIGIN = (
    f"fitted over {POINTS} times tau <= {CLOSENESS:g} of the radius of convergence, {DIGITS} digits; the "
    "tolerance holds the next-order correction c_(K+2) tau/c_(K+1), 1e-4 where the ratio of the "
    "coefficients is the radius and 0.01 where it is a hundred times that"
)


@dataclass(frozen=True)
class NextTerms:
    """The first two terms that a truncated series leaves out: first tau^power + second tau^(power+1)."""

    power: int
    first: float
    second: float

    def size(self, tau: NDArray[np.float64]) -> NDArray[np.float64]:
        """Magnitude of the two terms together at learning times ``tau``."""
        size: NDArray[np.float64] = abs(self.first) * tau**self.power + abs(self.second) * tau ** (
            self.power + 1
        )
        return size


def radius_estimate(instance: Instance, zhat: float, order: int = 20) -> float:
    """The radius of convergence in tau, as the root test on the readout's first coefficients has it."""
    coefficients = instance_series(instance, zhat, order).readout
    return min(abs(c) ** (-1 / k) for k, c in enumerate(coefficients) if k >= order // 2 and c)


def limit_series_checks(theory: Theory, g: float, zhat: float) -> tuple[list[Check], dict[str, NextTerms]]:
    """The printed functions against the limit network's flow; also the next terms that this shows."""
    checks, left_out = [], {}
    with mpmath.workdps(DIGITS):
        network = precise_limit_network(g, theory.order // 2 + 3)
        times, states = _ladder(theory.order, network, g, zhat)
        printed = [theory.observables(tau, mpmath.mpf(zhat), mpmath.mpf(g)) for tau in times]
        count = len(printed[0]) - len(theory.scalars)
        truth = [state.observables(mpmath.mpf(zhat), count) for state in states]
        for name in printed[0]:
            power = theory.order + 1
            if name not in theory.scalars:
                power = max(power, 2 * int(name[1:]) - 1)
            errors = [p[name] - t[name] for p, t in zip(printed, truth, strict=True)]
            if all(t[name] == 0 for t in truth) and not any(errors):
                continue  # a singular value that vanishes identically: the third at g = 0
            checks.append(slope_check(f"series of {name}: printed against limit flow", times, errors, power))
            left_out[name] = terms_left_out(times, errors, power)

        if theory.beyond:
            for name, (power, errors) in end_errors(theory, network, times, states, g, zhat).items():
                label = f"series of {name}: printed against limit flow"
                checks.append(slope_check(label, times, errors, power, at_least=name != "sharpness"))

        times, states = _ladder(theory.order, precise_limit_network(0.0, 2), 0.0, zhat)
        differences = [
            norm(np.array(theory.a_matrix(tau, mpmath.mpf(zhat)), dtype=object) - state.change)
            for tau, state in zip(times, states, strict=True)
        ]
        name = "series of A (g = 0): printed against limit flow"
        checks.append(slope_check(name, times, differences, theory.order + 1))
        if theory.beyond:
            distances = eigenvalue_errors(theory, times, states, zhat)
            name = "series of eigenvalues_g0: printed against limit flow"
            checks.append(slope_check(name, times, distances, theory.order + 1))
    return checks, left_out


def function_check(
    function: Callable[[Any, Any, Any], Any], name: str, order: int, g: float, zhat: float
) -> Check:
    """One function of (tau, zhat, g), exact through tau^order, against the limit network's flow.

    ``name`` is readout, loss, gradient_norm, frobenius_norm or s1, s2, ... Raises ValueError for others.
    """
    rank = int(name[1:]) if name[:1] == "s" and name[1:].isdigit() else 0
    with mpmath.workdps(DIGITS):
        times, states = _ladder(order, precise_limit_network(g, order // 2 + 3), g, zhat)
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


def instance_series_checks(g: float, zhat: float, size: int, order: int) -> list[Check]:
    """The chain's series of one instance against that instance's flow: readout and W - W0.

    The chain is exact at any N; N = min(size, INSTANCE_SIZE) keeps the many-digit flow short.
    """
    instance = Instance.sample(min(size, INSTANCE_SIZE), g, seed=0)
    with mpmath.workdps(DIGITS):
        network = precise_instance(instance)
        a, b = chains(network, order + 1)
        series = chain_series(
            (a @ a.T).tolist(), (b @ b.T).tolist(), (b @ network.w).tolist(), mpmath.mpf(zhat), order
        )
        radius = radius_estimate(instance, zhat)
        times, states = ladder(radius, order, network, zhat)
        readout_errors, change_errors = [], []
        for tau, state in zip(times, states, strict=True):
            readout_errors.append(mpmath.polyval(series.readout[::-1], tau) - state.readout)
            change = np.full((instance.size, instance.size), mpmath.mpf(0))
            for (i, j), coefficients in series.C.items():
                change = change + mpmath.polyval(coefficients[::-1], tau) * np.outer(a[i], b[j])
            change_errors.append(norm(change - state.change))
        label = f"of an instance (N = {instance.size}): chain against its flow"
        return [
            slope_check(f"series of readout {label}", times, readout_errors, order + 1),
            slope_check(f"series of W {label}", times, change_errors, order + 1),
        ]


def _ladder(
    order: int, network: PreciseNetwork, g: float, zhat: float
) -> tuple[list[Any], list[PreciseState]]:
    return ladder(radius_estimate(limit_network(g, 12), zhat), order, network, zhat)


def ladder(
    radius: float, order: int, network: PreciseNetwork, zhat: float, closeness: float = CLOSENESS
) -> tuple[list[Any], list[PreciseState]]:
    """Falling times and the flow's states there; its error is closeness^2 or more below the series'."""
    times = [mpmath.mpf(radius) * closeness / 2**k for k in range(POINTS)]
    return times, [precise_flow(network, zhat, tau, columns=order // 2 + 3) for tau in times]


def slope_check(
    name: str, times: Sequence[Any], errors: Sequence[Any], power: int, at_least: bool = False
) -> Check:
    """The slope of log error over log tau against ``power``; an error of zero fails.

    ``at_least``: the first term left out may vanish at this g and zhat, a steeper slope is no error.
    """
    slope, half_width = math.nan, math.nan
    if all(error != 0 for error in errors):
        x, y = (np.array([float(mpmath.log(abs(v))) for v in values]) for values in (times, errors))
        slope, level = (float(c) for c in np.polyfit(x, y, 1))
        scatter = np.sum((y - slope * x - level) ** 2) / (len(x) - 2)
        half_width = T_QUANTILE * math.sqrt(scatter / np.sum((x - x.mean()) ** 2))
    return Check(
        name,
        min(slope, float(power)) if at_least else slope,
        float(power),
        TOLERANCE,
        f"error ~ tau^{power}; {ORIGIN}",
        (slope - half_width, slope + half_width),
    )


def terms_left_out(times: Sequence[Any], errors: Sequence[Any], power: int) -> NextTerms:
    """The next two terms of a series from its errors at the two earliest ``times``."""
    early, late = times[-1], times[-2]
    at_early, at_late = -errors[-1] / early**power, -errors[-2] / late**power
    second = (at_late - at_early) / (late - early)
    return NextTerms(power, float(at_early - second * early), float(second))
