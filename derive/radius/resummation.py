"""What a truncated series still knows past its radius: three resummations of order K (THEORY 5).

  pade       [K/2, K/2] of z(ttilde); passes the real negative singularity, stops at the complex pair.
  conformal  Pade in y, ttilde = t_- (1 - (1 - y)^4), with t_- the real negative singularity: the branch
             point becomes a simple pole (`singularities`). Stops at the complex pair too.
  inverse    z as the variable: 1/h = ds/dz is an even function of z, the same for every zhat, and

                 tau(z) = integral_0^z (1/h(z')) dz'/(zhat - z').

             Its singularities lie on the imaginary z axis, away from learning, so a Pade approximant
             of 1/h in z^2 serves all times; the end of learning (the logarithm at zhat) is built in.

All take the same information, the coefficients through ttilde^K. W alone learns; w.m = 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from flint import arb, arb_series

from derive.arrays import Array
from derive.flow.high_order import clock_by_readout, enough_bits, padded, readout_coefficients
from derive.radius.pade import Pade, pade
from derive.radius.singularities import singularities
from derive.series.balls import working_precision
from derive.series.scalar_series import gauss_legendre, increasing_inverse

Readout = Callable[[Array], Array]

METHODS = ("pade", "conformal", "inverse")
NODES = 64  # Gauss-Legendre nodes of the integral over z
GRID = 32  # places from which Newton's method starts, of y = -log(1 - z/zhat) up to 4
LATE = np.array([5.0, 7.0, 11.0, 19.0, 34.5])  # and on; beyond, z is zhat to rounding


def resummed_readout(g: float, zhat: float, order: int, method: str = "inverse") -> Readout:
    """z as a function of ttilde (array, >= 0) from the series through ttilde^order, resummed.

    Raises ValueError for another method than pade, conformal, inverse, or order < 1; the approximant
    may not exist at an order (ValueError).
    """
    if method not in METHODS:
        raise ValueError(f"resummation {method!r}: allowed are {', '.join(METHODS)}")
    if method == "inverse":
        return _inverse(g, zhat, order)
    coefficients = readout_coefficients(g, zhat, order)
    with working_precision(enough_bits(order), order + 2):
        if method == "conformal":
            return _conformal(coefficients, singularities(g, zhat).backward)
        approximant = diagonal(coefficients)
    return lambda ttilde: np.asarray(approximant(np.asarray(ttilde, dtype=float)))


def diagonal(coefficients: list[arb]) -> Pade:
    """The diagonal approximant of a series, or the one below it: [n/n] or [n/(n+1)]."""
    order = len(coefficients) - 1
    return pade(coefficients, order // 2, order - order // 2)


def _conformal(coefficients: list[arb], backward: float) -> Readout:
    length = len(coefficients)
    y = arb_series([0, 1], length)
    series = arb_series(coefficients, length)(arb(backward) * (1 - (1 - y) ** 4))
    approximant = diagonal(padded(series.coeffs(), length))
    return lambda ttilde: np.asarray(
        approximant(1 - (1 - np.asarray(ttilde, dtype=float) / backward) ** 0.25)
    )


def inverse_sharpness(g: float, order: int) -> Callable[[Array], Array]:
    """The approximant of 1/h(z) that follows from the series through order.

    h^(-1/2) = (D(T)/D(0))^2/speed ~ 1/z^2 at large z: an approximant of it in z^2, with a denominator
    at least one degree above the numerator, squared.
    """
    even = clock_by_readout(g, order)[::2]
    with working_precision(enough_bits(order), len(even) + 1):
        root = padded(arb_series(even, len(even)).sqrt().coeffs(), len(even))
        above = max(len(even) // 2 - 1, 0)
        approximant = pade(root, above, len(even) - 1 - above)
    return lambda z: np.asarray(approximant(np.asarray(z, dtype=float) ** 2) ** 2)


def _inverse(g: float, zhat: float, order: int) -> Readout:
    over_h = inverse_sharpness(g, order)
    beta_squared = 1 / ((1 - g) * (1 + g)) ** 2
    end = float(over_h(np.array(zhat)))
    x, weights = gauss_legendre(NODES)

    def time(y: Array) -> tuple[Array, Array]:
        """ttilde and its slope where z = zhat (1 - exp(-y))."""
        z = -zhat * np.expm1(-y)
        nodes = z[:, None] / 2 * (1 + x)
        smooth = (over_h(nodes) - end) / (zhat - nodes)
        return beta_squared * (z / 2 * (smooth @ weights) + end * y), beta_squared * over_h(z)

    def at(ttilde: Array) -> Array:
        times = np.asarray(ttilde, dtype=float)
        y = increasing_inverse(time, times.ravel(), np.concatenate([np.linspace(0, 4, GRID), LATE]))
        return np.asarray(np.where(y < LATE[-1], -zhat * np.expm1(-y), zhat).reshape(times.shape))

    return at
