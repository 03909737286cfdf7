"""What a state of the flow says of the end of learning, of shuffling and of outliers (THEORY 4).

With delta = z/zhat, x the vector x_i = nu_(i/2) for i even, X_ji = nu_((i+j+1)/2) for i + j odd, all others
0, nu_n = phi(B (B'B)^n), and C the coordinates of W - W0 in the chain of the very network, by linear solves,

    z after W0 is replaced by an independent copy      z_s = x^T C (1 - X C)^-1 x,
    D(lambda) = det(1 - C Gamma),   Gamma_ji = gamma_((i+j+1)/2) for i + j odd, else 0,
    (lambda - g^2) gamma_n = nu_n + g^2 sum_(k<n) gamma_k nu_(n-k)       at a complex lambda outside the disc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath

from derive.words.moments import scaled_odd_moment
from verify.truth.precise_flow import FlowNetwork, FlowState, chains, norm

SHUFFLED_FROM = 0.1
"""The smallest g at which the shuffled loss is known: at g = 0 shuffling changes nothing and (1 - delta)^2
is exact, and close to it the chain's vectors are nearly parallel, which the solves for C pay for. The
outlier equation is known from there on and at g = 0."""


@dataclass(frozen=True)
class Progress:
    """One time of the flow: delta = z/zhat, |a| |b|, |W - W0|, the loss after shuffling over the initial
    one, and D at ``point``; the last two None where they are not known."""

    tau: Any
    delta: Any
    steepness: Any
    change: Any
    shuffled: Any
    determinant: Any
    point: Any


def progress(network: FlowNetwork, tau: Any, state: FlowState, g: float | None) -> Progress:
    """Of a flow in which W alone learns; without ``g`` only what does not need it."""
    strength = mpmath.mpf(g or 0)
    point = (1 + strength) / 2 * mpmath.expj(1)  # half way from the disc to the unit circle
    shuffled = determinant = None
    if g is not None and g >= SHUFFLED_FROM:
        shuffled = (1 - shuffled_readout(network, state, strength) / state.zhat) ** 2
    if g is not None and (g >= SHUFFLED_FROM or g == 0):
        determinant = outlier_determinant(network, state, point, strength)
    steepness = norm(state.a) * norm(state.b)
    delta = state.readout / state.zhat
    return Progress(tau, delta, steepness, norm(state.change), shuffled, determinant, point)


def shuffled_readout(network: FlowNetwork, state: FlowState, g: Any) -> Any:
    """z at N -> infinity after W0 is replaced by an independent copy."""
    C = _coordinates(network, state)
    nu = _odd_moments(g, C.rows)
    x = mpmath.matrix([nu[i // 2] if i % 2 == 0 else 0 for i in range(C.rows)])
    X = _alternating(nu)
    return (x.T * C * mpmath.inverse(mpmath.eye(C.rows) - X * C) * x)[0]


def outlier_determinant(network: FlowNetwork, state: FlowState, point: Any, g: Any) -> Any:
    """D(lambda) = det(1 - C Gamma(lambda)) at lambda = ``point``, |lambda| > g."""
    C = _coordinates(network, state)
    nu = _odd_moments(g, C.rows)
    gamma: list[Any] = []
    for n, moment in enumerate(nu):
        total = moment + g * g * sum(gamma[k] * nu[n - k] for k in range(n))
        gamma.append(total / (point - g * g))
    return mpmath.det(mpmath.eye(C.rows) - C * _alternating(gamma))


def _coordinates(network: FlowNetwork, state: FlowState) -> Any:
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
