"""The closed form as a `LearningPath`: no differential equation is solved (THEORY 5, 7).

D, N and the direction a/|a| are analytic for |Im T| < pi/(2 kappa_1), while T* is about 2.5/kappa_1. A few
Chebyshev interpolants, recentred, therefore carry them to rounding; W - W0 is the integral of the direction's
outer product, which is turned from the basis of the bound states into that of the orthonormal chain.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from derive.exact.closed_form.solution import ClosedForm
from derive.exact.closed_form.spectrum import Spectrum, chain_spectrum, rounded
from derive.exact.learning_path import LearningPath, Segment
from derive.series.scalar_series import evaluate

Array = NDArray[np.float64]

PIECES = 3
POINTS = 20  # of each interpolant: its coefficients fall as 7**-k


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
    nodes, to_coefficients, to_integral, to_powers = _matrices()
    edges = np.linspace(0, form.blow_up, PIECES + 1)
    half = form.blow_up / (2 * PIECES)
    D, N, unit = form.state(edges[:-1, None] + half * (1 + nodes))
    unit = unit @ chain_frame(form.spectrum)
    outer = (unit[..., :, None] * unit[..., None, :]).reshape(PIECES, POINTS, -1)
    with np.errstate(over="ignore", invalid="ignore"):
        scale = half ** -np.arange(POINTS + 1.0)
        scalars = np.stack([D, direction * N], axis=-1)
        # through coefficients, which fall: from values at once, the powers would cancel
        polynomials = scale[:-1, None] * (to_powers[:-1, :-1] @ (to_coefficients @ scalars))
        integral = to_powers @ (to_integral @ (to_coefficients @ outer))
        change = direction * half * scale[:, None] * integral
    if not np.all(np.isfinite(change)):
        raise ValueError("the overlaps overflow double precision: allowed is g <= 0.999999999")
    size, before = unit.shape[-1], np.zeros(outer.shape[-1])
    segments = []
    for low, D_N, C in zip(edges[:-1].tolist(), polynomials, change, strict=True):
        start, end = (evaluate(C, np.array(x)) for x in (-half, half))
        C[0] += before - start
        before = before + end - start
        parts = np.ascontiguousarray(D_N.T)
        segments.append(Segment(low, low + half, parts[0], parts[1], C.reshape(-1, size, size)))
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


@lru_cache(maxsize=1)
def _matrices() -> tuple[Array, Array, Array, Array]:
    """Chebyshev points; from values there to coefficients, from these to the integral's, and to powers."""
    nodes = chebyshev.chebpts1(POINTS)
    scaled = np.asarray(chebyshev.chebvander(nodes, POINTS - 1).T, dtype=np.float64) * (2 / POINTS)
    to_coefficients: Array = np.concatenate([scaled[:1] / 2, scaled[1:]])
    powers = np.zeros((POINTS + 1, POINTS + 1))  # coefficients of x^i in the Chebyshev polynomial of degree j
    powers[0, 0] = powers[1, 1] = 1
    for k in range(2, POINTS + 1):
        powers[1:, k] = 2 * powers[:-1, k - 1]
        powers[:, k] -= powers[:, k - 2]
    to_integral: Array = np.asarray(chebyshev.chebint(np.eye(POINTS), axis=0), dtype=np.float64)
    return nodes, to_coefficients, to_integral, powers
