"""The eigenvalue of W that leaves W0's disc as learning goes on: simulated networks against the limit.

`derive.outliers` gives it at N -> infinity from det(1 - C Gamma(lambda)) = 0 (THEORY 4). Here networks are
trained by plain gradient descent and all eigenvalues of their W are computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive import Instance, outliers
from derive.arrays import Array
from verify.checks.check import Check
from verify.truth.descent import descend
from verify.truth.networks import FixedPointNetwork

STANDARD_ERRORS = 4.0
SEGMENTS = 12


@dataclass(frozen=True, eq=False)
class OutlierPath:
    """Moduli of the largest eigenvalue, shape (seeds, T), at times ``ttilde``, and one final spectrum."""

    g: float
    zhat: float
    size: int
    ttilde: Array
    largest: NDArray[np.complex128]
    spectrum: NDArray[np.complex128]

    @property
    def tau(self) -> Array:
        return self.ttilde * (1 - self.g**2) ** 2


def outlier_path(
    g: float,
    zhat: float,
    size: int,
    seeds: int,
    until: float,
    epochs: int,
    on_network: Callable[[], None] = lambda: None,
) -> OutlierPath:
    """Train ``seeds`` networks to ttilde = ``until`` and follow the largest eigenvalue of each W."""
    steps = max(1, epochs // SEGMENTS)
    rate = until * (1 - g**2) ** 2 / (steps * SEGMENTS)
    largest, spectrum = [], np.array([], dtype=np.complex128)
    for seed in range(seeds):
        network, path = FixedPointNetwork(Instance.sample(size, g, seed)), []
        for _ in range(SEGMENTS):
            spectrum = np.linalg.eigvals(descend(network, zhat, rate, steps).W).astype(np.complex128)
            path.append(spectrum[np.argmax(np.abs(spectrum))])
        largest.append(path)
        on_network()
    ttilde = until * np.arange(1, SEGMENTS + 1) / SEGMENTS
    return OutlierPath(g, zhat, size, ttilde, np.array(largest), spectrum)


def outlier_checks(path: OutlierPath) -> list[Check]:
    """The mean outlier at the last time against the limit, and that it is real."""
    limit = outliers(path.g, path.zhat, [float(path.tau[-1])])[0]
    if not len(limit):
        raise ValueError(f"no eigenvalue has left the disc at ttilde = {path.ttilde[-1]:g}")
    values = np.abs(path.largest[:, -1])
    seeds = len(values)
    error = STANDARD_ERRORS * float(np.std(values, ddof=1)) / math.sqrt(seeds)
    bias = 1 / path.size
    return [
        Check(
            "outlier of W: mean of simulated networks against the limit",
            float(values.mean()),
            float(np.abs(limit[0])),
            error + STANDARD_ERRORS * bias,
            f"{STANDARD_ERRORS:g} standard errors of {seeds} networks of N = {path.size} ({error:.2g}) and "
            f"{STANDARD_ERRORS:g}/N for the mean's own approach to the limit, which is O(1/N)",
        )
    ]
