"""The unrolled network against the fixed point: nothing but the transient of the dynamics.

After n = (T - 1)/dt Euler steps the state lacks (1 - dt (1 - W))^n of the fixed point. The slowest
mode, of the eigenvalue lambda of W with the largest real part, is left with

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

import numpy as np

from derive.flow.problem import FixedPointTask
from verify.checks.check import Check
from verify.comparison.request import Request
from verify.truth.descent import Descent
from verify.truth.networks import INPUT_START, TIME_STEP, TRIAL_END, UnrolledNetwork
from verify.truth.simulation import Simulation

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
        bound, transient, eigenvalue = _bound(fixed, request)
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
        f"({_formula(request.task)}) times it, plus {ROUNDING:g} |a||b| of rounding",
    )


def _bound(run: Descent, request: Request) -> tuple[float, float, float]:
    """The bound, the transient, and the largest real part of W's eigenvalues, after learning."""
    inverse, learning = np.eye(len(run.W)) - run.W, request.task.train
    a, b = np.linalg.norm(np.linalg.solve(inverse.T, run.w)), np.linalg.norm(np.linalg.solve(inverse, run.m))
    eigenvalues = np.linalg.eigvals(run.W)
    transient = float(np.abs(1 - TIME_STEP * (1 - eigenvalues)).max() ** UnrolledNetwork.steps)
    distance, tau = request.zhat - float(request.task.alignment), run.tau[-1]
    growth = 1 + (TRIAL_END - INPUT_START) * distance * tau * (a * b) * ("W" in learning)
    growth += distance * tau * (a / b * ("m" in learning) + b / a * ("w" in learning))
    return float(a * b * (growth * transient + ROUNDING)), transient, float(eigenvalues.real.max())


def _formula(task: FixedPointTask) -> str:
    distance = "(zhat - w.m)" if task.alignment else "zhat"
    terms = {
        "W": f"(T - 1) {distance} tau |a||b|",
        "m": f"{distance} tau |a|/|b|",
        "w": f"{distance} tau |b|/|a|",
    }
    return " + ".join(["1", *(terms[name] for name in task.train)])
