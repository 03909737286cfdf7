"""The third level of agreement for a flow (THEORY 5): networks approach N = infinity as N^(-1/2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.exact.flows.flow_curve import GOOD
from derive.flow.statement.task import Flow
from verify.checks.check import Check
from verify.checks.slope import log_slope
from verify.flows.reading import Reading

SHARES, STEPS = (1 / 3, 2 / 3, 1.0), 2
"""Parts of the judged time at which networks are looked at, with so many steps between two."""
LEFT_OUT, UNSEEN = 0.1, 0.3
"""The rest of a series: at most the one, of what moved over sqrt(N), at the time that is taken; above the
other, of the networks' own deviation, it hides the slope in N."""
ROUNDING = 1e-9
FINE = 1001
"""Times among which the last one is looked for at which a series is good."""
STANDARD_ERRORS = 4.0
MEDIAN = 5.43
"""The log of the median of n absolute Gaussian deviations is known to sqrt(MEDIAN/(4 n)) = 1.165/sqrt(n);
medians, since single networks of few neurons lie far off (an eigenvalue of W near 1)."""


@dataclass(frozen=True, eq=False)
class SeriesInTime:
    """A printed series with numbers for its parameters: ``coefficients`` of tau**0, ..., and its radius."""

    coefficients: Array
    radius: float

    def __call__(self, tau: float) -> float:
        """The truncated sum."""
        return float(np.polyval(self.coefficients[::-1], tau))

    def rest(self, tau: float) -> float:
        """A bound on what is left out: a geometric rest behind the largest of the last two terms."""
        order, ratio = len(self.coefficients) - 1, tau / self.radius
        last = np.abs(self.coefficients[-2:]) * self.radius ** np.array([order - 1, order])
        return float(last.max() * ratio ** (order + 1) / (1 - ratio))

    def good_until(self, tau: float) -> float:
        """The time, at most ``tau``, through which the rest is below GOOD of the largest value so far."""
        times = np.linspace(0.0, tau, FINE)
        largest = np.maximum.accumulate([abs(self(time)) for time in times])
        worse = [self.rest(time) > GOOD * value for time, value in zip(times, largest, strict=True)]
        return float(times[worse.index(True) - 1 if True in worse else -1])

    def moved(self, tau: float) -> float:
        """The largest term that moves."""
        return float(np.max(np.abs(self.coefficients[1:]) * tau ** np.arange(1, len(self.coefficients))))

    def rounding(self, tau: float) -> float:
        """What networks of every size may differ by: ROUNDING of the largest term, of 1 where all vanish."""
        largest = float(np.max(np.abs(self.coefficients) * tau ** np.arange(len(self.coefficients))))
        return ROUNDING * (largest or 1.0)

    def share(self, tau: float, size: int) -> float:
        """The latest part of ``tau`` at which networks of ``size`` neurons deviate by more than the rest."""
        late = [s for s in SHARES if self.rest(s * tau) <= LEFT_OUT * self.moved(s * tau) / np.sqrt(size)]
        return max(late, default=SHARES[0])


@dataclass(frozen=True, eq=False)
class SizeSamples:
    """Networks of rising ``sizes``: of each name an array of values a size, all at its time in ``tau``."""

    sizes: tuple[int, ...]
    tau: Mapping[str, float]
    values: Mapping[str, Sequence[Array]]


def size_samples(
    flow: Flow,
    series: Mapping[str, SeriesInTime],
    tau: float,
    counts: Mapping[int, int],
    g: float,
    step: Callable[[], None] = lambda: None,
) -> SizeSamples:
    """``counts[N]`` networks of every size N flow to parts of ``tau``, and are read off there."""
    shares = {name: one.share(tau, max(counts)) for name, one in series.items()}
    reading = Reading(flow, tuple(series))
    values: dict[str, list[Array]] = {name: [] for name in series}
    for size, count in counts.items():
        rows = []
        for seed in range(count):
            network = reading.network(size, g, 1000 * size + seed)
            states = network.flowed([share * tau for share in SHARES], STEPS)
            row: dict[str, float] = {}
            for share, state in zip(SHARES, states, strict=True):
                row |= reading.at(network, state, {name for name in series if shares[name] == share})
            rows.append(row)
            step()
        for name in series:
            values[name].append(np.array([row[name] for row in rows]))
    return SizeSamples(tuple(counts), {name: share * tau for name, share in shares.items()}, values)


def size_checks(samples: SizeSamples, series: Mapping[str, SeriesInTime]) -> list[Check]:
    """Of each name the median of networks against the series, and the slope of their deviations in N."""
    checks = []
    for name, one in series.items():
        tau = samples.tau[name]
        checks.append(_median_check(name, one, tau, samples))
        if (slope := _slope_check(name, one, tau, samples)) is not None:
            checks.append(slope)
    return checks


def _median_check(name: str, series: SeriesInTime, tau: float, samples: SizeSamples) -> Check:
    (half, whole), (small, large) = samples.values[name][-2:], samples.sizes[-2:]
    ratio = large / small  # the median's own deviation is of order 1/N
    middle = float((ratio * np.median(whole) - np.median(half)) / (ratio - 1))
    error = float(np.hypot(ratio * _standard_error(whole), _standard_error(half)) / (ratio - 1))
    expected, rest = series(tau), series.rest(tau)
    return Check(
        f"{name}: median of networks against the printed series",
        middle,
        expected,
        STANDARD_ERRORS * error + rest + series.rounding(tau),
        f"at tau = {tau:.3g}; N = {small} and {large} extrapolated in 1/N; {STANDARD_ERRORS:g} standard "
        f"errors of {len(half)} and {len(whole)} networks and the next terms ({rest:.2g})",
    )


def _slope_check(name: str, series: SeriesInTime, tau: float, samples: SizeSamples) -> Check | None:
    """None where networks of every size are the limit, or all that is seen is the series' rest."""
    expected = series(tau)
    spread = [float(np.median(np.abs(values - expected))) for values in samples.values[name]]
    if min(spread) <= 100 * series.rounding(tau) or series.rest(tau) > UNSEEN * spread[-1]:
        return None
    counts = [len(values) for values in samples.values[name]]
    slope, uncertainty = log_slope(samples.sizes, spread, counts, variance=MEDIAN)
    return Check(
        f"{name}: deviation of networks from N = infinity, slope in N",
        slope,
        -0.5,
        STANDARD_ERRORS * uncertainty,
        f"at tau = {tau:.3g}; N = {', '.join(map(str, samples.sizes))}; {STANDARD_ERRORS:g} standard errors "
        f"of the slope of median deviations of {', '.join(map(str, counts))} networks",
    )


def _standard_error(values: Array) -> float:
    """Of the median: 1.253 standard deviations, themselves from the median deviation, over sqrt(n)."""
    deviation = 1.4826 * float(np.median(np.abs(values - np.median(values))))
    return 1.2533 * deviation / np.sqrt(len(values)) if len(values) > 1 else np.inf
