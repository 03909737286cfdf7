"""A check of a slope: an error falls as a power of something, and no wrong constant survives.

    tau^(K+1)      a series through tau^K, over learning time:  c_(K+1) tau^(K+1) + ...
    eta^1          gradient descent against flow, over the learning rate
    N^(-1/2)       a network against N -> infinity, over its size, from the scatter of many

A relative error delta in the coefficient c_k of a series leaves delta c_k tau^k, and the slope k. Where
c_(K+1) vanishes at the very target asked for (in the learning time's series at g = 0, zhat = 1/2 the third
and fourth do) the slope is steeper there, and is then taken at a target nearby: K + 1 itself must be found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import mpmath
import numpy as np
from numpy.typing import ArrayLike, NDArray

from verify.checks.check import Check
from verify.truth.limit_flow import CLOSENESS, POINTS
from verify.truth.precise_flow import DIGITS
from verify.truth.setting import Setting

CONSTANT = 1e-80
"""Relative change below which a function does not change with tau; rounding is 1e-100."""

TOLERANCE = 0.01
EARLIER = (1e-5, 1e-9)
"""The latest times, in radii of convergence, where those up to `CLOSENESS` do not show a power."""
T_QUANTILE = 4.303  # Student's t, 97.5%, POINTS - 2 degrees of freedom
NORMAL_QUANTILE = 1.96
ORIGIN = (
    f"fitted over {POINTS} times tau <= {CLOSENESS:g} of the radius of convergence, {DIGITS} digits; the "
    "tolerance holds the next-order correction c_(K+2) tau/c_(K+1), 1e-4 where the ratio of the "
    "coefficients is the radius and 0.01 where it is a hundred times that"
)

EPOCHS = (16, 32, 64)
LEAST_TOLERANCE = 0.002

GAUSSIAN = 2.0
"""Relative variance of the square of one Gaussian number."""


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
    def vanishing(self) -> bool:
        """Whether there is nothing to check: the third singular value at g = 0."""
        return bool(self.exact) and not any(self.exact) and not any(self.values)

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
            return time_slope(name, self.times, self.values, self.power)
        return Check(
            name,
            float(max(abs(error) for error in self.values)),
            0.0,
            float(CONSTANT * abs(self.exact[0])),
            f"constant in tau, so that the series ends; {DIGITS} digits",
        )


def settled(errors_at: Callable[[Setting, float], Mapping[str, Errors]], setting: Setting) -> list[Check]:
    """One check for each kind of error, by its name, from its errors up to a part of the radius.

    Steeper slopes are taken again at a target nearby, and what still fails at `EARLIER` times: where the
    first term left out is small beside the next (far from zhat^2/(1 - g^2) = 1) only they show its power.
    Early times never help a wrong constant, whose own power is the lower one.
    """

    @cache
    def errors(nearby: bool, closeness: float) -> Mapping[str, Errors]:
        return errors_at(setting.nearby() if nearby else setting, closeness)

    checks = []
    for name, found in errors(False, CLOSENESS).items():
        if found.vanishing:
            continue
        check = found.check(name)
        if check.measured > found.power + TOLERANCE:
            moved = errors(True, CLOSENESS)[name].check(name)
            nearby = setting.nearby().zhat
            where = f"at zhat = {nearby:g}, as the first term left out vanishes at {setting.zhat:g}"
            check = replace(moved, reason=f"{where}; {moved.reason}")
        for closeness in EARLIER:
            if check.passed or name not in (early := errors(False, closeness)):
                break
            again = early[name].check(name)
            if again.passed:
                check = replace(again, reason=again.reason.replace(f"{CLOSENESS:g}", f"{closeness:g}", 1))
        checks.append(check)
    return checks


def time_slope(name: str, times: Sequence[Any], errors: Sequence[Any], power: int) -> Check:
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


def learning_rate_slope(
    name: str, errors: NDArray[np.float64], tau: float, counts: Sequence[int] = EPOCHS
) -> Check:
    """The slope of errors after ``counts`` steps to ``tau``, each twice the last, against 1.

    The same time, ever more and smaller steps: the deviation is c eta + O(eta^2), so its local slope
    log2(e(eta)/e(eta/2)) tends to 1 linearly in eta and one Richardson step removes that correction.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        coarse, fine = np.log2(errors[:-1] / errors[1:])
    return Check(
        name,
        float(2 * fine - coarse),
        1.0,
        max(float(abs(fine - coarse)), LEAST_TOLERANCE),
        f"error ~ eta at tau = {tau:.4g} in {', '.join(map(str, counts))} epochs, local slopes {coarse:.4f} "
        f"and {fine:.4f} extrapolated to eta = 0; the tolerance is the correction so removed, or "
        f"{LEAST_TOLERANCE}",
    )


def size_slope(name: str, sizes: ArrayLike, rms: ArrayLike, counts: ArrayLike, where: str) -> Check:
    """The slope of log RMS over log N against -1/2; ``counts`` networks of each size."""
    slope, error = log_slope(sizes, rms, counts)
    return Check(
        name,
        slope,
        -0.5,
        3 * error,
        f"{where}; the tolerance is three standard "
        f"errors ({error:.3f}) of the fit, log RMS of n instances being known to 1/sqrt(2n)",
        (slope - NORMAL_QUANTILE * error, slope + NORMAL_QUANTILE * error),
    )


def log_slope(
    sizes: ArrayLike, rms: ArrayLike, counts: ArrayLike, variance: float = GAUSSIAN
) -> tuple[float, float]:
    """Slope of log RMS over log N and its standard error, from a weighted line.

    The log of a root mean square over n samples, whose squares have the relative ``variance`` v, is
    known to sqrt(v/(4 n)).
    """
    x, y = np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(rms, dtype=float))
    weights = 4 * np.asarray(counts, dtype=float) / variance
    centred = x - np.average(x, weights=weights)
    spread = np.sum(weights * centred**2)
    return float(np.sum(weights * centred * y) / spread), float(1 / np.sqrt(spread))
