"""Slope of log RMS over log N from samples of each size, weighted, with its standard error."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

GAUSSIAN = 2.0
"""Relative variance of the square of one Gaussian number."""


def log_slope(
    sizes: ArrayLike, rms: ArrayLike, counts: ArrayLike, variance: float = GAUSSIAN
) -> tuple[float, float]:
    """Slope and standard error of a weighted line.

    The log of a root mean square over n samples, whose squares have the relative ``variance`` v, is
    known to sqrt(v/(4 n)).
    """
    x, y = np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(rms, dtype=float))
    weights = 4 * np.asarray(counts, dtype=float) / variance
    centred = x - np.average(x, weights=weights)
    spread = np.sum(weights * centred**2)
    return float(np.sum(weights * centred * y) / spread), float(1 / np.sqrt(spread))
