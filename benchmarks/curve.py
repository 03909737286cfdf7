"""The exact curve at N = infinity against one simulated network of 1024 neurons.

Both give the readout through learning (to 1.5 times the time of 5% loss). The curve is a cold call:
moments, reduction, path and 100 times with two singular values, to 1e-10. The simulation is plain
numpy gradient descent of the full network, one linear solve pair an epoch, with the learning rate
eta_c/4. Each repetition measures both; printed are medians and the median ratio.

    python benchmarks/curve.py [--repeats 3] [--size 1024]
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
from scipy.linalg import lu_factor, lu_solve

from derive import Instance, limit
from derive.exact.limit_path import limit_path
from derive.flow.reduction import limit_reduction

CASES = ((0.0, 1.0), (0.6, 2.0), (0.9, 1.0), (0.99, 0.5))
MOST_EPOCHS = 50  # simulated; the time of the whole run is extrapolated from these


def seconds_of_curve(g: float, zhat: float, last: float) -> float:
    """A curve from nothing."""
    limit_path.cache_clear()
    limit_reduction.cache_clear()
    start = time.perf_counter()
    limit.curve(g, zhat, np.linspace(0, last, 100))
    return time.perf_counter() - start


def seconds_of_epoch(g: float, zhat: float, rate: float, size: int) -> float:
    """One epoch of the full network."""
    instance = Instance.sample(size, g, 0)
    W, unit = instance.W0.copy(), np.eye(size)
    start = time.perf_counter()
    for _ in range(MOST_EPOCHS):
        factors = lu_factor(unit - W)
        a, b = lu_solve(factors, instance.w, trans=1), lu_solve(factors, instance.m)
        W += rate * (zhat - instance.w @ b) * np.outer(a, b)
    return (time.perf_counter() - start) / MOST_EPOCHS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--size", type=int, default=1024)
    arguments = parser.parse_args()
    limit.curve(0.3, 1.0, [0.1])
    print("   g  zhat     curve   epochs   simulation      ratio")
    for g, zhat in CASES:
        exact = limit.learning_curve(g, zhat)
        last, rate = 1.5 * exact.time_to(0.05), exact.critical_rate / 4
        epochs = int(np.ceil(last / rate))
        ttilde = last / (1 - g * g) ** 2
        pairs = [
            (seconds_of_curve(g, zhat, ttilde), epochs * seconds_of_epoch(g, zhat, rate, arguments.size))
            for _ in range(arguments.repeats)
        ]
        curve, simulation = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"{g:4g} {zhat:5g} {curve:8.4f}s {epochs:8d} {simulation:11.2f}s {ratio:9.0f}x", flush=True)


if __name__ == "__main__":
    main()
