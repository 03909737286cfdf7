"""Certified numbers: balls that provably contain z(ttilde) of a small network (THEORY 5).

The problem is the reduction of N = infinity (w.m = 0, W alone learns) to ``size`` chain vectors, i.e.
the 2n-network of n = size/2 Gauss nodes, with exact moments of the given g. By symmetry alpha = beta
= u, and along the arc length T (`learning_path`)

    dS/dT = x x^T/c,   du/dT = x,   dz/dT = c,   ds/dT = 1/c,   dtau/dT = 1/(c (zhat - z)),
    x = S u,  c = u.u,

in ball arithmetic (flint arb). A step of length delta is

  1. a box B with  state + [0, delta] F(B) inside B:  the solution exists on the step and stays in B
     (Picard-Lindeloef);
  2. the Taylor coefficients through order K - 1 at the state, and the one of order K over all of B:
     Taylor's theorem with Lagrange's remainder, sum_{k<K} c_k t^k + c_K(B) t^K.

z and tau rise along T, so z(tau) is enclosed by the values at two places whose times provably lie
on either side of tau. Rounding and truncation of the integration are inside the balls; the distance
of the 2n-network from N = infinity is not: `derive.exact.certified_limit` encloses that from two networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from flint import arb, arb_mat

from derive.exact.learning_curve import LearningCurve
from derive.exact.limit import learning_curve
from derive.flow.high_order import Number, as_ball
from derive.flow.reduction import moments_gram, orthonormalised
from derive.series.balls import working_precision
from derive.words.overlap_moments import overlap_moments

SIZE = 12
ORDER = 24
BITS = 256
STEP = 0.06  # of the time in which u changes by itself
TO_END = 0.12  # of the distance to zhat
LEAST_ERROR = 1e-5  # of zhat: past it the enclosure is [last value, zhat]
MOST_STEPS = 2000
TRIES = 12  # boxes tried before the step is halved


@dataclass(frozen=True)
class _State:
    S: arb_mat
    u: arb_mat
    z: arb
    tau: arb
    clock: arb


@dataclass(frozen=True)
class EnclosedStep:
    """Taylor balls on [start, start + length] of z, tau and the clock s; the last one is the remainder."""

    start: arb
    length: arb
    z: list[arb]
    tau: list[arb]
    clock: list[arb]


def certified_readout(g: Number, zhat: Number, ttilde: Sequence[float], *, size: int = SIZE) -> list[arb]:
    """Balls that contain z at every effective time >= 0 of the network of ``size`` chain vectors.

    g and zhat may be decimal strings or fractions, taken exactly; floats are the binary numbers they
    are. Raises ArithmeticError where no enclosure is found.
    """
    with working_precision(BITS):
        target = as_ball(zhat)
        beta_squared = (1 / (1 - as_ball(g) ** 2)) ** 2
        steps = certified_steps(*chain(as_ball(g), size), target)
        curve = learning_curve(float(as_ball(g)), float(target), size=size)
        unit = float(beta_squared.mid())
        return [_at(steps, target, arb(t) / beta_squared, _guess(curve, t / unit)) for t in ttilde]


def _guess(curve: LearningCurve, tau: float) -> float:
    return float(curve.position(np.array([tau]))[0][0])


def chain(g: arb, size: int) -> tuple[list[list[arb]], arb]:
    """S at T = 0 in the orthonormal chain of ``size`` vectors, and |a_0|, the one coordinate of u."""
    gram = moments_gram(overlap_moments(g, arb(0), 2 * size + 3))
    transfer, first, _ = orthonormalised(gram, gram)
    return transfer, first


def certified_steps(transfer: list[list[arb]], first: arb, zhat: arb) -> list[EnclosedStep]:
    """Steps from T = 0 to where z is within `LEAST_ERROR` of zhat. Raises ArithmeticError."""
    n = len(transfer)
    state = _State(
        arb_mat(n, n, [x for row in transfer for x in row]),
        arb_mat(n, 1, [first, *[arb(0)] * (n - 1)]),
        arb(0),
        arb(0),
        arb(0),
    )
    steps: list[EnclosedStep] = []
    start = arb(0)
    while len(steps) < MOST_STEPS:
        if state.z > zhat * (1 - LEAST_ERROR):
            return steps
        step, state = _one_step(state, zhat, start)
        steps.append(step)
        start += step.length
    raise ArithmeticError(f"no enclosure of the whole curve within {MOST_STEPS} steps")


def _one_step(state: _State, zhat: arb, start: arb) -> tuple[EnclosedStep, _State]:
    x = state.S * state.u
    c = _dot(state.u, state.u)
    natural = float((c / _dot(x, x)).sqrt().mid())
    to_end = float(((zhat - state.z) / c).mid())
    delta = _dyadic(min(STEP * natural, to_end * TO_END))
    for _ in range(40):
        box = _box(state, zhat, delta)
        if box is not None:
            break
        delta /= 2
    else:
        raise ArithmeticError("no a-priori enclosure of a step")
    point = _coefficients(state, zhat, ORDER)
    remainder = _coefficients(box, zhat, ORDER)
    series = [[*at[:ORDER], over[ORDER]] for at, over in zip(point, remainder, strict=True)]
    return EnclosedStep(start, delta, *series[2:]), _State(
        *(value(coefficients, delta) for coefficients in series)
    )


def _box(state: _State, zhat: arb, delta: arb) -> _State | None:
    """A set that the solution provably does not leave within [0, delta], or None."""
    whole = delta * arb(0.5, 0.5)  # the interval [0, delta]

    def image(box: _State) -> tuple[arb_mat, arb_mat] | None:
        x, c = box.S * box.u, _dot(box.u, box.u)
        if not c > 0:
            return None
        return state.S + (x * x.transpose()) * (whole / c), state.u + x * whole

    guess = image(state)
    if guess is None:
        return None
    for _ in range(TRIES):
        S, u = (_inflated(m) for m in guess)
        box = replace(state, S=S, u=u)
        guess = image(box)
        if guess is None:
            return None
        if S.contains(guess[0]) and u.contains(guess[1]):
            c = _dot(guess[1], guess[1])
            z = state.z + c * whole
            if not (c > 0 and zhat - z > 0):
                return None
            return replace(state, S=guess[0], u=guess[1], z=z)
    return None


def _coefficients(state: _State, zhat: arb, order: int) -> tuple[list[Any], ...]:
    """Taylor coefficients 0..order of S, u, z, tau and the clock."""
    S, u, z, tau, clock = [state.S], [state.u], [state.z], [state.tau], [state.clock]
    x: list[arb_mat] = []
    y: list[arb_mat] = []
    c: list[arb] = []
    over_c: list[arb] = []
    rate: list[arb] = []  # 1/(c (zhat - z)), with product c (zhat - z) beside it
    product: list[arb] = []
    for k in range(order):
        x.append(_sum(S[i] * u[k - i] for i in range(k + 1)))
        c.append(sum((_dot(u[i], u[k - i]) for i in range(k + 1)), arb(0)))
        over_c.append(_next_inverse(over_c, c))
        y.append(_sum(x[k - i] * over_c[i] for i in range(k + 1)))
        product.append(zhat * c[k] - sum((c[i] * z[k - i] for i in range(k + 1)), arb(0)))
        rate.append(_next_inverse(rate, product))
        S.append(_sum(y[i] * x[k - i].transpose() for i in range(k + 1)) * (arb(1) / (k + 1)))
        u.append(x[k] * (arb(1) / (k + 1)))
        z.append(c[k] / (k + 1))
        tau.append(rate[k] / (k + 1))
        clock.append(over_c[k] / (k + 1))
    return S, u, z, tau, clock


def _next_inverse(inverse: list[arb], base: list[arb]) -> arb:
    k = len(inverse)
    if k == 0:
        return 1 / base[0]
    return -sum((base[i] * inverse[k - i] for i in range(1, k + 1)), arb(0)) / base[0]


def _at(steps: list[EnclosedStep], zhat: arb, tau: arb, guess: float) -> arb:
    """z at the time tau: between two places around ``guess`` whose times bracket it."""
    for width in (1e-14, 1e-12, 1e-10, 1e-8, 1e-6):
        around = width * max(guess, float((steps[0].start + steps[0].length).mid()))
        low, high = _located(steps, max(guess - around, 0.0)), _located(steps, guess + around)
        if low is None:
            continue
        below, above = low[0], zhat if high is None else high[0]
        after = high is None or high[1] >= tau
        if low[1] <= tau and after:
            return below.union(above)
    last = steps[-1]
    z, time = value(last.z, last.length), value(last.tau, last.length)
    if time <= tau:
        end: arb = z.union(zhat)
        return end
    raise ArithmeticError(f"no enclosure at tau = {float(tau):g}")


def _located(steps: list[EnclosedStep], T: float) -> tuple[arb, arb] | None:
    """z and tau at the place T; None past the last step."""
    place = arb(max(T, 0.0))
    for step in steps:
        inside = place - step.start
        if inside <= step.length:
            return value(step.z, inside), value(step.tau, inside)
    return None


def value(coefficients: Sequence[Any], t: arb) -> Any:
    """A polynomial (of balls, or of matrices of them) at t."""
    total = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = coefficient + total * t
    return total


def _dot(a: arb_mat, b: arb_mat) -> arb:
    product: arb = (a.transpose() * b)[0, 0]
    return product


def _sum(terms: Iterable[arb_mat]) -> arb_mat:
    return reduce(add, terms)


def _inflated(matrix: arb_mat) -> arb_mat:
    widest = max((x.rad() for x in matrix.entries()), key=float)
    entries = [arb(x.mid(), x.rad() * 1.1 + widest * 0.1) for x in matrix.entries()]
    return arb_mat(matrix.nrows(), matrix.ncols(), entries)


def _dyadic(value: float) -> arb:
    """A positive double as an exact ball, rounded to few bits so that sums of steps stay exact."""
    from math import frexp, ldexp

    mantissa, exponent = frexp(value)
    return arb(ldexp(round(mantissa * 2**12), exponent - 12))
