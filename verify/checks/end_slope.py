"""Check (i) for sharpness, the eigenvalues at g = 0, the outlier equation and the end of learning.

Each printed function against many-digit flow of the limit network, at the ladder of times of
`verify.checks.series_slope`. From one state of the flow, with delta = z/zhat there:

    sharpness h = |a|^2 |b|^2;      learning_time(delta) = tau;      weight_change(delta) = |W - W0|;
    d(mean gradient norm * time)/d delta = |dW/dtau| zhat/(dz/dtau) = zhat/(|a| |b|);
    shuffled loss (1 - z_s/zhat)^2,  z_s = x^T C (1 - X C)^-1 x,  x_i = nu_(i/2) for i even,
    X_ji = nu_((i+j+1)/2) for i + j odd, all others 0, nu_n = phi(B (B'B)^n),

C the coordinates of W - W0 in the chain of the very network, found by linear solves. With it, at a complex
lambda outside the disc,

    D(lambda) = det(1 - C Gamma),   Gamma_ji = gamma_((i+j+1)/2) for i + j odd, else 0,
    (lambda - g^2) gamma_n = nu_n + g^2 sum_(k<n) gamma_k nu_(n-k).

The weight change is odd in delta, so that at odd K its error is of order K + 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from derive.words.moments import scaled_odd_moment
from verify.checks.error_slope import Errors
from verify.truth.precise_flow import PreciseNetwork, PreciseState, chains, norm

SHUFFLED_FROM = 0.1
"""The smallest g at which the shuffled loss is checked: at g = 0 shuffling changes nothing and (1 - delta)^2
is exact, and close to it the chain's vectors are nearly parallel, which the solves for C pay for. The
outlier equation is checked from there on and at g = 0."""


@dataclass(frozen=True)
class Moment:
    """What the flow says at one time: delta = z/zhat, |a| |b|, |W - W0|, the loss after shuffling over the
    initial one, and D at ``point``; the last two None where they are not checked."""

    tau: Any
    delta: Any
    steepness: Any
    change: Any
    shuffled: Any
    determinant: Any
    point: Any


def moments(
    network: PreciseNetwork,
    times: Sequence[Any],
    states: Sequence[PreciseState],
    zhat: float,
    g: float | None = None,
) -> list[Moment]:
    """The moments of a flow, W alone learning; without ``g`` only what does not need it."""
    target, strength = mpmath.mpf(zhat), mpmath.mpf(g or 0)
    point = (1 + strength) / 2 * mpmath.expj(1)  # half way from the disc to the unit circle
    found = []
    for tau, state in zip(times, states, strict=True):
        shuffled = determinant = None
        if g is not None and g >= SHUFFLED_FROM:
            shuffled = (1 - shuffled_readout(network, state, strength) / target) ** 2
        if g is not None and (g >= SHUFFLED_FROM or g == 0):
            determinant = outlier_determinant(network, state, point, strength)
        steepness = norm(state.a) * norm(state.b)
        change = norm(state.change)
        found.append(Moment(tau, state.readout / target, steepness, change, shuffled, determinant, point))
    return found


Functions = Mapping[str, Callable[..., Any]]


def _path_rate(functions: Functions, moment: Moment, *arguments: Any) -> Any:
    def path(delta: Any) -> Any:
        return functions["mean_gradient_norm"](delta, *arguments) * functions["learning_time"](
            delta, *arguments
        )

    return mpmath.diff(path, moment.delta, h=mpmath.mpf(10) ** -45)


ERRORS: dict[str, Callable[[Functions, Moment, Any, Any], Any]] = {
    "sharpness": lambda f, at, zhat, g: f["sharpness"](at.tau, zhat, g) - at.steepness**2,
    "learning_time": lambda f, at, zhat, g: f["learning_time"](at.delta, zhat, g) - at.tau,
    "weight_change": lambda f, at, zhat, g: f["weight_change"](at.delta, zhat, g) - at.change,
    "mean_gradient_norm": lambda f, at, zhat, g: _path_rate(f, at, zhat, g) - zhat / at.steepness,
    "shuffled_loss": lambda f, at, zhat, g: f["shuffled_loss"](at.delta, zhat, g) - at.shuffled,
    "outlier_equation": lambda f, at, zhat, g: (
        f["outlier_equation"](at.point, at.tau, zhat, g) - at.determinant
    ),
}


def end_errors(
    functions: Functions,
    order: int,
    found: Sequence[Moment],
    g: float,
    zhat: float,
    only: str | None = None,
) -> dict[str, Errors]:
    """By name the errors of those of the ``functions`` that can be checked, through tau^``order``; or
    those of ``only`` one."""
    powers = dict.fromkeys(ERRORS, order + 1)
    powers["weight_change"] += order % 2
    powers["mean_gradient_norm"] = order if order > 1 else 2
    checked = {
        "shuffled_loss": found[0].shuffled is not None,
        "outlier_equation": found[0].determinant is not None,
    }
    target, strength = mpmath.mpf(zhat), mpmath.mpf(g)
    return {
        name: Errors(
            powers[name],
            [at.tau for at in found],
            [error(functions, at, target, strength) for at in found],
        )
        for name, error in ERRORS.items()
        if name in functions and checked.get(name, True) and only in (None, name)
    }


def shuffled_readout(network: PreciseNetwork, state: PreciseState, g: Any) -> Any:
    """z at N -> infinity after W0 is replaced by an independent copy."""
    C = _coordinates(network, state)
    nu = _odd_moments(g, C.rows)
    x = mpmath.matrix([nu[i // 2] if i % 2 == 0 else 0 for i in range(C.rows)])
    X = _alternating(nu)
    return (x.T * C * mpmath.inverse(mpmath.eye(C.rows) - X * C) * x)[0]


def outlier_determinant(network: PreciseNetwork, state: PreciseState, point: Any, g: Any) -> Any:
    """D(lambda) = det(1 - C Gamma(lambda)) at lambda = ``point``, |lambda| > g."""
    C = _coordinates(network, state)
    nu = _odd_moments(g, C.rows)
    gamma: list[Any] = []
    for n, moment in enumerate(nu):
        total = moment + g * g * sum(gamma[k] * nu[n - k] for k in range(n))
        gamma.append(total / (point - g * g))
    return mpmath.det(mpmath.eye(C.rows) - C * _alternating(gamma))


def _coordinates(network: PreciseNetwork, state: PreciseState) -> Any:
    """C of W - W0 = sum_ij C_ij a_i b_j^T."""
    a, b = (mpmath.matrix(rows.tolist()) for rows in chains(network, len(network.w)))
    return mpmath.inverse(a.T) * mpmath.matrix(state.change.tolist()) * mpmath.inverse(b)


def _odd_moments(g: Any, count: int) -> list[Any]:
    """nu_0, ..., nu_count."""
    nu = [mpmath.mpf(1)]
    for n in range(1, count + 1):
        polynomial = [mpmath.mpf(int(c.p)) / int(c.q) for c in scaled_odd_moment(n).coeffs()]
        nu.append(mpmath.polyval(polynomial[::-1], g * g) / (1 - g * g) ** (3 * n - 1))
    return nu


def _alternating(values: Sequence[Any]) -> Any:
    """The matrix with values[(i+j+1)/2] where i + j is odd, else 0, i, j < len(values) - 1."""
    size = len(values) - 1
    entries = [[values[(i + j + 1) // 2] if (i + j) % 2 else 0 for i in range(size)] for j in range(size)]
    return mpmath.matrix(entries)


def eigenvalue_errors(
    function: Callable[[Any, Any], tuple[Any, Any]],
    times: Sequence[Any],
    states: Sequence[PreciseState],
    zhat: float,
) -> list[Any]:
    """Distance of the printed pair from the eigenvalues of W - W0 at g = 0, at ``times``."""
    distances = []
    for tau, state in zip(times, states, strict=True):
        (p, q), (r, s) = state.change
        mean, root = (p + s) / 2, mpmath.sqrt(((p - s) / 2) ** 2 + q * r)
        printed = function(tau, mpmath.mpf(zhat))
        distances.append(norm(np.array(printed) - np.array([mean + root, mean - root])))
    return distances
