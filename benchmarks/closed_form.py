"""The closed form: the exact curve from it against the path by Taylor steps, and against one network.

A curve is 100 times to 1e-10 from nothing: moments, path, clock, readout and two singular values. "steps"
follows dC/dT = a b^T/(|a| |b|) by Taylor polynomials as every other task does (`learning_path`), from the 12
and 16 chain vectors it took when it was the only route, with today's clock. "all" is everything that
`derive curve` prints, with the truncations, resummations and singularities of the series. "network" is plain
numpy gradient descent of 1024 neurons at the rate eta_c/4 (`curve.py`). "bands" are the standard deviations
between networks of five observables and two singular values at those times, against 100 such networks. In one
process, after import, all caches of derive empty, in processor time; medians, and the median of the ratios.
``--before DIR`` adds the same curve by the code in DIR, another checkout, run beside this one.

    python benchmarks/closed_form.py [--repeats 9] [--size 1024] [--before DIR]
"""

from __future__ import annotations

import argparse
import functools
import gc
import inspect
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from curve import seconds_of_epoch

from derive import limit
from derive.exact.fluctuations.deviations import deviations
from derive.exact.learning_curve import LearningCurve
from derive.exact.limit import standing_curve
from derive.flow.reduction import limit_reduction
from derive.radius.comparison import comparison

CASES = ((0.6, 2.0), (0.9, 1.0), (0.99, 0.5))
STEPS_SIZES = (12, 16, 20, 24, 32)  # chain vectors tried by the steps
BEFORE = """
import functools, gc, time
import numpy as np
from derive import limit
{empty_caches}
limit.curve(0.3, 1.0, [0.1])
times = np.linspace(0, {end!r}, 100)
for _ in range({repeats}):
    empty_caches()
    start = time.process_time()
    limit.curve({g!r}, {zhat!r}, times)
    print(time.process_time() - start)
"""


def empty_caches() -> None:
    """As in a fresh process after import."""
    for found in gc.get_objects():
        if isinstance(found, functools._lru_cache_wrapper) and found.__module__.startswith("derive."):
            found.cache_clear()


def seconds(run: Callable[[], object]) -> float:
    """One cold call."""
    empty_caches()
    start = time.process_time()
    run()
    return time.process_time() - start


def by_steps(g: float, zhat: float, ttilde: np.ndarray) -> object:
    """The same curve from the differential equation."""

    def learning(size: int) -> LearningCurve:
        return LearningCurve(limit.learning_path(limit_reduction(g, size)), zhat)

    return standing_curve(learning, STEPS_SIZES, g, zhat, ttilde, 2, 1e-10, "here")


def seconds_before(directory: str, g: float, zhat: float, end: float, repeats: int) -> float:
    """The same curve by the code in another checkout."""
    text = BEFORE.format(
        empty_caches=inspect.getsource(empty_caches), end=end, repeats=repeats, g=g, zhat=zhat
    )
    shown = subprocess.run(
        [sys.executable, "-c", text], cwd=directory, env={**os.environ, "PYTHONPATH": directory},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return statistics.median(float(line) for line in shown.split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--before", metavar="DIR")
    arguments = parser.parse_args()
    limit.curve(0.3, 1.0, [0.1])
    deviations(0.3, 1.0, [0.1], 100)
    print(
        "   g  zhat  closed form      steps  ratio       all   network, ratio     bands   100 networks, ratio"
    )
    for g, zhat in CASES:
        exact = limit.learning_curve(g, zhat)
        last, rate = 1.5 * exact.time_to(0.05), exact.critical_rate / 4
        ttilde = np.linspace(0, last / (1 - g * g) ** 2, 100)
        epochs = int(np.ceil(last / rate))
        runs = (
            partial(limit.curve, g, zhat, ttilde),
            partial(by_steps, g, zhat, ttilde),
            partial(comparison, g, zhat, ttilde, 5),
            partial(deviations, g, zhat, ttilde, arguments.size),
        )
        rows = [tuple(seconds(run) for run in runs) for _ in range(arguments.repeats)]
        network = epochs * seconds_of_epoch(g, zhat, rate, arguments.size)
        ours, steps, everything, bands = (statistics.median(column) for column in zip(*rows, strict=True))
        ratio = statistics.median(row[1] / row[0] for row in rows)
        line = (
            f"{g:4g} {zhat:5g} {1e3 * ours:9.1f} ms {1e3 * steps:7.1f} ms {ratio:5.1f}x "
            f"{1e3 * everything:6.1f} ms {network:8.2f} s "
            f"{network / ours:6.0f}x {1e3 * bands:6.0f} ms {100 * network / bands:10.0f}x"
        )
        if arguments.before:
            old = seconds_before(arguments.before, g, zhat, float(ttilde[-1]), arguments.repeats)
            line += f"   before {1e3 * old:.1f} ms, {old / ours:.1f}x"
        print(line, flush=True)


if __name__ == "__main__":
    main()
