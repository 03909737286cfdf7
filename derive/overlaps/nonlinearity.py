"""Single-neuron nonlinearities phi and their gain in the Gaussian closure (THEORY 6).

For Gaussian h of variance Delta and any v jointly Gaussian with it, E[v phi(h)] = gain * E[v h],

    gain(Delta) = E[phi'(sqrt(Delta) xi)],        gain'(Delta) = E[phi'''(sqrt(Delta) xi)] / 2.

phi(x) = erf(sqrt(pi) x/2) has gain 1/sqrt(1 + pi Delta/2); a ReLU has gain 1/2 at every Delta, so
that its closure is a linear network; the gain of tanh is a sum, with the accuracy stated below.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from derive.arrays import Array

# Trapezoidal rule for the gain of tanh: step and end in xi. The poles of tanh at distance
# pi/(2 sqrt(Delta)) leave an error of about exp(-pi^2/(STEP sqrt(Delta))): rounding for Delta <= 9,
# 1e-8 at 30, 4e-5 at 90. Gauss-Hermite with as many nodes is worse (3e-3 at 10 with 64).
STEP, END = 0.09, 9.0


@dataclass(frozen=True)
class Nonlinearity:
    """phi with its derivative, and the gain with its derivative by Delta; all elementwise.

    ``odd``: phi(-x) = -phi(x). ``constant_gain``: the closure does not see Delta.
    """

    name: str
    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    gain: Callable[[Array], Array]
    gain_slope: Callable[[Array], Array]
    odd: bool = True
    constant_gain: bool = False


def gauss_hermite(count: int) -> tuple[Array, Array]:
    """Nodes and weights of the ``count``-point rule of the standard normal distribution."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return np.asarray(nodes), np.asarray(weights / weights.sum())


@cache
def _trapezoid() -> tuple[Array, Array]:
    """Nodes xi >= 0 and weights for the average of an even function of a standard normal xi."""
    nodes = np.arange(0, END + STEP / 2, STEP)
    weights = np.exp(-(nodes**2) / 2)
    weights[0] /= 2
    return nodes, weights / weights.sum()


def gaussian_average(even: Callable[[Array], Array], variance: Array) -> Array:
    """E[even(sqrt(variance) xi)] for an even function, elementwise in ``variance``."""
    nodes, weights = _trapezoid()
    return np.asarray(even(np.sqrt(np.maximum(variance, 0.0))[..., None] * nodes) @ weights)


def _erf(x: Array) -> Array:
    from scipy.special import erf

    return np.asarray(erf(np.sqrt(np.pi) / 2 * x))


def _erf_gain_slope(variance: Array) -> Array:
    inside = 1 + np.pi / 2 * variance
    return np.asarray(-np.pi / 4 / (inside * np.sqrt(inside)))  # a third of the time of a power -1.5


def _tanh_first(x: Array) -> Array:
    return np.asarray(1 - np.tanh(x) ** 2)


def _tanh_third(x: Array) -> Array:
    square = np.tanh(x) ** 2
    return np.asarray((1 - square) * (6 * square - 2))


NONLINEARITIES: dict[str, Nonlinearity] = {
    "linear": Nonlinearity(
        "linear", lambda x: x, np.ones_like, np.ones_like, np.zeros_like, constant_gain=True
    ),
    "erf": Nonlinearity(
        "erf",
        _erf,
        lambda x: np.asarray(np.exp(-np.pi / 4 * x * x)),
        lambda delta: np.asarray(1 / np.sqrt(1 + np.pi / 2 * delta)),
        _erf_gain_slope,
    ),
    "tanh": Nonlinearity(
        "tanh",
        lambda x: np.asarray(np.tanh(x)),
        _tanh_first,
        lambda delta: gaussian_average(_tanh_first, delta),
        lambda delta: gaussian_average(_tanh_third, delta) / 2,
    ),
    "relu": Nonlinearity(
        "relu",
        lambda x: np.maximum(x, 0.0),
        lambda x: np.asarray(x > 0, dtype=np.float64),
        lambda delta: np.full_like(delta, 0.5),
        np.zeros_like,
        odd=False,
        constant_gain=True,
    ),
}
