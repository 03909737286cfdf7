"""Why the cosine cannot be learned without initial connectivity (task `cosine`, g = 0, w = m).

Let W = c m m^T, |m| = 1. From h(0) = sqrt(N) m the state stays along m:

    h_n = rho^n sqrt(N) m,     rho = 1 + dt (c - 1),     z_n = m^T h_n / sqrt(N) = rho^n.

The adjoint starts from the readout vector, which is m too, and W^T m = c m keeps it there. So the
gradient is dL/dW = sum_n a_{n+1} h_n^T dt = L'(c) m m^T, and descent from W = 0 has

    dW = c(tau) m m^T,     c <- c - eta L'(c),     L(c) = 1/(2 T) sum_{n<T} (rho^(n+1) - cos(2 pi n dt/P))^2.

One real eigenvalue c: a readout that grows or decays, never one that turns. The best c leaves almost
all of the loss (`least_loss`). With W0 the chain m, W0 m, W0^T m, ... gives directions beside m, two
of which carry a conjugate pair. A pair that turns by 2 pi dt/P a step and neither grows nor decays is

    lambda = 1 + (exp(2 pi i dt/P) - 1)/dt = 0.921 + 1.253 i,

which is 1 + 2 pi i/P for dt -> 0 (the paper's 2 pi/5 = 1.257).
"""

from __future__ import annotations

import cmath

import numpy as np
from scipy.optimize import minimize_scalar

from derive.arrays import Array
from verify.training.tasks.cosine import DT, PERIOD, TRAINED

SEARCHED = (-3.0, 3.0)


def loss(c: float) -> float:
    """L(c)."""
    steps = np.arange(round(TRAINED / DT))
    target = np.cos(2 * np.pi * steps * DT / PERIOD)
    return float(((_ratio(c) ** (steps + 1) - target) ** 2).mean() / 2)


def slope(c: float) -> float:
    """L'(c)."""
    steps = np.arange(round(TRAINED / DT))
    target, rho = np.cos(2 * np.pi * steps * DT / PERIOD), _ratio(c)
    return float(((rho ** (steps + 1) - target) * (steps + 1) * rho**steps).mean() * DT)


def descent(rate: float, epochs: int) -> tuple[Array, Array]:
    """c and L before every update, and c at the end: arrays (epochs + 1,) and (epochs,)."""
    c, path, losses = 0.0, [0.0], []
    for _ in range(epochs):
        losses.append(loss(c))
        c -= rate * slope(c)
        path.append(c)
    return np.array(path), np.array(losses)


def least_loss() -> tuple[float, float]:
    """The c that is best of all, and its L."""
    grid = np.linspace(*SEARCHED, 601)
    start = int(np.argmin([loss(c) for c in grid]))
    bracket = grid[max(start - 1, 0)], grid[min(start + 1, len(grid) - 1)]
    found = minimize_scalar(loss, bounds=bracket, method="bounded", options={"xatol": 1e-12})
    return float(found.x), float(found.fun)


def turning_eigenvalue() -> complex:
    """The eigenvalue of W whose mode has the target's period and neither grows nor decays."""
    return 1 + (cmath.exp(2j * cmath.pi * DT / PERIOD) - 1) / DT


def _ratio(c: float) -> float:
    return 1 + DT * (c - 1)
