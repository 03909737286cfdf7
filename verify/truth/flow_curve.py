"""Gradient flow of a network as named observables; a limit network makes it the exact N -> infinity.

The exact curve (`derive.limit`) is followed where W alone learns, and where W, m and w do. For any other
choice gradient flow of the reduced problem, W - W0 = Qa C Qb^T, m - m(0) = Qa kappa, w - w(0) = Qb omega,

    dC/dtau = eps alpha beta^T,      dkappa/dtau = eps alpha,      domega/dtau = eps beta      (what learns),

is integrated numerically.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from derive import Instance, gradient_flow, limit
from derive.flow.problem import TRAINABLE, FixedPointTask
from verify.comparison.request import PAPERS_TASK

LIMIT_NODES = 16  # of the network that stands for the limit under gradient descent
LIMIT_CHAIN = 20  # chain vectors of the exact curve: below double precision at any g
SINGULAR_VALUES = 2
STEP = 1e-12  # relative and absolute error of a step of the integrated flow


@dataclass(frozen=True, eq=False)
class FlowObservables:
    """``values``: readout, loss, frobenius_norm, s1, s2 at each time, shape (T,).

    ``curvature`` is h, the rate in dz/dtau = (zhat - z) h and the sharpness of the loss along the gradient
    (THEORY 4): |a|^2 |b|^2 of W, |a|^2 of m, |b|^2 of w. Descent is stable below learning rate 2/h.
    """

    values: dict[str, NDArray[np.float64]]
    curvature: NDArray[np.float64]


def flow_observables(
    instance: Instance, zhat: float, tau: NDArray[np.float64], tolerance: float = 1e-11
) -> FlowObservables:
    """Gradient flow of ``instance`` towards ``zhat`` at rising learning times ``tau`` >= 0."""
    curve = gradient_flow(instance, zhat, tau, tolerance)
    inverse = np.eye(instance.size) - instance.W0 - curve.change
    a = np.linalg.solve(np.swapaxes(inverse, 1, 2), instance.w[:, None])[..., 0]
    b = np.linalg.solve(inverse, instance.m[:, None])[..., 0]
    values = _values(zhat, zhat - curve.readout, curve.change)
    return FlowObservables(values, (a**2).sum(axis=1) * (b**2).sum(axis=1))


def has_exact_curve(task: FixedPointTask) -> bool:
    """Whether `derive.limit` follows the task without integrating over time."""
    return task.train in (("W",), TRAINABLE)


def limit_observables(
    g: float, zhat: float, tau: NDArray[np.float64], task: FixedPointTask = PAPERS_TASK
) -> FlowObservables:
    """The limit N -> infinity (THEORY 5) at rising learning times ``tau`` >= 0."""
    rho = float(task.alignment)
    if not has_exact_curve(task):
        return _integrated(limit.limit_reduction(g, LIMIT_CHAIN, rho), zhat, tau, task.train)
    return learned_observables(
        limit.learning_curve(g, zhat, alignment=rho, train=task.train, size=LIMIT_CHAIN), tau
    )


def instance_observables(
    instance: Instance,
    chain_length: int,
    zhat: float,
    tau: NDArray[np.float64],
    task: FixedPointTask = PAPERS_TASK,
) -> FlowObservables:
    """One network's flow in its first ``chain_length`` chain vectors, at rising times ``tau`` >= 0."""
    reduction = limit.instance_reduction(instance, chain_length)
    if not has_exact_curve(task):
        return _integrated(reduction, zhat, tau, task.train)
    direction = 1 if zhat > reduction.readout else -1
    path = limit.learning_path(reduction, train=task.train, direction=direction)
    return learned_observables(limit.LearningCurve(path, zhat), tau)


def learned_observables(curve: limit.LearningCurve, tau: NDArray[np.float64]) -> FlowObservables:
    """A curve of `derive.limit`, of the limit or of one reduced instance, at times ``tau`` >= 0."""
    T, rest = curve.position(tau)
    error = curve.error_at(T, rest)
    return FlowObservables(_values(curve.zhat, error, curve.path.change(T)), curve.path.sharpness(T))


def descent_observables(curve: limit.DescentCurve, zhat: float) -> dict[str, NDArray[np.float64]]:
    """Gradient descent of a reduced problem, run with ``keep=True``: the same values at every epoch."""
    assert curve.change is not None
    return _values(zhat, zhat - curve.readout, curve.change)


def _values(
    zhat: float, error: NDArray[np.float64], change: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    singular = np.linalg.svd(change, compute_uv=False)
    padded = np.pad(singular, ((0, 0), (0, max(0, SINGULAR_VALUES - singular.shape[1]))))
    return {
        "readout": zhat - error,
        "loss": error**2 / 2,
        "frobenius_norm": np.sqrt((singular**2).sum(axis=1)),
        **{f"s{r + 1}": padded[:, r] for r in range(SINGULAR_VALUES)},
    }


def _integrated(
    reduction: limit.Reduction, zhat: float, tau: NDArray[np.float64], train: Sequence[str]
) -> FlowObservables:
    n = reduction.size
    W_learns, m_learns, w_learns = (name in train for name in TRAINABLE)

    def state(flat: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        C, kappa, omega = np.split(flat, [n * n, n * n + n])
        return reduction.directions(C.reshape(n, n), kappa, omega)

    def velocity(_: float, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        alpha, beta, z = state(flat)
        steps = [np.outer(alpha, beta).ravel() * W_learns, alpha * m_learns, beta * w_learns]
        return (zhat - z) * np.concatenate(steps)

    start = np.zeros(n * n + 2 * n)
    flow = solve_ivp(velocity, (0, tau[-1]), start, "DOP853", tau, rtol=STEP, atol=STEP)
    alpha, beta, readout = (np.array(part) for part in zip(*map(state, flow.y.T), strict=True))
    aa, bb = (alpha**2).sum(axis=1), (beta**2).sum(axis=1)
    change = flow.y[: n * n].T.reshape(-1, n, n)
    curvature = aa * bb * W_learns + aa * m_learns + bb * w_learns
    return FlowObservables(_values(zhat, zhat - readout, change), curvature)
