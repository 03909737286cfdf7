"""Gradient descent against the stability limit of the minimum that gradient flow finds (THEORY 4).

Along the flow z rises monotonically to zhat and the curvature of the loss along its steepest
direction becomes h = |a|^2 |b|^2. Descent with learning rate eta is linearly stable there below

    eta_c = 2/h(T_e) = 2 D(T_e)^4/speed^2,

exactly at N = infinity from the `LearningPath`, and for one network from its reduction. Nothing
ends at eta_c: `outcome` says what descent does instead. As zhat sqrt(beta) grows, D(T_e) ->
N(T*)/zhat and

    eta_c -> 2 N(T*)^4/(speed^2 zhat^4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from derive.exact.descent import DescentCurve, descent
from derive.exact.learning_curve import LearningCurve
from derive.exact.learning_path import learning_path
from derive.exact.limit import learning_curve
from derive.flow.reduction import Reduction, limit_reduction

OUTCOMES = ("smooth", "overshoot", "flatter minimum", "crossed the pole", "not learned")
SETTLED = 0.05  # of zhat: the learned readout lies within it over the last epochs
LAST = 20  # epochs

MEANING = {
    "smooth": "z never exceeds zhat",
    "overshoot": "z exceeds zhat; eta h stays below 2",
    "flatter minimum": "eta h exceeds 2 on the way and ends below 2, at another minimum",
    "crossed the pole": "an outlier of W passes 1, z changes sign through infinity, and learning ends well",
    "not learned": "the last epochs are not within 5% of zhat",
}


NUDGE = 1e-12  # of the learning rate: some thousand roundings
CHAOTIC = 1e-6  # of zhat: the nudge grown a million times


@dataclass(frozen=True)
class Outcome:
    """What descent did: its name, eta h and z at the last epoch, the extremes of z, how often an outlier of
    W passed 1, and whether it is ``chaotic``: then rounding, another library of linear algebra say, decides
    about its last numbers."""

    name: str
    final_eta_h: float
    final_readout: float
    highest: float
    lowest: float
    crossings: int
    chaotic: bool = False


def outcome(curve: DescentCurve, zhat: float) -> Outcome:
    """Name what a run of gradient descent towards ``zhat`` did."""
    z, eta_h = curve.readout, curve.learning_rate * curve.sharpness
    settled = bool(np.all(np.abs(z[-LAST:] - zhat) < SETTLED * zhat))
    if not settled:
        name = "not learned"
    elif curve.crossings:
        name = "crossed the pole"
    elif eta_h.max() > 2 * (1 + 1e-9):
        name = "flatter minimum"
    elif z.max() > zhat * (1 + 1e-9):
        name = "overshoot"
    else:
        name = "smooth"
    return Outcome(name, float(eta_h[-1]), float(z[-1]), float(z.max()), float(z.min()), len(curve.crossings))


def critical_rate(g: float, zhat: float) -> float:
    """eta_c at N = infinity, in units of tau."""
    return learning_curve(g, zhat).critical_rate


def large_target_constant(g: float) -> float:
    """lim eta_c beta^2 (zhat^2 beta)^2 as zhat grows: 2 N(T*)^4 beta^2 at N = infinity, w.m = 0."""
    path = learning_curve(g, 1.0).path
    _, N = path.scalars(np.array(path.end))
    return float(2 * N**4 / ((1 - g) * (1 + g)) ** 2)


def limit_outcome(g: float, zhat: float, learning_rate: float, epochs: int) -> Outcome:
    """Descent at N = infinity with learning rate eta (units of tau)."""
    return reduced_outcome(limit_reduction(g, 24), zhat, learning_rate, epochs)


def reduction_critical_rate(reduction: Reduction, zhat: float) -> float:
    """eta_c of one network, from its reduction."""
    direction = 1 if zhat > reduction.readout else -1
    return LearningCurve(learning_path(reduction, direction=direction), zhat).critical_rate


def reduced_outcome(reduction: Reduction, zhat: float, learning_rate: float, epochs: int) -> Outcome:
    """Descent of a reduced problem: of one network where the reduction is that of an instance."""
    with np.errstate(over="ignore", invalid="ignore"):
        result = outcome(descent(reduction, zhat, learning_rate, epochs), zhat)
        if result.name != "not learned" and not result.crossings:
            return result
        beside = outcome(descent(reduction, zhat, learning_rate * (1 + NUDGE), epochs), zhat)
    apart = abs(beside.final_readout - result.final_readout)
    return replace(result, chaotic=not apart <= CHAOTIC * zhat)
