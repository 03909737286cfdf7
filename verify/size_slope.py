"""Check (iii): instances leave the limit N -> infinity as N^(-1/2) (THEORY 5).

Of every instance the curve of gradient flow is integrated on its reduced network
(`verify.reduced_instance`), and the root-mean-square deviation from the exact limit is taken over the
instances of one size. From n instances log RMS has the standard error 1/sqrt(2n).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive import Instance
from verify.checks import Check
from verify.flow_curve import flow_observables, limit_observables
from verify.reduced_instance import CHAIN_LENGTH, reduced_instance

ENSEMBLE = {128: 160, 256: 80, 512: 40, 1024: 20, 2048: 10}
QUICK_ENSEMBLE = {64: 160, 128: 80, 256: 40, 512: 20}
FIRST_SEED = 1_000_000
"""Seeds of these instances start here, away from those of the simulations."""


@dataclass(frozen=True, eq=False)
class Deviations:
    """RMS deviation of every observable from the limit: ``rms[name]`` of shape (sizes, times)."""

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
    ensemble: dict[int, int],
    on_instance: Callable[[], None] = lambda: None,
) -> Deviations:
    """Draw ``ensemble[N]`` instances of each size N and follow them to learning times ``tau``."""
    limit = limit_observables(g, zhat, tau).values
    squares: dict[str, list[NDArray[np.float64]]] = {name: [] for name in limit}
    seed = FIRST_SEED
    for size, count in ensemble.items():
        total = {name: np.zeros(len(tau)) for name in limit}
        for _ in range(count):
            reduced = reduced_instance(Instance.sample(size, g, seed))
            values = flow_observables(reduced, zhat, tau, 1e-10).values
            for name, curve in values.items():
                total[name] += (curve - limit[name]) ** 2
            seed += 1
            on_instance()
        for name in limit:
            squares[name].append(np.sqrt(total[name] / count))
    return Deviations(
        np.array(list(ensemble)),
        np.array(list(ensemble.values())),
        {name: np.array(rows) for name, rows in squares.items()},
    )


def size_check(deviations: Deviations, ttilde: float, time: int) -> Check:
    """The slope of log RMS of the readout over log N at the time of index ``time``."""
    x, y = np.log(deviations.sizes), np.log(deviations.rms["readout"][:, time])
    weights = 2.0 * deviations.instances
    centred = x - np.average(x, weights=weights)
    spread = np.sum(weights * centred**2)
    slope = float(np.sum(weights * centred * y) / spread)
    error = float(1 / np.sqrt(spread))
    counts = ", ".join(f"{n} at N = {N}" for N, n in zip(deviations.sizes, deviations.instances, strict=True))
    return Check(
        "network size: RMS deviation of the readout from the limit",
        slope,
        -0.5,
        3 * error,
        f"instances at ttilde = {ttilde:g} ({counts}), each one's flow integrated in a basis of its "
        f"{CHAIN_LENGTH} first chain vectors; the tolerance is three standard errors ({error:.3f}) of the "
        "fit, log RMS of n instances being known to 1/sqrt(2n)",
    )
