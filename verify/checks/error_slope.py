"""Slopes of errors over learning time, and what to make of one that is steeper than expected.

The error of a series through tau^K is c_(K+1) tau^(K+1) + ..., and no wrong coefficient survives: a relative
error delta in c_k leaves delta c_k tau^k, and the slope k. Where c_(K+1) vanishes at the very target asked
for (in the learning time's series at g = 0, zhat = 1/2 the third and fourth do) the slope is steeper there,
and is then taken at a target nearby: K + 1 itself must be found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from verify.checks.check import Check
from verify.truth.precise_flow import DIGITS, PreciseNetwork, PreciseState, precise_flow

NEARBY = 1.07
"""The target nearby is this much farther from z(0)."""

CONSTANT = 1e-80
"""Relative change below which a function does not change with tau; rounding is 1e-100."""

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


@dataclass(frozen=True)
class Errors:
    """Errors of one printed function at ``times``, the ``exact`` values, and the expected power of tau."""

    power: int
    times: Sequence[Any]
    values: Sequence[Any]
    exact: Sequence[Any] = ()

    @property
    def constant(self) -> bool:
        """Whether the exact function is one number at all times."""
        return bool(self.exact) and max(self.exact) - min(self.exact) <= CONSTANT * abs(self.exact[0])

    @property
    def left_out(self) -> NextTerms:
        """The first two terms that the truncated series leaves out."""
        if self.constant:
            return NextTerms(self.power, 0.0, 0.0)
        early, late = self.times[-1], self.times[-2]
        at_early, at_late = -self.values[-1] / early**self.power, -self.values[-2] / late**self.power
        second = (at_late - at_early) / (late - early)
        return NextTerms(self.power, float(at_early - second * early), float(second))

    def check(self, name: str) -> Check:
        """The slope; of a constant its value."""
        if not self.constant:
            return slope_check(name, self.times, self.values, self.power)
        return Check(
            name,
            float(max(abs(error) for error in self.values)),
            0.0,
            float(CONSTANT * abs(self.exact[0])),
            f"constant in tau, so that the series ends; {DIGITS} digits",
        )


def settled_checks(
    errors_at: Callable[[float], Mapping[str, Errors]], zhat: float, start: float = 0.0
) -> list[Check]:
    """One check for each kind of error at a target; the steeper slopes are taken again at a target nearby.

    ``errors_at(zhat)`` gives them by name; ``start`` is z(0), which the target moves away from.
    """
    nearby = start + NEARBY * (zhat - start)
    moved: Mapping[str, Errors] = {}
    checks = []
    for name, errors in errors_at(zhat).items():
        if errors.exact and not any(errors.exact) and not any(errors.values):
            continue  # what vanishes identically: the third singular value at g = 0
        check = errors.check(name)
        if check.measured > errors.power + TOLERANCE:
            moved = moved or errors_at(nearby)
            check = moved[name].check(name)
            reason = f"at zhat = {nearby:g}, as the first term left out vanishes at {zhat:g}; {check.reason}"
            check = replace(check, reason=reason)
        checks.append(check)
    return checks


def ladder_times(radius: float, closeness: float = CLOSENESS) -> list[Any]:
    """The falling times at which slopes are taken, in tau as the ``radius`` of convergence is."""
    return [mpmath.mpf(radius) * closeness / 2**k for k in range(POINTS)]


def ladder(
    radius: float,
    order: int,
    network: PreciseNetwork,
    zhat: float,
    closeness: float = CLOSENESS,
    train: Sequence[str] = ("W",),
) -> tuple[list[Any], list[PreciseState]]:
    """Falling times and the flow's states there; its error is closeness^2 or more below the series'."""
    times = ladder_times(radius, closeness)
    return times, [precise_flow(network, zhat, tau, order // 2 + 3, train) for tau in times]


def slope_check(name: str, times: Sequence[Any], errors: Sequence[Any], power: int) -> Check:
    """The slope of log error over log tau against ``power``; an error of zero fails."""
    slope, half_width = math.nan, math.nan
    if all(error != 0 for error in errors):
        x, y = (np.array([float(mpmath.log(abs(v))) for v in values]) for values in (times, errors))
        slope, level = (float(c) for c in np.polyfit(x, y, 1))
        scatter = np.sum((y - slope * x - level) ** 2) / (len(x) - 2)
        half_width = T_QUANTILE * math.sqrt(scatter / np.sum((x - x.mean()) ** 2))
    return Check(
        name,
        slope,
        float(power),
        TOLERANCE,
        f"error ~ tau^{power}; {ORIGIN}",
        (slope - half_width, slope + half_width),
    )
