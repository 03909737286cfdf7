"""A check of statistics: the mean of simulated networks against a truth, at all times together.

A Taylor series says nothing beyond its radius of convergence (THEORY 5), so at each time and for each
observable the printed series is judged where the terms it leaves out first (known from check (i)) are at most
`SMALL` of its value, and drawn elsewhere. The exact limit is judged at every time. The allowance has three
parts, the second only for the series:

    4 sigma(N)/sqrt(seeds)  the deviation between networks and their mean's shift from theory (THEORY 8);
                            where it has none the instances' deviation from N -> infinity, from check (iii),
                            of several modes also their mean's: finite N drives singular values apart
    next terms              what the series leaves out
    |descent - flow|        the learning rate, from the limit under both
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from verify.checks.check import Check
from verify.checks.sizes import ROUNDING, SizeDeviations
from verify.checks.slope import NextTerms
from verify.truth.flow_curve import Values, has_exact_curve
from verify.truth.fluctuations import finite_size_allowance
from verify.truth.setting import Setting, observable_names

SMALL = 0.01
STANDARD_ERRORS = 4.0


@dataclass(frozen=True, eq=False)
class Judgement:
    """``judged[name]`` says at which times the series is judged; ``left_out[name]`` its next terms."""

    judged: dict[str, NDArray[np.bool_]]
    left_out: Values


def judge(
    series: Values,
    next_terms: Mapping[str, NextTerms],
    tau: Array,
    radius: float,
    whole: bool = False,
) -> Judgement:
    """Where the printed series (values at ``tau``) may be held against a simulation: inside its radius of
    convergence ``radius`` (in tau), and there where its next terms are small.

    ``whole``: the terms after the next two count too, as a geometric series, because no scatter of the
    networks covers them.
    """
    inside = tau < radius
    following = np.where(inside, 1 / (1 - np.minimum(tau / radius, 0.99)), 1.0) if whole else 1.0
    left_out = {name: next_terms[name].size(tau) * following for name in series}
    judged = {name: inside & (left_out[name] <= SMALL * np.abs(series[name])) for name in series}
    return Judgement(judged, left_out)


def judged_groups(setting: Setting) -> dict[str, list[str]]:
    """What is judged, by the name of its check: of a target matrix entries and singular values together.

    Where W is frozen it has no singular values.
    """
    names = list(observable_names(setting.shape, setting.singular_values))
    entries, sizes = len(names) - 2 - setting.singular_values, "W" in setting.task.train
    if not setting.shape:
        return {name: [name] for name in (names[:2] + names[3:] * sizes)}
    return {"Z": names[:entries], "loss": ["loss"], "singular values": names[entries + 2 :]}


@dataclass(frozen=True, eq=False)
class Allowance:
    """What the mean over ``seeds`` networks of ``size`` neurons may deviate at the shown times ``tau``.

    By theory's own deviation and shift at order 1/N, where these are known and the shift is small against
    the deviation at all the times; otherwise by the scatter of networks in check (iii). ``shift`` is
    |descent - flow| at N -> infinity; ``deviations`` hold every shown time.
    """

    setting: Setting
    size: int
    seeds: int
    tau: Array
    deviations: SizeDeviations
    shift: Values

    @cached_property
    def predicted(self) -> Values:
        """`finite_size` from theory, where it has it."""
        names = observable_names(self.setting.shape, self.setting.singular_values)
        return finite_size_allowance(self.setting, self.tau, self.size, self.seeds, STANDARD_ERRORS, names)

    def origin(self, name: str) -> str:
        """Where `finite_size` comes from, for reasons."""
        if self._by_theory(name):
            return " and the shift of their mean, by theory"
        return " and their mean deviation from the limit" if self.setting.shape else ""

    def _by_theory(self, name: str) -> bool:
        return name in self.predicted and not np.any(np.isnan(self.predicted[name]))

    def finite_size(self, name: str) -> Array:
        """The part of the networks' finite number and size."""
        deviations = self.deviations
        if self._by_theory(name):
            return self.predicted[name]
        spread = STANDARD_ERRORS * deviations.at_size(name, self.size) / np.sqrt(self.seeds)
        if self.setting.shape:
            spread = spread + deviations.shift(name, self.size)
        allowed = np.interp(self.tau, deviations.tau, spread)
        if self.setting.every_size_is_the_limit:
            allowed = np.maximum(allowed, ROUNDING * self.setting.zhat)
        return np.asarray(allowed)


def mean_checks(
    allowance: Allowance,
    means: Mapping[str, Values],
    series: Values,
    judgement: Judgement,
    exact: Values,
) -> list[Check]:
    """The printed series where it is judged, and the exact limit at every shown time, against the
    simulations: one check each for a simulator and a group of observables, where it comes closest to failing.
    """
    setting = allowance.setting
    everywhere = np.full(len(allowance.tau), True)
    checks = []
    for truth, expected in (("the printed series", series), ("the exact limit", exact)):
        printed = expected is series
        small = f" where its next terms are at most {SMALL:.0%}" if printed and setting.shape else ""
        for group, names in judged_groups(setting).items():
            points = [
                (name, int(k))
                for name in names
                for k in np.flatnonzero(judgement.judged[name] if printed else everywhere)
            ]
            if not points:
                continue
            left_out = (
                judgement.left_out if printed else {name: np.zeros(len(allowance.tau)) for name in names}
            )
            for simulator, values in means.items():
                title = f"{group}: mean of {simulator} against {truth}{small}"
                checks.append(_closest(title, allowance, points, values, expected, left_out, printed))
    return checks


def _closest(
    title: str,
    allowance: Allowance,
    points: Sequence[tuple[str, int]],
    values: Values,
    expected: Values,
    left_out: Values,
    printed: bool,
) -> Check:
    """The check at the observable and time that come closest to failing."""
    finite = {name: allowance.finite_size(name) for name in {name for name, _ in points}}

    def parts(name: str, k: int) -> tuple[float, float, float]:
        return float(finite[name][k]), float(left_out[name][k]), float(allowance.shift[name][k])

    def ratio(point: tuple[str, int]) -> float:
        name, k = point
        allowed = sum(parts(name, k))
        found = abs(values[name][k] - expected[name][k]) / (allowed if allowed > 0 else 1e-300)
        return float(found) if np.isfinite(found) else np.inf

    setting = allowance.setting
    name, k = max(points, key=ratio)
    finite_size, terms, rate = parts(name, k)
    integrated = "" if printed or has_exact_curve(setting.task) else "; the limit's flow is integrated"
    return Check(
        title,
        float(values[name][k]),
        float(expected[name][k]),
        finite_size + terms + rate,
        f"{f'{name} ' if setting.shape else ''}at ttilde = {allowance.tau[k] * setting.unit:g}, the worst of "
        f"{len(points)} {'(entries, times)' if setting.shape else 'times'}"
        f"{f', next terms at most {SMALL:.0%}' if printed else ''}{integrated}; the tolerance is "
        f"{STANDARD_ERRORS:g} standard errors of {allowance.seeds} networks of N = {allowance.size}"
        f"{allowance.origin(name)} ({finite_size:.2g})"
        f"{f', the next terms ({terms:.2g})' if printed else ''} and the learning rate's shift ({rate:.2g})",
    )
