"""Gradient flow with many digits, for error slopes that no rounding blurs (THEORY 1, 5).

With R = (I - W)^-1 the flow needs no linear solve:

    a = R^T w,   b = R m,   eps = zhat - w.b,      dW/dtau = eps a b^T,      dR/dtau = eps (R a) (R^T b)^T,

integrated by Gragg's midpoint rule with Bulirsch-Stoer extrapolation; no series enters. N -> infinity
is the 2n-node network of THEORY 5 in another orthonormal basis, one without Gauss nodes: J = L L^T the
Jacobi matrix of the spectral measure of B B^T (moments mu_n), then

    B = (I - W0)^-1  ->  L (+) L^T,      w -> (e_1, 0),      m -> (0, e_1)

has w.(B B^T)^n w = m.(B^T B)^n m = (J^n)_11 = mu_n and no other overlap. Exact through tau^(2n-1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from derive import Instance
from derive.words.moments import scaled_chain_moment
from verify.truth.digits import working_digits

Array = NDArray[np.object_]
DIGITS = 100
"""Decimal digits of every function here; each sets mpmath's precision to it."""

SMALLEST_STRENGTH = 1e-40
"""Below it g is taken for 0: the moments agree to 80 digits."""


@dataclass(frozen=True, eq=False)
class PreciseNetwork:
    """B = (I - W0)^-1, shape (n, n), input m and readout w, shape (n,), as mpf."""

    B: Array
    m: Array
    w: Array


@dataclass(frozen=True, eq=False)
class PreciseState:
    """One moment of learning: a = R^T w, b = R m, z = w.b, the change W - W0, and m and w."""

    a: Array
    b: Array
    readout: Any
    change: Array
    m: Array
    w: Array

    def observables(self, zhat: Any, singular_values: int) -> dict[str, Any]:
        """Readout, loss, gradient norm, Frobenius norm and s1, s2, ... as mpf."""
        with working_digits(DIGITS):
            error = zhat - self.readout
            square = mpmath.matrix((self.change @ self.change.T).tolist())
            squares = sorted(mpmath.eigsy(square, eigvals_only=True), reverse=True)
            return {
                "readout": self.readout,
                "loss": error**2 / 2,
                "gradient_norm": abs(error) * norm(self.a) * norm(self.b),
                "frobenius_norm": norm(self.change),
                **{
                    f"s{r + 1}": mpmath.sqrt(abs(squares[r])) if r < len(squares) else mpmath.mpf(0)
                    for r in range(singular_values)
                },
            }


def norm(array: Array) -> Any:
    """The Euclidean (Frobenius) norm as mpf."""
    return mpmath.sqrt(sum(x * x for x in array.ravel()))


def chains(network: PreciseNetwork, count: int) -> tuple[Array, Array]:
    """a_(n+1) = B^T b_n, b_(n+1) = B a_n from a_0 = B^T w, b_0 = B m (THEORY 2), as rows."""
    a, b = [network.w @ network.B], [network.B @ network.m]
    for _ in range(count - 1):
        a_next, b_next = b[-1] @ network.B, network.B @ a[-1]
        a.append(a_next)
        b.append(b_next)
    return np.array(a), np.array(b)


def precise_limit_network(g: float, nodes: int) -> PreciseNetwork:
    """N -> infinity at strength ``g`` (the binary number given) with n = ``nodes`` >= 2; 2n neurons."""
    strength = g if g > SMALLEST_STRENGTH else 0.0
    with working_digits(10 * DIGITS):  # at small g the Hankel matrices are nearly singular
        return _network_of_moments(_moments(strength, 2 * nodes))


def precise_critical_network(nodes: int) -> PreciseNetwork:
    """The limit g -> 1 at N -> infinity: the network of the moments M_n(1), powers of beta left out.

    Its learning time is ttilde and the square of its target is y = zhat^2 beta (THEORY 3). In these
    units |w|^2 = |m|^2 = beta^2 tends to infinity; the chain does not depend on it, any number that is
    large enough for a measure to have these moments does.
    """
    with working_digits(10 * DIGITS):
        moments = [mpmath.mpf(10) ** nodes]
        moments += [mpmath.mpf(int(scaled_chain_moment(n)(1).p)) for n in range(1, 2 * nodes)]
        return _network_of_moments(moments)


def _network_of_moments(moments: list[Any]) -> PreciseNetwork:
    lower = _cholesky_of_jacobi(moments)
    count = len(lower)
    none = np.full((count, count), mpmath.mpf(0))
    B = np.block([[lower, none], [none, lower.T]])
    w = np.array([mpmath.sqrt(moments[0]) * (k == 0) for k in range(2 * count)])
    return PreciseNetwork(B, m=np.roll(w, count), w=w)


def precise_instance(instance: Instance) -> PreciseNetwork:
    """The very network ``instance`` with many digits."""
    with working_digits(DIGITS):
        identity = np.eye(instance.size)
        inverse = mpmath.inverse(mpmath.matrix(identity.tolist()) - mpmath.matrix(instance.W0.tolist()))
        to_mpf = np.vectorize(mpmath.mpf, otypes=[object])
        return PreciseNetwork(np.array(inverse.tolist()), to_mpf(instance.m), to_mpf(instance.w))


def precise_flow(
    network: PreciseNetwork, zhat: float, tau: Any, columns: int, train: Sequence[str] = ("W",)
) -> PreciseState:
    """The state at learning time ``tau`` in one extrapolated step; what is in ``train`` learns.

    The error is of relative order (tau/radius of convergence)^(2 ``columns``): for tau far inside
    the radius only.
    """
    with working_digits(DIGITS):
        target = mpmath.mpf(zhat)
        size = len(network.w)
        learns = [mpmath.mpf(name in train) for name in ("W", "m", "w")]

        def parts(state: Array) -> tuple[Array, Array, Array, Array]:
            square = size * size
            R, change = state[:square].reshape(size, size), state[square : 2 * square].reshape(size, size)
            return R, change, state[2 * square : -size], state[-size:]

        def velocity(state: Array) -> Array:
            R, _, m, w = parts(state)
            a, b = w @ R, R @ m
            error = target - w @ b
            change = [error * learns[0] * np.outer(R @ a, b @ R), error * learns[0] * np.outer(a, b)]
            return np.concatenate(
                [*(x.ravel() for x in change), error * learns[1] * a, error * learns[2] * b]
            )

        zero = np.full(size * size, mpmath.mpf(0))
        start = np.concatenate([network.B.ravel(), zero, network.m, network.w])
        R, change, m, w = parts(extrapolated_step(velocity, start, tau, columns))
        a, b = w @ R, R @ m
        return PreciseState(a, b, w @ b, change, m, w)


def extrapolated_step(velocity: Callable[[Any], Any], start: Any, length: Any, columns: int) -> Any:
    """The state after ``length``: the midpoint rule in 2, 4, ..., 2 ``columns`` substeps, extrapolated.

    A state is anything that can be added and multiplied by numbers: numpy's arrays of mpf, flint's arb_mat.
    """
    counts = [2 * k for k in range(1, columns + 1)]
    table = [_midpoint_rule(velocity, start, length, count) for count in counts]
    for k in range(1, columns):
        for i in range(columns - 1, k - 1, -1):
            fine, coarse = counts[i] ** 2, counts[i - k] ** 2
            table[i] = table[i] + (table[i] - table[i - 1]) * coarse / (fine - coarse)
    return table[-1]


def _midpoint_rule(velocity: Any, start: Array, length: Any, count: int) -> Array:
    """Gragg's rule with ``count`` (even) substeps; its error is a series in (1/count)^2."""
    step = length / count
    before, now = start, start + velocity(start) * step
    for _ in range(count - 1):
        before, now = now, before + velocity(now) * (2 * step)
    return (before + now + velocity(now) * step) / 2


def _moments(g: float, count: int) -> list[Any]:
    """mu_0 = 1, mu_1, ..., mu_(count-1), mu_n = beta^(3n-2) M_n(g^2) (THEORY 3)."""
    square = mpmath.mpf(g) ** 2
    moments = [mpmath.mpf(1)]
    for n in range(1, count):
        polynomial = [mpmath.mpf(int(c.p)) / int(c.q) for c in scaled_chain_moment(n).coeffs()]
        moments.append(mpmath.polyval(polynomial[::-1], square) / (1 - square) ** (3 * n - 2))
    return moments


def _cholesky_of_jacobi(moments: list[Any]) -> Array:
    """L with J = L L^T, J the Jacobi matrix of the measure with these moments.

    The Hankel matrix H_ij = mu_(i+j) = K K^T and H'_ij = mu_(i+j+1) = K J K^T, so K L is the
    Cholesky factor of H'. A measure of fewer points (g = 0: one) gives a matrix of that size.
    """
    size = len(moments) // 2 if moments[0] * moments[2] != moments[1] ** 2 else 1
    hankel = mpmath.matrix([[moments[i + j] for j in range(size)] for i in range(size)])
    shifted = mpmath.matrix([[moments[i + j + 1] for j in range(size)] for i in range(size)])
    return np.array((mpmath.inverse(mpmath.cholesky(hankel)) * mpmath.cholesky(shifted)).tolist())
