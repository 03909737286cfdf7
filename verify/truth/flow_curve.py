"""Gradient flow in doubles, as named observables: of the limit N -> infinity, and of one network.

The exact curve (`derive.limit`) is followed where W alone learns, mode by mode where there are several
(THEORY 4), and where W, m and w do. For any other choice the reduced flow is integrated
(`verify.truth.reduced_flow`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive import Instance, gradient_flow, limit, limit_network
from derive.arrays import Array
from derive.exact.momentum import PLAIN, Momentum
from derive.flow.fixed_point_task import TRAINABLE, FixedPointTask
from verify.truth.descent import between_epochs, descend
from verify.truth.matrix_instance import MatrixInstance, limit_instance
from verify.truth.networks import FixedPointNetwork
from verify.truth.precise_flow import FlowState
from verify.truth.reduced_flow import as_blocks, block_reduction
from verify.truth.setting import Setting, observable_names

Values = dict[str, Array]

LIMIT_NODES = 16  # of the network that stands for the limit under gradient descent
LIMIT_CHAIN = 20  # chain vectors of the exact curve: below double precision at any g
CHAIN_LENGTH = 12  # chain vectors in which one network is followed
STEP = 1e-12  # relative and absolute error of a step of the integrated flow


@dataclass(frozen=True, eq=False)
class FlowObservables:
    """``values`` at each time, shape (T,), by the names of `observable_names`.

    ``curvature`` is h, the rate in dz/dtau = (zhat - z) h and the sharpness of the loss along the gradient
    (THEORY 4): |a|^2 |b|^2 of W, |a|^2 of m, |b|^2 of w; of several modes the sharpest's. Descent is stable
    below learning rate 2/h.
    """

    values: Values
    curvature: Array


def has_exact_curve(task: FixedPointTask) -> bool:
    """Whether `derive.limit` follows the task without integrating over time."""
    return task.train in (("W",), TRAINABLE)


def limit_observables(setting: Setting, tau: Array) -> FlowObservables:
    """The limit N -> infinity (THEORY 5) at rising learning times ``tau`` >= 0."""
    if not has_exact_curve(setting.task):
        return _integrated(setting, limit.limit_reduction(setting.g, LIMIT_CHAIN, setting.start), tau)
    train = setting.task.train
    curves = [
        limit.learning_curve(setting.g, zhat, alignment=setting.start, train=train, size=LIMIT_CHAIN)
        for zhat, _, _ in setting.modes
    ]
    return _of_curves(setting, curves, tau)


def network_observables(instance: Instance | MatrixInstance, setting: Setting, tau: Array) -> FlowObservables:
    """One network's flow in its first chain vectors, at rising times ``tau`` >= 0."""
    if isinstance(instance, MatrixInstance):
        Z, C, curvature = block_reduction(instance).flow(setting.array, tau)
        return FlowObservables(observed(setting, setting.array - Z, C), curvature)
    reduction = limit.instance_reduction(instance, CHAIN_LENGTH)
    if not has_exact_curve(setting.task):
        return _integrated(setting, reduction, tau)
    direction = 1 if setting.zhat > reduction.readout else -1
    path = limit.learning_path(reduction, train=setting.task.train, direction=direction)
    return _of_curves(setting, [limit.LearningCurve(path, setting.zhat)], tau)


def flow_states(instance: Instance, zhat: float, tau: Array, tolerance: float = 1e-11) -> list[FlowState]:
    """Gradient flow on the full arrays of ``instance`` towards ``zhat`` at rising times ``tau`` >= 0."""
    curve = gradient_flow(instance, zhat, list(tau), tolerance)
    m, w, target = instance.m[:, None], instance.w[:, None], np.array([[zhat]])
    states = []
    for change in curve.change:
        R = np.linalg.inv(np.eye(instance.size) - instance.W0 - change)
        a, b = R.T @ w, R @ m
        states.append(FlowState(a, b, w.T @ b, change, m, w, target))
    return states


def descended_limit(
    setting: Setting,
    learning_rate: float,
    epochs: int,
    tau: Array,
    method: Momentum = PLAIN,
) -> Values:
    """The limit N -> infinity under gradient descent of that rate, at ``tau``."""
    task, shape = setting.task, setting.shape
    if task.alignment:
        reduction = limit.limit_reduction(setting.g, LIMIT_CHAIN, setting.start)
        how: dict[str, Any] = {"train": task.train, "momentum": method, "look_ahead": True}
        run = limit.descent(reduction, setting.zhat, learning_rate, epochs, keep=True, **how)
        assert run.change is not None
        values = observed(setting, (setting.zhat - run.readout)[:, None, None], run.change)
        return between_epochs(run.time_step * np.arange(epochs + 1, dtype=np.float64), values, tau)
    instance: Instance | MatrixInstance = limit_network(setting.g, LIMIT_NODES)
    if shape:
        instance = limit_instance(setting.g, LIMIT_NODES, (shape[0], shape[1]))
    network = FixedPointNetwork(instance, train=task.train)
    followed = setting.singular_values
    run_of_network = descend(
        network, setting.array, learning_rate, epochs, singular_values=followed, momentum=method
    )
    return run_of_network.at(tau)


def observed(
    setting: Setting,
    error: Array,
    change: Array | None = None,
    singular: Array | None = None,
) -> Values:
    """What is followed, from Zhat - Z (T, q, p) and W - W0 (T, n, n) or its ``singular`` values (T, n)."""
    if singular is None:
        assert change is not None
        singular = np.asarray(np.linalg.svd(change, compute_uv=False), np.float64)
    count = setting.singular_values
    padded = np.pad(singular, ((0, 0), (0, max(0, count - singular.shape[1]))))
    table = [
        *(setting.array - error).reshape(len(error), -1).T,
        (error**2).sum(axis=(1, 2)) / 2,
        np.sqrt((singular**2).sum(axis=1)),
        *padded.T[:count],
    ]
    return dict(zip(observable_names(setting.shape, count), table, strict=True))


def _of_curves(setting: Setting, curves: Sequence[limit.LearningCurve], tau: Array) -> FlowObservables:
    """The curves of all modes together, whose changes have orthogonal ranges (THEORY 4)."""
    error: Array = np.zeros(1)
    singular, sharpness = [], []
    for curve, (_, left, right) in zip(curves, setting.modes, strict=True):
        T, rest = curve.position(tau)
        error = error + curve.error_at(T, rest)[:, None, None] * np.outer(left, right)
        singular.append(np.linalg.svd(curve.path.change(T), compute_uv=False))
        sharpness.append(curve.path.sharpness(T))
    together = -np.sort(-np.hstack(singular), axis=1)
    return FlowObservables(observed(setting, error, singular=together), np.max(sharpness, axis=0))


def _integrated(setting: Setting, reduction: limit.Reduction, tau: Array) -> FlowObservables:
    Z, C, curvature = as_blocks(reduction).flow(setting.array, tau, setting.task.train, STEP, STEP)
    return FlowObservables(observed(setting, setting.array - Z, C), curvature)
