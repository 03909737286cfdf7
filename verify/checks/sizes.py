"""Check (iii): instances leave the limit N -> infinity as N^(-1/2) (THEORY 5).

Of every instance gradient flow is followed in its orthonormalised chain, and the root-mean-square deviation
from the exact limit is taken over the instances of one size. From n instances log RMS has the standard error
1/sqrt(2n).

Two things end the law's range. Near g = 1 the spectrum of W0, of radius g up to fluctuations, reaches 1
in small networks and a few instances rule the mean: sizes count from N (1 - g)^2 >= `EDGE_DISTANCE`. And
where the learning curve is steep deviations grow until they are no longer small: the slope is taken
at the last judged time at which they have grown by less than `GROWTH`, and with overlapping vectors not
fallen below `LEAST` of the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from verify.checks.check import Check
from verify.checks.slope import size_slope
from verify.truth.flow_curve import CHAIN_LENGTH, Values, limit_observables, network_observables
from verify.truth.reduced_flow import BLOCKS
from verify.truth.setting import Setting

SIZES = (128, 256, 512, 1024, 2048)
QUICK_SIZES = (64, 128, 256, 512)
NEURONS_PER_SIZE, QUICK_NEURONS_PER_SIZE = 20480, 5120
LEAST_SIZES = 3
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
class SizeDeviations:
    """From the limit at learning times ``tau``: root mean square and mean, of shape (sizes, times) by name.

    ``readout`` of a target matrix is the root mean square over its entries, and has no mean.
    """

    tau: Array
    sizes: NDArray[np.int64]
    instances: NDArray[np.int64]
    rms: Values
    mean: Values = field(default_factory=dict)

    def at_size(self, name: str, size: int) -> Array:
        """The RMS deviation of one instance of ``size`` neurons at each time, c/sqrt(size).

        c^2 is the mean of N times the square deviation over all instances of all sizes.
        """
        scaled = self.rms[name] ** 2 * self.sizes[:, None]
        mean: Array = np.average(scaled, axis=0, weights=self.instances)
        return np.sqrt(mean / size)

    def shift(self, name: str, size: int) -> Array:
        """The mean deviation of instances of ``size`` neurons at each time, its magnitude."""
        scaled = self.mean[name] * np.sqrt(self.sizes[:, None])
        mean = np.average(scaled, axis=0, weights=self.instances)
        shift: Array = np.abs(mean) / np.sqrt(size)
        return shift


def measure_deviations(
    setting: Setting,
    tau: Array,
    counts: dict[int, int],
    on_instance: Callable[[], None] = lambda: None,
) -> SizeDeviations:
    """Draw ``counts[N]`` instances of each size N and follow them to learning times ``tau``."""
    exact = limit_observables(setting, tau).values
    names, limit = list(exact), np.array(list(exact.values()))
    rms, mean, seed = [], [], FIRST_SEED
    for size, count in counts.items():
        found = []
        for _ in range(count):
            values = network_observables(setting.sample(size, seed), setting, tau).values
            found.append(np.array([values[name] for name in names]) - limit)
            seed += 1
            on_instance()
        rms.append(np.sqrt(np.mean(np.square(found), axis=0)))
        mean.append(np.mean(found, axis=0))
    table = dict(zip(names, np.array(rms).swapaxes(0, 1), strict=True))
    means = dict(zip(names, np.array(mean).swapaxes(0, 1), strict=True))
    if setting.shape:
        entries = [table[name] for name in names[: setting.array.size]]
        table["readout"] = np.sqrt(np.mean(np.square(entries), axis=0))
    return SizeDeviations(tau, np.array(list(counts)), np.array(list(counts.values())), table, means)


def size_check(deviations: SizeDeviations, setting: Setting) -> Check:
    """The slope of log RMS of the readout over log N, at the last time before the deviations grow.

    Where m and w overlap nor have they fallen below `LEAST` of the first: where w.m < 0 the deviation changes
    its sign as W learns, and around that time its part ~ N^(-1/2) is no longer the largest. Where networks of
    every size are the limit the deviation itself is checked.
    """
    if setting.every_size_is_the_limit:
        return Check(
            "network size: deviation of the readout from the limit",
            float(deviations.rms["readout"].max()),
            0.0,
            ROUNDING,
            "at g = 0 all happens in the plane of m and w, so that with w.m given a network of any size is "
            "the limit; the tolerance is the rounding of the two flows",
        )
    scaled = deviations.at_size("readout", 1)
    grown = np.maximum.accumulate(scaled) > GROWTH * scaled[0]
    least = LEAST if setting.task.alignment else 0.0
    fallen = np.minimum.accumulate(scaled) < least * scaled[0]
    time = int(np.flatnonzero(~(grown | fallen))[-1])
    counts = ", ".join(f"{n} at N = {N}" for N, n in zip(deviations.sizes, deviations.instances, strict=True))
    basis = (
        f"{BLOCKS} first blocks of chain vectors" if setting.shape else f"{CHAIN_LENGTH} first chain vectors"
    )
    return size_slope(
        "network size: RMS deviation of the readout from the limit",
        deviations.sizes,
        deviations.rms["readout"][:, time],
        deviations.instances,
        f"instances at ttilde = {deviations.tau[time] * setting.unit:.4g} ({counts}), each one's flow "
        f"integrated in a basis of its {basis}",
    )
