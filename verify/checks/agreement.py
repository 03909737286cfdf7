"""A check of agreement: two ways to one number, and a bound on how far they may be apart.

The unrolled network against the fixed point: nothing but the transient of the dynamics. After
n = (T - 1)/dt Euler steps the state lacks (1 - dt (1 - W))^n of the fixed point. The slowest mode, of the
eigenvalue lambda of W with the largest real part, is left with

    |1 - dt (1 - lambda)|^n,      for real lambda at most exp(-(1 - lambda)(T - 1)).

That is the deviation of z in units of |a||b|, a = R^T w, b = R m. The gradient with respect to W carries
it n dt = T - 1 fold (d lambda^n = n lambda^(n-1) d lambda), and learning adds up the gradient over tau
at an error zhat - z of at most D = zhat - w.m, so that

    |z_unrolled - z_fixed|  <=  |a||b| (1 + (T - 1) D tau |a||b|) x transient + rounding.

The gradients with respect to m and w, eps a and eps b, carry it once: where they learn, |a|/|b| and |b|/|a|
stand beside (T - 1) |a||b|.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from derive import Instance, limit
from derive.exact.momentum import PLAIN, Momentum
from verify.checks.check import Check
from verify.truth.descent import Descent
from verify.truth.flow_curve import CHAIN_LENGTH
from verify.truth.matrix_instance import MatrixInstance
from verify.truth.networks import INPUT_START, TIME_STEP, TRIAL_END, UnrolledNetwork
from verify.truth.precise_flow import flow_state
from verify.truth.precise_networks import network_in_doubles
from verify.truth.reduced_flow import block_reduction
from verify.truth.setting import Setting
from verify.truth.simulation import Simulation

ROUNDING = 1e-11
REDUCTION_TOLERANCE = 1e-8  # of descent, relative to the target
BLOCKS_TOLERANCE = 1e-5  # of the flow of several modes, likewise
INSTANCE_SIZE = 100
COLUMNS, STEPS = 10, 8


def unrolled_check(setting: Setting, simulation: Simulation) -> Check:
    """The largest deviation of z between the two networks, over epochs and seeds, against its bound.

    Measured in units of each seed's bound would hide its size, so the seed that comes closest to
    its bound is shown.
    """
    worst: tuple[float, float, float, float] | None = None
    name = "unrolled against fixed point: readout"
    pairs = zip(simulation.runs["unrolled"], simulation.runs["fixed_point"], strict=True)
    for seed, (unrolled, fixed) in enumerate(pairs):
        difference = np.abs(unrolled.observables["readout"] - fixed.observables["readout"]).max()
        if not np.isfinite(difference):
            reason = (
                f"gradient descent of seed {seed} diverged, so nothing can be compared: the learning rate is "
                "too large for this network; take more --epochs, a smaller --learning-rate or earlier --times"
            )
            return Check(name, math.nan, 0.0, math.nan, reason)
        bound, transient, eigenvalue = _bound(fixed, setting)
        if worst is None or difference / bound > worst[0] / worst[1]:
            worst = (float(difference), bound, transient, eigenvalue)
    assert worst is not None
    difference, bound, transient, eigenvalue = worst
    return Check(
        name,
        difference,
        0.0,
        bound,
        f"largest real part of an eigenvalue of W {eigenvalue:.4f}, transient |1 - dt (1 - lambda)|^n = "
        f"{transient:.1e} after T - 1 = {TRIAL_END - INPUT_START:g} (continuous time: "
        f"{np.exp(-(1 - eigenvalue) * (TRIAL_END - INPUT_START)):.1e}); the tolerance is |a||b| "
        f"({_formula(setting)}) times it, plus {ROUNDING:g} |a||b| of rounding",
    )


def _bound(run: Descent, setting: Setting) -> tuple[float, float, float]:
    """The bound, the transient, and the largest real part of W's eigenvalues, after learning."""
    inverse, learning = np.eye(len(run.W)) - run.W, setting.task.train
    a, b = np.linalg.norm(np.linalg.solve(inverse.T, run.w)), np.linalg.norm(np.linalg.solve(inverse, run.m))
    eigenvalues = np.linalg.eigvals(run.W)
    transient = float(np.abs(1 - TIME_STEP * (1 - eigenvalues)).max() ** UnrolledNetwork.steps)
    distance, tau = setting.zhat - setting.start, run.tau[-1]
    growth = 1 + (TRIAL_END - INPUT_START) * distance * tau * (a * b) * ("W" in learning)
    growth += distance * tau * (a / b * ("m" in learning) + b / a * ("w" in learning))
    return float(a * b * (growth * transient + ROUNDING)), transient, float(eigenvalues.real.max())


def _formula(setting: Setting) -> str:
    distance = "(zhat - w.m)" if setting.task.alignment else "zhat"
    terms = {
        "W": f"(T - 1) {distance} tau |a||b|",
        "m": f"{distance} tau |a|/|b|",
        "w": f"{distance} tau |b|/|a|",
    }
    return " + ".join(["1", *(terms[name] for name in setting.task.train)])


def reduced_descent_check(
    setting: Setting, full: Descent, size: int, learning_rate: float, method: Momentum = PLAIN
) -> Check:
    """The reduction of seed 0's network under the same descent as the ``full`` one."""
    instance = setting.sample(size, 0)
    assert isinstance(instance, Instance)
    learned = full.observables["readout"]
    epochs = len(learned) - 1
    reduction = limit.instance_reduction(instance, CHAIN_LENGTH)
    how: dict[str, Any] = {"train": setting.task.train, "momentum": method, "look_ahead": True}
    reduced = limit.descent(reduction, setting.zhat, learning_rate, epochs, **how).readout
    difference = np.abs(reduced - learned).max() if len(reduced) == len(learned) else np.nan
    return Check(
        "reduced instance against full network: readout",
        float(difference),
        0.0,
        REDUCTION_TOLERANCE * setting.zhat,
        "the reduction to chain vectors in which the instances of the network-size check are followed, and "
        f"the full torch network of seed 0, N = {size}, under the same descent, all {epochs} "
        "epochs; the tolerance is a thousandth of the deviations that check resolves, or less",
    )


def blocks_check(setting: Setting, size: int, tau: float) -> Check:
    """The flow of several inputs and outputs in blocks of chain vectors against the full matrices."""
    instance = setting.sample(min(size, INSTANCE_SIZE), 0)
    assert isinstance(instance, MatrixInstance)
    exact = flow_state(network_in_doubles(instance), setting.target, tau, COLUMNS, steps=STEPS).Z
    reduced = block_reduction(instance).flow(setting.array, np.array([tau]))[0][0]
    return Check(
        "flow in blocks of chain vectors against full matrices: Z",
        float(np.abs(reduced - exact).max()),
        0.0,
        BLOCKS_TOLERANCE * float(np.abs(setting.array).max()),
        f"network of N = {instance.size} at tau = {tau:.4g}, half the radius of convergence; the tolerance "
        "is a thousandth or less of the deviations that the check of network sizes resolves",
    )


def modes_check(setting: Setting) -> Check:
    """The printed modes recombine to the target and their vectors are orthonormal."""
    zhat, left, right = (np.array(x, dtype=float) for x in zip(*setting.modes, strict=True))
    unit = np.eye(len(zhat))
    errors = [np.abs(left.T @ np.diag(zhat) @ right - setting.array).max() / zhat[0]]
    errors += [np.abs(vectors @ vectors.T - unit).max() for vectors in (left, right)]
    size = len(zhat) + 2
    return Check(
        "printed modes: Zhat = sum of zhat u v^T, u and v orthonormal",
        float(max(errors)),
        0.0,
        size * 2.0**-52,
        f"largest deviation, that of Zhat relative to its largest singular value; the tolerance is {size} "
        "roundings of 2^-52, those of the printed numbers and of the sums over them",
    )
