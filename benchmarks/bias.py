"""The mean over networks of size N against theory at order 1/N, by Monte Carlo with a control variate.

What a network deviates by at first order, its own overlap measure against the derivative of the observable,
has a mean that is known (that of the moments of real W0) and nearly all of the variance; it is taken off, and
the mean added. Printed is N (mean - limit) with its standard error, theory, and the slope of |mean - limit|.

    python benchmarks/bias.py [--g 0.6] [--zhat 1] [--ttilde 0.3] [--neurons 60000] [--sizes 32,64,128,256]
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.polynomial import Polynomial

import derive
from derive import limit
from derive.exact.fluctuations.bias import biases, shifted_weights
from derive.exact.fluctuations.differences import Learner
from derive.exact.fluctuations.measure import overlap_measure

NODES = 12
NAMES = ("readout", "loss", "s1")


def interpolated(nodes: np.ndarray, values: np.ndarray) -> Polynomial:
    """The polynomial through values at the nodes."""
    return Polynomial.fit(nodes, values, len(nodes) - 1)


def network(size: int, g: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W0, m and w of norm 1."""
    random = np.random.default_rng(seed)
    m, w = random.standard_normal((2, size))
    return random.standard_normal((size, size)) * g / size**0.5, m / np.linalg.norm(m), w / np.linalg.norm(w)


def main() -> None:
    """Draw, follow, compare."""
    parser = argparse.ArgumentParser()
    for name, value in (("g", 0.6), ("zhat", 1.0), ("ttilde", 0.3), ("neurons", 60000.0)):
        parser.add_argument(f"--{name}", type=float, default=value)
    parser.add_argument("--sizes", default="32,64,128,256")
    options = parser.parse_args()
    g, zhat, tau = options.g, options.zhat, options.ttilde * (1 - options.g**2) ** 2
    measure = overlap_measure(g, 0.0, NODES)
    learner = Learner(measure, zhat, (tau,))
    here = learner.read(measure.weights, measure.weights)
    by, singular, _ = learner.responses()
    by["s1"] = singular[:, 0]
    exact = {**here.values, "s1": here.singular[:, 0]}
    theory = biases(g, zhat, np.array([options.ttilde]))
    answer = {name: interpolated(measure.nodes, by[name][0]) for name in NAMES}
    known = {name: float(by[name][0] @ shifted_weights(measure)) for name in NAMES}
    sizes, means = [int(size) for size in options.sizes.split(",")], {name: [] for name in NAMES}
    for size in sizes:
        found = {name: [] for name in NAMES}
        for seed in range(int(options.neurons / size)):
            W0, m, w = network(size, g, seed)
            left, values, right = np.linalg.svd(np.linalg.inv(np.eye(size) - W0))
            as_w, as_m = left.T @ w, right @ m
            path = limit.learning_path(limit.instance_reduction(derive.Instance(W0, m=m, w=w), 9))
            curve = limit.LearningCurve(path, zhat)
            read = {
                "readout": curve.readout(tau),
                "loss": curve.loss(tau),
                "s1": curve.singular_values(tau)[0],
            }
            for name in NAMES:
                above, below = answer[name](values), answer[name](-values)
                linear = (as_w**2 + as_m**2) @ (above + below) / 4 + as_w @ (as_m * (above - below)) / 2
                linear -= measure.weights @ by[name][0]
                found[name].append(float(read[name] - exact[name][0] - linear))
        for name in NAMES:
            mean = size * np.mean(found[name]) + known[name]
            error = size * np.std(found[name]) / len(found[name]) ** 0.5
            means[name].append(abs(mean) / size)
            print(
                f"N = {size:4d}  {name:8s} {mean:9.4f} +- {error:.4f}   theory {theory[name][0]:9.4f}",
                flush=True,
            )
    for name in NAMES:
        print(f"{name}: slope {np.polyfit(np.log(sizes), np.log(means[name]), 1)[0]:.2f}")


if __name__ == "__main__":
    main()
