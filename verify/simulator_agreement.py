"""The unrolled network against the fixed point: nothing but the transient of the dynamics.

After n = (T - 1)/dt Euler steps the state lacks (1 - dt (1 - W))^n of the fixed point. The slowest
mode, of the eigenvalue lambda of W with the largest real part, is left with

    |1 - dt (1 - lambda)|^n,      for real lambda at most exp(-(1 - lambda)(T - 1)).

That is the deviation of z in units of |a||b|, a = R^T w, b = R m. The gradient carries it n dt = T - 1
fold (d lambda^n = n lambda^(n-1) d lambda), and learning adds up the gradient over tau, so that

    |z_unrolled - z_fixed|  <=  |a||b| (1 + (T - 1) zhat tau |a||b|) x transient + rounding.
"""

from __future__ import annotations

import math

import numpy as np

from derive import Instance
from verify.checks import Check
from verify.networks import INPUT_START, TIME_STEP, TRIAL_END, UnrolledNetwork
from verify.request import Request
from verify.simulation import Simulation

ROUNDING = 1e-11


def agreement_check(request: Request, simulation: Simulation) -> Check:
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
        instance = Instance.sample(request.size, request.g, seed)
        bound, transient, eigenvalue = _bound(instance, fixed.W, request.zhat, fixed.tau[-1])
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
        f"{np.exp(-(1 - eigenvalue) * (TRIAL_END - INPUT_START)):.1e}); the tolerance is |a||b| (1 + (T - 1) "
        f"zhat tau |a||b|) times it, plus {ROUNDING:g} |a||b| of rounding",
    )


def _bound(instance: Instance, W: np.ndarray, zhat: float, tau: float) -> tuple[float, float, float]:
    """The bound, the transient, and the largest real part of W's eigenvalues (trained W)."""
    inverse = np.eye(len(W)) - W
    scale = np.linalg.norm(np.linalg.solve(inverse.T, instance.w)) * np.linalg.norm(
        np.linalg.solve(inverse, instance.m)
    )
    eigenvalues = np.linalg.eigvals(W)
    transient = float(np.abs(1 - TIME_STEP * (1 - eigenvalues)).max() ** UnrolledNetwork.steps)
    growth = 1 + (TRIAL_END - INPUT_START) * zhat * tau * scale
    return float(scale * (growth * transient + ROUNDING)), transient, float(eigenvalues.real.max())
