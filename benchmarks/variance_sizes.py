"""Variances between networks over those of theory, N = 256 to 2048, with confidence intervals.

Each draw is one W0 with several pairs m, w, every network followed exactly in its own chain; W0 alone makes
a part of O(1/N) of the variance, so that pairs of one W0 count nearly in full, and the errors take draws
together. Printed are the ratios with 95% intervals, and of a line in 1/N through all sizes the value at
1/N = 0 and the slope. Draws go to a file, line by line; a second call goes on where the first one ended.

    python benchmarks/variance_sizes.py --draws FILE [--table docs/results/variance_sizes.csv]
        [--counts 256:1000,512:1000,1024:500,2048:300] [--pairs 8]
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

import derive
from derive import limit
from derive.exact.fluctuations.deviations import deviations

G, ZHAT, TTILDE = 0.6, 0.5, np.array([0.25, 0.5, 1.0])
NAMES = ("readout", "loss", "frobenius_norm", "s1")
CHAIN = 8
QUANTILE = 1.96


def read(network: derive.Instance) -> np.ndarray:
    """The observables (len(NAMES), T) of one network."""
    reduction = limit.instance_reduction(network, CHAIN)
    path = limit.learning_path(reduction, direction=1 if reduction.readout < ZHAT else -1)
    curve, tau = limit.LearningCurve(path, ZHAT), TTILDE * (1 - G * G) ** 2
    return np.array(
        [curve.readout(tau), curve.loss(tau), curve.frobenius_norm(tau), curve.singular_values(tau, 1)[:, 0]]
    )


def drawn(size: int, seed: int, pairs: int) -> np.ndarray:
    """The observables (pairs, len(NAMES), T) of networks that share W0."""
    first = derive.Instance.sample(size, G, seed)
    random = np.random.default_rng([size, seed])
    found = [read(first)]
    for _ in range(pairs - 1):
        m, w = random.standard_normal((2, size))
        network = derive.Instance(first.W0, m=m / np.linalg.norm(m), w=w / np.linalg.norm(w))
        vars(network)["factors"] = first.factors
        found.append(read(network))
    return np.array(found)


def complete(draws: Path) -> dict[tuple[int, int], np.ndarray]:
    """What a file holds in whole lines: by size and seed, pairs by columns."""
    found, width = {}, len(NAMES) * len(TTILDE)
    for line in draws.read_text().splitlines(keepends=True) if draws.exists() else []:
        size, seed, *values = line.split()
        if line.endswith("\n"):
            found[int(size), int(seed)] = np.array(values, dtype=float).reshape(-1, width)
    return found


def ratio(draws: list[np.ndarray], theory: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The variance of all networks over theory's, and its standard error from that of draws."""
    sums, squares = (np.array([np.mean(d**power, axis=0) for d in draws]) for power in (1, 2))
    mean = sums.mean(axis=0)
    influence = squares - 2 * mean * sums + mean**2
    error = influence.std(axis=0, ddof=1) / len(draws) ** 0.5
    return influence.mean(axis=0) / theory**2, error / theory**2


def at_infinity(
    sizes: np.ndarray, ratios: np.ndarray, errors: np.ndarray
) -> tuple[float, float, float, float]:
    """The line a + c/N of least squares: a, its error, c, its error."""
    design = np.stack([1 / errors, 1 / sizes / errors], axis=1)
    covariance = np.linalg.inv(design.T @ design)
    a, c = covariance @ design.T @ (ratios / errors)
    return a, covariance[0, 0] ** 0.5, c, covariance[1, 1] ** 0.5


def main() -> None:
    """Draw what is missing, then the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=Path, required=True)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--counts", default="256:1000,512:1000,1024:500,2048:300")
    parser.add_argument("--pairs", type=int, default=8)
    options = parser.parse_args()
    counts = {int(size): int(count) for size, count in (x.split(":") for x in options.counts.split(","))}
    known = complete(options.draws)
    options.draws.write_text("".join(_line(*key, values) for key, values in known.items()))
    with options.draws.open("a") as file:
        for size, count in counts.items():
            for seed in range(count):
                if (size, seed) not in known:
                    known[size, seed] = drawn(size, seed, options.pairs).reshape(options.pairs, -1)
                    file.write(_line(size, seed, known[size, seed]))
                    file.flush()
    rows = [["observable", "ttilde", "N", "networks", "ratio", "low", "high"]]
    for i, name in enumerate(NAMES):
        for t, time in enumerate(TTILDE):
            column, found = i * len(TTILDE) + t, []
            for size, count in counts.items():
                draws = [known[size, seed][:, column] for seed in range(count)]
                spread = deviations(G, ZHAT, [time], size, singular_values=1)
                theory = spread.values[name] if name in spread.values else spread.singular_values[:, 0]
                value, error = ratio(draws, theory[0])
                found.append((size, value, error))
                low, high = value - QUANTILE * error, value + QUANTILE * error
                rows.append(
                    [name, time, size, count * options.pairs, *(f"{x:.3f}" for x in (value, low, high))]
                )
            a, a_error, c, c_error = at_infinity(*np.array(found).T)
            print(
                f"{name:14s} ttilde = {time:4.2f}:", *(f"{v:.3f} +- {e:.3f}" for _, v, e in found), sep="  "
            )
            print(f"{'':14s} at 1/N = 0: {a:.3f} +- {a_error:.3f}, slope in 1/N {c:.1f} +- {c_error:.1f}")
    if options.table:
        with options.table.open("w", newline="") as table:
            csv.writer(table, lineterminator="\n").writerows(rows)
    sys.stdout.flush()


def _line(size: int, seed: int, values: np.ndarray) -> str:
    return " ".join([str(size), str(seed), *(repr(float(x)) for x in np.ravel(values))]) + "\n"


if __name__ == "__main__":
    main()
