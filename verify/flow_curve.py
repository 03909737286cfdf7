"""Gradient flow of a network as named observables; a limit network makes it the exact N -> infinity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive import Instance, gradient_flow, limit

LIMIT_NODES = 16  # of the network that stands for the limit under gradient descent
LIMIT_CHAIN = 20  # chain vectors of the exact curve: below double precision at any g
SINGULAR_VALUES = 2


@dataclass(frozen=True, eq=False)
class FlowObservables:
    """``values``: readout, loss, frobenius_norm, s1, s2 at each time, shape (T,).

    ``curvature`` is h = |a|^2 |b|^2, the rate in dz/dtau = (zhat - z) h and the sharpness of the loss
    along the gradient (THEORY 4): descent is stable below learning rate 2/h.
    """

    values: dict[str, NDArray[np.float64]]
    curvature: NDArray[np.float64]


def flow_observables(
    instance: Instance, zhat: float, tau: NDArray[np.float64], tolerance: float = 1e-11
) -> FlowObservables:
    """Gradient flow of ``instance`` towards ``zhat`` at rising learning times ``tau`` >= 0."""
    curve = gradient_flow(instance, zhat, tau, tolerance)
    singular = np.linalg.svd(curve.change, compute_uv=False)
    inverse = np.eye(instance.size) - instance.W0 - curve.change
    a = np.linalg.solve(np.swapaxes(inverse, 1, 2), instance.w[:, None])[..., 0]
    b = np.linalg.solve(inverse, instance.m[:, None])[..., 0]
    values = {
        "readout": curve.readout,
        "loss": (zhat - curve.readout) ** 2 / 2,
        "frobenius_norm": np.sqrt((singular**2).sum(axis=1)),
        **{f"s{r + 1}": singular[:, r] for r in range(SINGULAR_VALUES)},
    }
    return FlowObservables(values, (a**2).sum(axis=1) * (b**2).sum(axis=1))


def limit_observables(g: float, zhat: float, tau: NDArray[np.float64]) -> FlowObservables:
    """The exact limit N -> infinity (THEORY 5) at learning times ``tau`` >= 0."""
    return learned_observables(limit.learning_curve(g, zhat, size=LIMIT_CHAIN), tau)


def learned_observables(curve: limit.LearningCurve, tau: NDArray[np.float64]) -> FlowObservables:
    """A curve of `derive.limit`, of the limit or of one reduced instance, at times ``tau`` >= 0."""
    T, rest = curve.position(tau)
    error, change = curve.error_at(T, rest), curve.path.change(T)
    singular = np.linalg.svd(change, compute_uv=False)
    values = {
        "readout": curve.zhat - error,
        "loss": error**2 / 2,
        "frobenius_norm": np.sqrt((singular**2).sum(axis=1)),
        **{f"s{r + 1}": singular[:, r] for r in range(SINGULAR_VALUES)},
    }
    return FlowObservables(values, curve.path.sharpness(T))
