"""Bands from theory against simulated networks: time of both, and how much of what they say agrees.

First the deviation of readout, loss and s1 over ttilde from theory and from 100 networks of N neurons, each
followed exactly in its own chain: the ratio of variances (of n Gaussians its error is (2/n)^(1/2)) and the
time that both take. Then where leading order ends: the ratio at decreasing N (1 - g)^2, of variances and, as
few networks rule those, of the middle 68%; in the steep part of a large target; and at the end of learning,
where the loss is log-normal: the deviation of log |zhat - z| against sigma/|zhat - z|.

    python benchmarks/error_bars.py [--size 400] [--networks 100]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import derive
from derive import limit
from derive.exact.fluctuations.deviations import deviations

CHAIN = 10


def read(g: float, zhat: float, ttilde: np.ndarray, size: int, count: int) -> dict[str, np.ndarray]:
    """Readout, loss and s1, (networks, T) each."""
    tau, found = ttilde * (1 - g * g) ** 2, {"readout": [], "loss": [], "s1": []}
    for seed in range(count):
        random = np.random.default_rng(seed)
        m, w = random.standard_normal((2, size))
        W0 = random.standard_normal((size, size)) * (g / size**0.5)
        network = derive.Instance(W0, m=m / np.linalg.norm(m), w=w / np.linalg.norm(w))
        reduction = limit.instance_reduction(network, CHAIN)
        path = limit.learning_path(reduction, direction=1 if zhat > reduction.readout else -1)
        curve = limit.LearningCurve(path, zhat)
        found["readout"].append(curve.readout(tau))
        found["loss"].append(curve.loss(tau))
        found["s1"].append(curve.singular_values(tau, 1)[:, 0])
    return {name: np.array(values) for name, values in found.items()}


def predicted(g: float, zhat: float, ttilde: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """The same deviations from theory."""
    found = deviations(g, zhat, ttilde, size, singular_values=1)
    return {**found.values, "s1": found.singular_values[:, 0]}


def middle(values: np.ndarray) -> np.ndarray:
    """Half the width of the middle 68.27%: the deviation of a Gaussian."""
    low, high = np.quantile(values, [0.15866, 0.84134], axis=0)
    return (high - low) / 2


def main() -> None:
    """All four tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=400)
    parser.add_argument("--networks", type=int, default=100)
    options = parser.parse_args()
    size, count = options.size, options.networks
    g, zhat, ttilde = 0.6, 0.5, np.array([0.25, 0.5, 0.75, 1.0])
    predicted(0.5, zhat, ttilde, size)  # imports
    start = time.process_time()
    theory = predicted(g, zhat, ttilde, size)
    theory_time, start = time.process_time() - start, time.process_time()
    found = read(g, zhat, ttilde, size, count)
    network_time = time.process_time() - start
    error = (2 / (count - 1)) ** 0.5
    print(f"g = {g}, zhat = {zhat}, N = {size}, {count} networks; error of a ratio {error:.2f}")
    for name, values in found.items():
        ratio = np.var(values, axis=0, ddof=1) / theory[name] ** 2
        print(f"  {name:8s} ratio of variances at ttilde = {ttilde}: {ratio.round(2)}")
    ratio = network_time / theory_time
    print(f"  theory {theory_time:.3f} s, networks {network_time:.1f} s of CPU: {ratio:.0f}x")
    print("\nnear g = 1, z(0.3) for zhat = 0.5: N (1 - g)^2, ratio of variances, of the middle 68% squared")
    for g, neurons in ((0.6, 400), (0.75, 320), (0.8, 250), (0.85, 222), (0.9, 200), (0.9, 100), (0.95, 200)):
        at = np.array([0.3])
        values = read(g, zhat, at, neurons, 2 * count)["readout"]
        sigma = predicted(g, zhat, at, neurons)["readout"]
        ratios = float(np.var(values, ddof=1) / sigma[0] ** 2), float((middle(values) / sigma)[0] ** 2)
        edge = neurons * (1 - g) ** 2
        print(f"  g = {g:4.2f} N = {neurons:4d}: {edge:6.2f} {ratios[0]:8.2f} {ratios[1]:8.2f}")
    print("\nthe steep part, g = 0.6, zhat = 2, N = 1024: ttilde, sigma of theory, of networks, middle 68%")
    ttilde = np.array([0.1, 0.15, 0.2, 0.25, 0.3])
    values = read(0.6, 2.0, ttilde, 1024, count // 2)["readout"]
    sigma = predicted(0.6, 2.0, ttilde, 1024)["readout"]
    for row in zip(ttilde, sigma, np.std(values, axis=0, ddof=1), middle(values), strict=True):
        print("  " + " ".join(f"{x:8.3f}" for x in row))
    print(
        f"\nthe end, g = 0.6, zhat = 0.5, N = {size}: ttilde, sigma/|zhat - z|, deviation of log|zhat - z|,"
    )
    print("deviation of the loss over theory's")
    ttilde = np.array([0.5, 1.0, 1.5, 2.0, 3.0])
    found, theory = read(0.6, 0.5, ttilde, size, count), predicted(0.6, 0.5, ttilde, size)
    left = 0.5 - limit.curve(0.6, 0.5, ttilde).readout
    logarithm = np.std(np.log(2 * found["loss"]) / 2, axis=0, ddof=1)
    loss = np.std(found["loss"], axis=0, ddof=1) / theory["loss"]
    for row in zip(ttilde, theory["readout"] / left, logarithm, loss, strict=True):
        print("  " + " ".join(f"{x:8.3f}" for x in row))


if __name__ == "__main__":
    main()
