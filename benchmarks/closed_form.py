"""The closed form: the exact curve from it against the path by Taylor steps, and against one network.

A curve is 100 times to 1e-10 from nothing: moments, path, clock, readout and two singular values. "steps"
follows dC/dT = a b^T/(|a| |b|) by Taylor polynomials as every other task does (`learning_path`), with the
same clock. "network" is plain numpy gradient descent of 1024 neurons at the rate eta_c/4 (`curve.py`).
"bands" are the standard deviations between networks of five observables and two singular values at those
times, against 100 such networks. In one process, after import, caches empty, in processor time; medians, and
the median of the ratios.

    python benchmarks/closed_form.py [--repeats 9] [--size 1024]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from curve import seconds_of_epoch

from derive import limit
from derive.exact.closed_form.solution import closed_form
from derive.exact.fluctuations.deviations import deviations
from derive.exact.learning_curve import LearningCurve
from derive.exact.limit import SIZES, standing_curve
from derive.exact.limit_path import limit_path
from derive.flow.reduction import limit_reduction

CASES = ((0.6, 2.0), (0.9, 1.0), (0.99, 0.5))


def seconds(run: Callable[[], object]) -> float:
    """One cold call."""
    for cached in (limit_path, limit_reduction, closed_form):
        cached.cache_clear()
    start = time.process_time()
    run()
    return time.process_time() - start


def by_steps(g: float, zhat: float, ttilde: np.ndarray) -> object:
    """The same curve from the differential equation."""

    def learning(size: int) -> LearningCurve:
        return LearningCurve(limit.learning_path(limit_reduction(g, size)), zhat)

    return standing_curve(learning, SIZES, g, zhat, ttilde, 2, 1e-10, "here")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--size", type=int, default=1024)
    arguments = parser.parse_args()
    limit.curve(0.3, 1.0, [0.1])
    deviations(0.3, 1.0, [0.1], 100)
    print("   g  zhat  closed form      steps  ratio   network, ratio     bands   100 networks, ratio")
    for g, zhat in CASES:
        exact = limit.learning_curve(g, zhat)
        last, rate = 1.5 * exact.time_to(0.05), exact.critical_rate / 4
        ttilde = np.linspace(0, last / (1 - g * g) ** 2, 100)
        epochs = int(np.ceil(last / rate))
        runs = (
            partial(limit.curve, g, zhat, ttilde),
            partial(by_steps, g, zhat, ttilde),
            partial(deviations, g, zhat, ttilde, arguments.size),
        )
        rows = [tuple(seconds(run) for run in runs) for _ in range(arguments.repeats)]
        network = epochs * seconds_of_epoch(g, zhat, rate, arguments.size)
        ours, steps, bands = (statistics.median(column) for column in zip(*rows, strict=True))
        ratio = statistics.median(row[1] / row[0] for row in rows)
        print(
            f"{g:4g} {zhat:5g} {1e3 * ours:9.1f} ms {1e3 * steps:7.1f} ms {ratio:5.1f}x "
            f"{network:8.2f} s {network / ours:6.0f}x {1e3 * bands:6.0f} ms {100 * network / bands:10.0f}x",
            flush=True,
        )


if __name__ == "__main__":
    main()
