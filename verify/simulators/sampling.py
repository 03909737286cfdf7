"""Networks from seeds: the same numbers wherever, whenever and in whatever order they are drawn.

A seed, a size and a strength fix the network (`derive.Instance.sample`) and the independent copy of
its W0 that the shuffled loss uses (numpy's PCG64 seeded with the pair (seed, 1)).
"""

from __future__ import annotations

import numpy as np

from derive import Instance
from derive.arrays import Array

ROWS = 256


def sample_instance(size: int, g: float, seed: int, dtype: str = "float64") -> Instance:
    """`derive.Instance.sample`, rounded to ``dtype`` (rows at a time, so that no wide copy is held)."""
    if dtype == "float64":
        return Instance.sample(size, g, seed)
    random = np.random.default_rng(seed)
    W0 = _gaussian(random, size, g, dtype)
    m, w = random.standard_normal((2, size))
    return Instance(W0, (m / np.linalg.norm(m)).astype(dtype), (w / np.linalg.norm(w)).astype(dtype))


def sample_shuffled(size: int, g: float, seed: int, dtype: str = "float64") -> Array:
    """An independent W0 of the same distribution, shape (size, size)."""
    return _gaussian(np.random.default_rng([seed, 1]), size, g, dtype)


def _gaussian(random: np.random.Generator, size: int, g: float, dtype: str) -> Array:
    W0 = np.empty((size, size), dtype=dtype)
    scale = g / np.sqrt(size)
    for start in range(0, size, ROWS):
        rows = min(ROWS, size - start)
        W0[start : start + rows] = random.standard_normal((rows, size)) * scale
    return W0
