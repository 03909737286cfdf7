"""Gradient flow of W, m and w of one network on the full arrays: an independent truth, for tests.

dW/dtau = eps a b^T,   dm/dtau = eps a,   dw/dtau = eps b,   a = R^T w,   b = R m,   eps = zhat - w^T R m.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp


@dataclass(frozen=True)
class LearningFlow:
    """Readout (T,); changes of W (T, N, N), of m and of w (T, N)."""

    readout: np.ndarray
    W: np.ndarray
    m: np.ndarray
    w: np.ndarray


def learning_flow(network, zhat, times, train):
    """Integrate from tau = 0 with steps of relative and absolute error 1e-14."""
    size = network.size
    base = np.eye(size) - network.W0

    def split(flat):
        W, m, w = np.split(flat, [size * size, size * size + size])
        return W.reshape(size, size), m, w

    def velocity(_, flat):
        W, m, w = split(flat)
        a = np.linalg.solve((base - W).T, network.w + w)
        b = np.linalg.solve(base - W, network.m + m)
        eps = zhat - (network.w + w) @ b
        steps = [np.outer(a, b).ravel() * ("W" in train), a * ("m" in train), b * ("w" in train)]
        return eps * np.concatenate(steps)

    start = np.zeros(size * size + 2 * size)
    solution = solve_ivp(velocity, (0, times[-1]), start, "DOP853", times, rtol=3e-14, atol=1e-15)
    parts = [split(state) for state in solution.y.T]
    readout = [(network.w + w) @ np.linalg.solve(base - W, network.m + m) for W, m, w in parts]
    return LearningFlow(np.array(readout), *(np.array(part) for part in zip(*parts, strict=True)))
