"""The closed form as a `LearningPath`: no differential equation is solved (THEORY 5, 7).

D, N and the direction a/|a| are analytic for |Im T| < pi/(2 kappa_1), while T* is about 2.5/kappa_1. A few
Chebyshev interpolants, recentred, therefore carry them to rounding; W - W0 is the integral of the direction's
outer product, which is turned from the basis of the bound states into that of the orthonormal chain.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from derive.exact.closed_form.solution import ClosedForm
from derive.exact.closed_form.spectrum import Spectrum, chain_spectrum, rounded
from derive.exact.learning_path import LearningPath, Segment

Array = NDArray[np.float64]

PIECES = 3
POINTS = 20  # of each interpolant: its coefficients fall as 5**-k


def chain_path(g: float, size: int, direction: int) -> LearningPath:
    """The path at N -> infinity from ``size`` chain vectors, an even number (w.m = 0, W alone learns).

    Raises ValueError for g outside [0, 1) and where double precision does not carry the powers of T.
    """
    if not 0 <= g < 1:
        raise ValueError(f"g = {g}: allowed is 0 <= g < 1")
    nodes = size // 2
    form = ClosedForm(rounded(lambda: chain_spectrum(g, nodes), 96 + 16 * nodes))
    return closed_form_path(form, direction)


def closed_form_path(form: ClosedForm, direction: int = 1) -> LearningPath:
    """The path of any closed form; ``direction`` -1 for targets below 0, the mirror image."""
    edges = np.linspace(0, form.blow_up, PIECES + 1)
    turned = chain_frame(form.spectrum)
    total = np.zeros((2 * form.nodes, 2 * form.nodes))
    segments = []
    for low, high in pairwise(edges.tolist()):
        segment, total = _segment(form, turned, low, high, direction, total)
        segments.append(segment)
    if not all(np.all(np.isfinite(part)) for s in segments for part in (s.D, s.N, s.C)):
        raise ValueError("the overlaps overflow double precision: allowed is g <= 0.999999")
    return LearningPath(tuple(segments), form.speed, form.blow_up, direction, 0.0, True)


def chain_frame(spectrum: Spectrum) -> Array:
    """The orthonormal chain vectors in the basis of the bound states, columns of (2n, 2n).

    (I - W0)^-1 maps even components to odd ones by K^T sqrt(lambda) and back by its transpose, with
    K_ij = sqrt(lambda_i omega_i) e_j/(lambda_i - xi_j), xi_n = 0: Lanczos steps from the direction at T = 0.
    """
    x, n = spectrum.nodes, spectrum.size
    roots, first = np.sqrt(x), spectrum.frame[:, 0]
    lower = np.append(spectrum.slope / np.sqrt(spectrum.between), np.sqrt(spectrum.rest))
    K = (roots * first)[:, None] * lower / (x[:, None] - np.append(spectrum.between, 0.0))
    step = np.zeros((2 * n, 2 * n))
    step[n:, :n] = K.T * roots
    step[:n, n:] = step[n:, :n].T
    basis = np.zeros((2 * n, 2 * n))
    basis[:n, 0] = first
    for k in range(1, 2 * n):
        vector = step @ basis[:, k - 1]
        for _ in range(2):  # twice is enough (Kahan, Parlett)
            vector -= basis[:, :k] @ (basis[:, :k].T @ vector)
        basis[:, k] = vector / np.linalg.norm(vector)
    return basis


def _segment(
    form: ClosedForm, turned: Array, low: float, high: float, direction: int, before: Array
) -> tuple[Segment, Array]:
    """The interpolants between ``low`` and ``high``, and W - W0 at the end."""
    half, centre = (high - low) / 2, (high + low) / 2
    nodes = chebyshev.chebpts1(POINTS)
    D, N, unit = form.state(centre + half * nodes)
    to_coefficients = chebyshev.chebvander(nodes, POINTS - 1).T * (2 / POINTS)
    to_coefficients[0] /= 2
    unit = unit @ turned
    outer = np.einsum("ti,tj->tij", unit, unit)
    rates = np.tensordot(to_coefficients, outer, axes=1)
    change = np.asarray(chebyshev.chebint(rates, lbnd=-1, scl=half, axis=0), dtype=float)
    change[0] += before
    after = np.sum(change, axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        D, N = _recentred(to_coefficients @ D, half), _recentred(to_coefficients @ N, half)
        C = _recentred(change, half)
    return Segment(low, centre, D, direction * N, direction * C), after


def _recentred(coefficients: Array, half: float) -> Array:
    """From Chebyshev polynomials in x to powers of half * x."""
    count = len(coefficients)
    powers = np.tensordot(_chebyshev_powers(count), coefficients, axes=1)
    scale = half ** -np.arange(count, dtype=float)
    return np.asarray(powers * scale.reshape(-1, *[1] * (coefficients.ndim - 1)))


@lru_cache(maxsize=4)
def _chebyshev_powers(count: int) -> Array:
    """Coefficients of x^i in the Chebyshev polynomial of degree j, shape (count, count)."""
    table = np.zeros((count, count))
    table[0, 0] = table[1, 1] = 1
    for k in range(2, count):
        table[1:, k] = 2 * table[:-1, k - 1]
        table[:, k] -= table[:, k - 2]
    return table
