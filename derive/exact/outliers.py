"""Eigenvalues of W = W0 + dW that leave the disc of W0's spectrum (THEORY 4, 3).

With dW = sum_ij C_ij a_i b_j^T, lambda is an eigenvalue of W and none of W0 where

    det(1 - C Gamma(lambda)) = 0,       Gamma_ji = b_j^T (lambda - W0)^-1 a_i.

At N -> infinity, for independent m and w, every Gamma_ji is the moment of one alternating word with
one resolvent: for i + j odd Gamma_ji = gamma_{(i+j+1)/2}, else 0, and integration by parts gives

    gamma_n = phi(B_lambda B^T (B B^T)^n),     (lambda - g^2) gamma_n = nu_n + g^2 sum_{k<n} gamma_k nu_{n-k},

nu_n = phi(B (B^T B)^n); as generating functions, gamma = nu/(lambda - g^2 nu). Only |lambda| > g
counts. On the limit network (THEORY 5) the chain vectors are functions on its nodes x_k,

    a_2k = x^(k+1/2) sqrt r in the half of w, a_2k+1 = x^(k+1) sqrt r in that of m; b with halves exchanged,

so that Gamma there is a bilinear form on polynomials, L(x F H) with L(x^n) = gamma_n, taken in the
orthonormal polynomials of the nodes. That holds at all learning times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np
from flint import acb, acb_mat, fmpq
from numpy.typing import NDArray

from derive.arrays import Array
from derive.exact.gradient_flow import gradient_flow
from derive.exact.limit_network import gauss_nodes, limit_network
from derive.flow.instance import Instance
from derive.reading.arguments import of_kind, one_number, real_array, target
from derive.series.balls import working_precision
from derive.words.moments import scaled_odd_moment

Complex = NDArray[np.complex128]

SAMPLES = 128  # of the determinant, on a circle
MARGIN = 1.02  # its radius, in units of g
RANK_CUT = 1e-11  # singular values of dW below this part of the largest are rounding
BITS = 400  # of the moments, for the change to orthonormal polynomials


def resolvent_moments(point: complex, g: float, count: int) -> Complex:
    """gamma_0..gamma_(count-1) at lambda = ``point``, |lambda| > g."""
    nu = [float(Fraction(int(x.p), int(x.q))) for x in _odd_moments(g, count)]
    gamma: list[complex] = []
    for n in range(count):
        total = nu[n] + g * g * sum(gamma[k] * nu[n - k] for k in range(n))
        gamma.append(total / (point - g * g))
    return np.array(gamma)


def chain_outliers(C: Array, g: float) -> Complex:
    """Outliers of W0 + sum_ij C_ij a_i b_j^T at N -> infinity, |lambda| > 1.02 g, largest first.

    ``C`` has shape (n, n); m and w are independent. Raises ValueError for g outside (0, 1).
    """
    _check(g)
    C = _square(C)
    size = len(C)

    def determinant(point: complex) -> complex:
        gamma = resolvent_moments(point, g, size + 1)
        i = np.arange(size)
        total = i[:, None] + i
        Gamma = np.where(total % 2 == 1, gamma[(total + 1) // 2], 0)
        return complex(np.linalg.det(np.eye(size) - C @ Gamma))

    return roots_outside(determinant, MARGIN * g)


def instance_outliers(instance: Instance, C: Array, radius: float, chains: int | None = None) -> Complex:
    """The same for one given network, from its own Gamma(lambda): the roots with |lambda| > radius.

    ``radius`` must exceed every eigenvalue of the network's W0 in modulus.
    """
    of_kind("instance", instance, Instance, "an Instance")
    C = _square(C)
    one_number("radius", radius)
    a, b = instance.chains(chains or len(C))
    eye = np.eye(instance.size)

    def determinant(point: complex) -> complex:
        Gamma = b @ np.linalg.solve(point * eye - instance.W0, a.T)
        return complex(np.linalg.det(np.eye(len(C)) - C @ Gamma))

    return roots_outside(determinant, radius)


def outliers(g: float, zhat: float, times: Sequence[float], nodes: int = 12) -> list[Complex]:
    """Outliers of W(tau) at N -> infinity at each of the rising learning times tau, exactly.

    No series enters: the flow of the limit network with ``nodes`` nodes gives dW at any tau. For
    each time the eigenvalues with |lambda| > 1.02 g, largest first; at g = 0 all that are not zero.
    Raises ValueError outside 0 <= g < 1, zhat > 0, for times that do not rise from 0.
    """
    network = limit_network(g, nodes)
    target(zhat)
    if zhat <= 0:
        raise ValueError(f"zhat = {zhat!r}: allowed is zhat > 0")
    changes = gradient_flow(network, zhat, times).change
    if g == 0:
        eigenvalues = [np.linalg.eigvals(change) for change in changes]
        return [by_size(x[np.abs(x) > RANK_CUT]) for x in eigenvalues]
    return [_network_outliers(change, g, nodes) for change in changes]


def _network_outliers(change: Array, g: float, nodes: int) -> Complex:
    """Outliers from dW of the limit network, shape (2n, 2n)."""
    x, r = gauss_nodes(g, nodes)
    left, values, right = np.linalg.svd(change)
    rank = int(np.sum(values > RANK_CUT * values[0])) if values[0] > 0 else 0
    if rank == 0:
        return np.array([], dtype=complex)
    coefficients, orthonormal = _orthonormal_polynomials(g, x, r)
    n = len(x)
    # polynomials F = u/sqrt(x r) and H = v/(x r^(1/2)) in the half where a has odd powers of sqrt x,
    # the other way about in the other half
    U = left[:, :rank] * values[:rank]
    V = right[:rank].T
    half = orthonormal / np.sqrt(x), orthonormal / x
    first = half[0] @ U[:n], half[1] @ V[:n]
    second = half[1] @ U[n:], half[0] @ V[n:]

    def determinant(point: complex) -> complex:
        M = _bilinear_form(point, g, coefficients)
        Gamma = first[1].T @ M @ first[0] + second[1].T @ M @ second[0]
        return complex(np.linalg.det(np.eye(rank) - Gamma))

    return roots_outside(determinant, MARGIN * g)


def _orthonormal_polynomials(g: float, x: Array, r: Array) -> tuple[acb_mat, Array]:
    """Coefficients of the orthonormal polynomials, and sqrt(r_k) times their values at the nodes.

    Recomputed on the double-precision nodes with many bits, so that both stand for the same functions.
    """
    with working_precision(BITS):
        nodes, weights = [acb(float(t)) for t in x], [acb(float(t)) for t in r]
        total = sum(weights, start=acb(0))
        rows: list[list[acb]] = []
        values: list[list[acb]] = []
        for k in range(len(nodes)):
            row = [acb(0)] * len(nodes)
            if k == 0:
                row[0], value = 1 / total.sqrt(), [1 / total.sqrt()] * len(nodes)
            else:
                row = [acb(0), *rows[-1][:-1]]
                value = [t * v for t, v in zip(nodes, values[-1], strict=True)]
                for earlier_row, earlier in zip(rows, values, strict=True):
                    c = _inner(weights, value, earlier)
                    row = [p - c * q for p, q in zip(row, earlier_row, strict=True)]
                    value = [p - c * q for p, q in zip(value, earlier, strict=True)]
                norm = _inner(weights, value, value).sqrt()
                row, value = [p / norm for p in row], [p / norm for p in value]
            rows.append(row)
            values.append(value)
        matrix = [
            [float((v * w.sqrt()).real) for v, w in zip(value, weights, strict=True)] for value in values
        ]
        return acb_mat(rows), np.array(matrix)


def _inner(weights: Sequence[acb], left: Sequence[acb], right: Sequence[acb]) -> acb:
    return sum((w * p * q for w, p, q in zip(weights, left, right, strict=True)), start=acb(0))


def _bilinear_form(point: complex, g: float, coefficients: acb_mat) -> Complex:
    """L(x pi_i pi_j) for the orthonormal polynomials pi_i, L(x^n) = gamma_n."""
    size = coefficients.nrows()
    with working_precision(BITS):
        square = acb(float(g)) ** 2
        nu = [acb(value) for value in _odd_moments(g, 2 * size)]
        gamma: list[acb] = []
        below = acb(point.real, point.imag) - square
        for n in range(2 * size):
            total = sum((gamma[k] * nu[n - k] for k in range(n)), start=acb(0))
            gamma.append((nu[n] + square * total) / below)
        hankel = acb_mat([[gamma[i + j + 1] for j in range(size)] for i in range(size)])
        form = coefficients * hankel * coefficients.transpose()
        return np.array([[complex(form[i, j]) for j in range(size)] for i in range(size)])


@lru_cache(maxsize=16)
def _odd_moments(g: float, count: int) -> tuple[fmpq, ...]:
    """nu_0 = 1, nu_1, ... exactly, of the binary number g."""
    square = fmpq(*Fraction(g).as_integer_ratio()) ** 2
    beta = 1 / (1 - square)
    return (fmpq(1), *(beta ** (3 * n - 1) * scaled_odd_moment(n)(square) for n in range(1, count)))


def roots_outside(function: Callable[[complex], complex], radius: float) -> Complex:
    """Zeros with modulus above ``radius`` of a function analytic there that tends to 1 at infinity.

    The function must be real on the real axis. Its Taylor polynomial in 1/lambda, from samples on the
    circle, gives the zeros; Newton's method on the function itself polishes them. Largest first.
    """
    angles = np.exp(2j * np.pi * np.arange(SAMPLES // 2 + 1) / SAMPLES)
    half = np.array([function(complex(radius / angle)) for angle in angles])
    values = np.concatenate([half, half[-2:0:-1].conj()])
    coefficients = np.fft.fft(values) / SAMPLES  # of (radius/lambda)^n
    small = np.abs(coefficients) < 1e-15 * np.abs(coefficients).max()
    coefficients = coefficients[: SAMPLES // 2][: np.max(np.nonzero(~small[: SAMPLES // 2])[0]) + 1]
    inverse = np.roots(coefficients[::-1])
    inside = inverse[(np.abs(inverse) < 1) & (np.abs(inverse) > 0)]
    return by_size(np.array([_polished(function, radius / t) for t in inside], dtype=complex))


def _polished(function: Callable[[complex], complex], point: complex) -> complex:
    for _ in range(4):
        step = 1e-6 * abs(point)
        slope = (function(point + step) - function(point - step)) / (2 * step)
        if slope == 0:
            break
        point -= function(point) / slope
    return point.real if abs(point.imag) < 1e-12 * abs(point) else point


def by_size(values: Complex) -> Complex:
    """Largest modulus first; of a conjugate pair the one below the real axis first."""
    order = np.lexsort((values.imag, -np.round(np.abs(values), 12)))
    return values[order]


def _check(g: float) -> None:
    one_number("g", g)
    if not 0 < g < 1:
        raise ValueError(f"g = {g}: allowed is 0 < g < 1")


def _square(C: Array) -> Array:
    """The weights of a change as a square matrix."""
    array = real_array("C", C)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(f"C of shape {array.shape}: allowed is (n, n)")
    return array
