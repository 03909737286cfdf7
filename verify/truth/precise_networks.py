"""N -> infinity as small networks with many digits, without Gauss nodes (THEORY 3, 5), and given networks.

Independent m and w: J = L L^T the Jacobi matrix of the spectral measure of B B^T (moments mu_n), then

    B = (I - W0)^-1  ->  L (+) L^T,      w -> (e_1, 0),      m -> (0, e_1)

has w.(B B^T)^n w = m.(B^T B)^n m = (J^n)_11 = mu_n and no other overlap. Exact through tau^(2n-1).

Overlapping m and w: with H = [[0, B], [B^T, 0]], w = (w, 0) and m = (0, m), all overlaps that learning meets
are w.H^2n w = m.H^2n m = mu_n and w.H^(2n+1) m = rho nu_n, nu_n = phi(B (B^T B)^n). The vectors
(w +- m)/sqrt(2) decouple: H has the moments M_2n = mu_n, M_(2n+1) = +- rho nu_n in them, and one Jacobi
matrix J up to signs. Back in w and m that is the network

    B -> J,      w -> e_1,      m -> e_1        (w and a in one space, m and b in another),

exact through M_(2n-1) with n rows. At g = 0 the measure has the two points +-1 (one for |rho| = 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from derive import Instance
from derive.words.moments import scaled_chain_moment, scaled_odd_moment
from verify.truth.digits import working_digits
from verify.truth.matrix_instance import MatrixInstance
from verify.truth.precise_flow import DIGITS, Array, FlowNetwork
from verify.truth.setting import Setting

SMALLEST_STRENGTH = 1e-40
"""Below it g is taken for 0: the moments agree to 80 digits."""


def limit_network_of(setting: Setting, nodes: int) -> FlowNetwork:
    """N -> infinity of a setting, exact through tau^(2 ``nodes`` - 1)."""
    if setting.task.alignment:
        return precise_aligned_network(setting.g, setting.task.alignment, nodes + 1)
    if setting.shape:
        return precise_matrix_network(setting.g, nodes, (setting.shape[0], setting.shape[1]))
    return precise_limit_network(setting.g, nodes)


def precise_limit_network(g: float, nodes: int) -> FlowNetwork:
    """Independent m and w at strength ``g`` (the binary number given), n = ``nodes`` >= 2; 2n neurons."""
    with working_digits(10 * DIGITS):  # at small g the Hankel matrices are nearly singular
        square = _square(g)
        moments = [mpmath.mpf(1)]
        moments += [_value(scaled_chain_moment(n), square, 3 * n - 2) for n in range(1, 2 * nodes)]
        return _network_of_moments(moments)


def precise_critical_network(nodes: int) -> FlowNetwork:
    """The limit g -> 1 at N -> infinity: the network of the moments M_n(1), powers of beta left out.

    Its learning time is ttilde and the square of its target is y = zhat^2 beta (THEORY 3). In these
    units |w|^2 = |m|^2 = beta^2 tends to infinity; the chain does not depend on it, any number that is
    large enough for a measure to have these moments does.
    """
    with working_digits(10 * DIGITS):
        moments = [mpmath.mpf(10) ** nodes]
        moments += [mpmath.mpf(int(scaled_chain_moment(n)(1).p)) for n in range(1, 2 * nodes)]
        return _network_of_moments(moments)


def precise_aligned_network(g: float, rho: Fraction, nodes: int) -> FlowNetwork:
    """w.m = ``rho``, |rho| <= 1, by ``nodes`` rows (at g = 0 two, or one)."""
    with working_digits(10 * DIGITS):
        square, overlap = _square(g), mpmath.mpf(rho.numerator) / rho.denominator
        moments = [mpmath.mpf(1), overlap]
        for n in range(1, nodes + 1):
            moments.append(_value(scaled_chain_moment(n), square, 3 * n - 2))
            moments.append(overlap * _value(scaled_odd_moment(n), square, 3 * n - 1))
        hankel, shifted = _hankel(moments, nodes if square else 1 + (abs(rho) < 1))
        inverse = mpmath.inverse(mpmath.cholesky(hankel))
        jacobi = np.array((inverse * shifted * inverse.T).tolist())
        unit = np.array([[mpmath.mpf(k == 0)] for k in range(len(jacobi))])
        return FlowNetwork(jacobi, unit, unit)


def precise_matrix_network(g: float, nodes: int, shape: tuple[int, int]) -> FlowNetwork:
    """Several inputs and outputs: one half of the network of w for each output, of m for each input."""
    one = precise_limit_network(g, nodes)
    half = len(one.w) // 2
    outputs, inputs = shape
    size = half * (outputs + inputs)
    B, M, Wout = (np.full((size, n), mpmath.mpf(0)) for n in (size, inputs, outputs))
    for k in range(outputs + inputs):
        rows, part = slice(k * half, (k + 1) * half), slice(0, half) if k < outputs else slice(half, None)
        B[rows, rows] = one.B[part, part]
        if k < outputs:
            Wout[rows, k] = one.w[part]
        else:
            M[rows, k - outputs] = one.m[part]
    return FlowNetwork(B, M, Wout)


def precise_instance(instance: Instance) -> FlowNetwork:
    """The very network ``instance`` with many digits."""
    with working_digits(DIGITS):
        identity = np.eye(instance.size)
        inverse = mpmath.inverse(mpmath.matrix(identity.tolist()) - mpmath.matrix(instance.W0.tolist()))
        m, w = (np.vectorize(mpmath.mpf, otypes=[object])(x)[:, None] for x in (instance.m, instance.w))
        return FlowNetwork(np.array(inverse.tolist()), m, w)


def network_in_doubles(instance: Instance | MatrixInstance) -> FlowNetwork:
    """The very network in doubles."""
    inverse = np.linalg.inv(np.eye(instance.size) - instance.W0)
    return FlowNetwork(
        inverse, instance.m.reshape(instance.size, -1), instance.w.T.reshape(instance.size, -1)
    )


def _square(g: float) -> Any:
    return mpmath.mpf(g if g > SMALLEST_STRENGTH else 0) ** 2


def _value(polynomial: Any, square: Any, power: int) -> Any:
    """A polynomial in g^2 times beta^``power``, at g^2 = ``square``."""
    coefficients = [mpmath.mpf(int(c.p)) / int(c.q) for c in polynomial.coeffs()]
    return mpmath.polyval(coefficients[::-1], square) / (1 - square) ** power


def _network_of_moments(moments: Sequence[Any]) -> FlowNetwork:
    lower = _cholesky_of_jacobi(moments)
    count = len(lower)
    none = np.full((count, count), mpmath.mpf(0))
    w = np.array([[mpmath.sqrt(moments[0]) * (k == 0)] for k in range(2 * count)])
    return FlowNetwork(np.block([[lower, none], [none, lower.T]]), M=np.roll(w, count), Wout=w)


def _cholesky_of_jacobi(moments: Sequence[Any]) -> Array:
    """L with J = L L^T, J the Jacobi matrix of the measure with these moments.

    The Hankel matrix H_ij = mu_(i+j) = K K^T and H'_ij = mu_(i+j+1) = K J K^T, so K L is the
    Cholesky factor of H'. A measure of fewer points (g = 0: one) gives a matrix of that size.
    """
    points = len(moments) // 2 if moments[0] * moments[2] != moments[1] ** 2 else 1
    hankel, shifted = _hankel(moments, points)
    return np.array((mpmath.inverse(mpmath.cholesky(hankel)) * mpmath.cholesky(shifted)).tolist())


def _hankel(moments: Sequence[Any], size: int) -> tuple[Any, Any]:
    """H_ij = moments[i+j] and H'_ij = moments[i+j+1]."""
    rows = range(size)
    return tuple(mpmath.matrix([[moments[i + j + shift] for j in rows] for i in rows]) for shift in (0, 1))
