"""Check (iii): instances leave the limit N -> infinity as N^(-1/2) (THEORY 5).

Of every instance gradient flow is followed in its orthonormalised chain
(`derive.limit.instance_reduction`), and the root-mean-square deviation from the exact limit is taken over the
instances of one size. From n instances log RMS has the standard error 1/sqrt(2n).

Two things end the law's range. Near g = 1 the spectrum of W0, of radius g up to fluctuations, reaches 1
in small networks and a few instances rule the mean: sizes count from N (1 - g)^2 >= `EDGE_DISTANCE`. And
where the learning curve is steep deviations grow until they are no longer small: the slope is taken
at the last judged time at which they have grown by less than `GROWTH`, and with overlapping vectors not
fallen below `LEAST` of the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive import Instance
from derive.flow.problem import FixedPointTask
from verify.checks.check import Check
from verify.checks.log_slope import log_slope
from verify.comparison.request import PAPERS_TASK
from verify.truth.flow_curve import instance_observables, limit_observables

CHAIN_LENGTH = 12
SIZES = (128, 256, 512, 1024, 2048)
QUICK_SIZES = (64, 128, 256, 512)
NEURONS_PER_SIZE, QUICK_NEURONS_PER_SIZE = 20480, 5120
LEAST_SIZES = 3
NORMAL_QUANTILE = 1.96
ROUNDING = 1e-8
EDGE_DISTANCE = 10.0
GROWTH = 1.2
LEAST = 0.5
EARLY = 1 / 8
"""The time, in radii of convergence, from which growth counts."""

FIRST_SEED = 1_000_000
"""Seeds of these instances start here, away from those of the simulations."""


def ensemble(g: float, quick: bool) -> dict[int, int]:
    """Instances of each size: 160 of 128 neurons down to 10 of 2048; quick: 80 of 64 to 10 of 512."""
    neurons = QUICK_NEURONS_PER_SIZE if quick else NEURONS_PER_SIZE
    for sizes in (QUICK_SIZES, SIZES) if quick else (SIZES,):
        large = [size for size in sizes if size * (1 - g) ** 2 >= EDGE_DISTANCE]
        if len(large) >= LEAST_SIZES:
            break
    else:
        large = list(sizes[-LEAST_SIZES:])
    return {size: neurons // size for size in large}


@dataclass(frozen=True, eq=False)
class Deviations:
    """RMS deviation from the limit at learning times ``tau``: ``rms[name]`` of shape (sizes, times)."""

    tau: NDArray[np.float64]
    sizes: NDArray[np.int64]
    instances: NDArray[np.int64]
    rms: dict[str, NDArray[np.float64]]

    def at_size(self, name: str, size: int) -> NDArray[np.float64]:
        """The RMS deviation of one instance of ``size`` neurons at each time, c/sqrt(size).

        c^2 is the mean of N times the square deviation over all instances of all sizes.
        """
        scaled = self.rms[name] ** 2 * self.sizes[:, None]
        mean: NDArray[np.float64] = np.average(scaled, axis=0, weights=self.instances)
        return np.sqrt(mean / size)


def measure_deviations(
    g: float,
    zhat: float,
    tau: NDArray[np.float64],
    counts: dict[int, int],
    on_instance: Callable[[], None] = lambda: None,
    task: FixedPointTask = PAPERS_TASK,
) -> Deviations:
    """Draw ``counts[N]`` instances of each size N and follow them to learning times ``tau``."""
    exact = limit_observables(g, zhat, tau, task).values
    squares: dict[str, list[NDArray[np.float64]]] = {name: [] for name in exact}
    seed = FIRST_SEED
    for size, count in counts.items():
        total = {name: np.zeros(len(tau)) for name in exact}
        for _ in range(count):
            instance = Instance.sample(size, g, seed, float(task.alignment))
            values = instance_observables(instance, CHAIN_LENGTH, zhat, tau, task).values
            for name, curve in values.items():
                total[name] += (curve - exact[name]) ** 2
            seed += 1
            on_instance()
        for name in exact:
            squares[name].append(np.sqrt(total[name] / count))
    return Deviations(
        tau,
        np.array(list(counts)),
        np.array(list(counts.values())),
        {name: np.array(rows) for name, rows in squares.items()},
    )


def limit_check(deviations: Deviations) -> Check:
    """The deviation itself, where networks of every size are the limit (g = 0 and a given w.m)."""
    return Check(
        "network size: deviation of the readout from the limit",
        float(deviations.rms["readout"].max()),
        0.0,
        ROUNDING,
        "at g = 0 all happens in the plane of m and w, so that with w.m given a network of any size is the "
        "limit; the tolerance is the rounding of the two flows",
    )


def size_check(
    deviations: Deviations,
    beta_squared: float,
    least: float = 0.0,
    basis: str = f"{CHAIN_LENGTH} first chain vectors",
) -> Check:
    """The slope of log RMS of the readout over log N, at the last time before the deviations grow.

    ``least``: nor have they fallen below this part of the first. Where w.m < 0 the deviation changes its
    sign as W learns, and around that time its part ~ N^(-1/2) is no longer the largest.
    """
    scaled = deviations.at_size("readout", 1)
    grown = np.maximum.accumulate(scaled) > GROWTH * scaled[0]
    fallen = np.minimum.accumulate(scaled) < least * scaled[0]
    time = int(np.flatnonzero(~(grown | fallen))[-1])
    slope, error = log_slope(deviations.sizes, deviations.rms["readout"][:, time], deviations.instances)
    counts = ", ".join(f"{n} at N = {N}" for N, n in zip(deviations.sizes, deviations.instances, strict=True))
    return Check(
        "network size: RMS deviation of the readout from the limit",
        slope,
        -0.5,
        3 * error,
        f"instances at ttilde = {deviations.tau[time] * beta_squared:.4g} ({counts}), each one's flow "
        f"integrated in a basis of its {basis}; the tolerance is three standard "
        f"errors ({error:.3f}) of the fit, log RMS of n instances being known to 1/sqrt(2n)",
        (slope - NORMAL_QUANTILE * error, slope + NORMAL_QUANTILE * error),
    )
