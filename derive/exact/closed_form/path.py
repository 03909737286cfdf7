"""The closed form as a `LearningPath`: no differential equation is solved (THEORY 5, 7).

D, N and the direction a/|a| are analytic for |Im T| < pi/(2 kappa_1), and T* lies below 2.4/kappa_1 at
N -> infinity. A few Chebyshev interpolants of one length in units of 1/kappa_1, recentred, therefore carry
them to rounding; W - W0 is the integral of the direction's outer product, which is turned from the basis of
the bound states into that of the orthonormal chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.polynomial import chebyshev

from derive.arrays import Array
from derive.exact.closed_form.solution import LONGEST, ClosedForm
from derive.exact.closed_form.spectrum import Spectrum, chain_spectrum, rounded
from derive.exact.learning_path import LearningPath, Segment
from derive.series.scalar_series import horner, root_between

PIECE = 0.81  # length of an interpolant, over 1/kappa_1
PIECES = 3  # evaluated at once
POINTS = 20  # of each interpolant: its coefficients fall as 7.9**-k


@dataclass(frozen=True, eq=False, kw_only=True)
class ClosedFormPath(LearningPath):
    """W - W0 is integrated where it is asked for, from the unit vectors a/|a| in the basis of bound states,

    ``directions`` (S, POINTS, 2n) at the Chebyshev points of the S segments.
    """

    spectrum: Spectrum
    directions: Array

    @cached_property
    def size(self) -> int:
        """2n chain vectors."""
        return int(self.directions.shape[-1])

    @cached_property
    def _changes(self) -> list[Array]:
        """C on every segment: from the outer products of the direction to their integral's powers."""
        _, to_coefficients, to_integral, to_powers = _matrices()
        half = self.segments[0].origin
        unit = self.directions @ chain_frame(self.spectrum)
        outer = (unit[..., :, None] * unit[..., None, :]).reshape(*unit.shape[:-1], -1)
        # through coefficients, which fall: from values at once, the powers would cancel
        integral = to_powers @ (to_integral @ (to_coefficients @ outer))
        left = np.einsum("k,pkc->pc", (-1.0) ** np.arange(POINTS + 1), integral)
        grown = np.cumsum(integral.sum(axis=1) - left, axis=0)
        integral[:, 0] -= left
        integral[1:, 0] += grown[:-1]
        scale = half ** (1 - np.arange(POINTS + 1.0))
        change = self.direction * scale[:, None] * integral
        return list(change.reshape(*change.shape[:-1], self.size, self.size))

    def _polynomials(self, name: str) -> Sequence[Array]:
        return self._changes if name == "C" else super()._polynomials(name)


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
    nodes, to_coefficients, _, to_powers = _matrices()
    half = PIECE / 2 / float(form.kappa[0])
    with np.errstate(over="ignore"):  # refused in the next line
        scale = half ** -np.arange(float(POINTS))
    if not np.all(np.isfinite(scale)):
        raise ValueError("the overlaps overflow double precision: allowed is g <= 0.999999999")
    count = PIECES
    while True:
        origins = half * (1 + 2 * np.arange(count))
        D, N, unit = form.state(origins[:, None] + half * nodes)
        scalars = to_coefficients @ np.stack([D, direction * N], axis=-1)
        ended = np.flatnonzero(scalars[..., 0].sum(axis=-1) <= 0)  # D at the end of each piece
        if len(ended):
            break
        count *= 2
        if count * PIECE > LONGEST:
            raise ValueError("W stays one-dimensional: D has no zero")
    last = int(ended[0])
    polynomials = scale[:, None] * (to_powers[:-1, :-1] @ scalars[: last + 1])
    segments = tuple(
        Segment(origin - half, origin, part[:, 0].copy(), part[:, 1].copy(), np.zeros((1, 0, 0)))
        for origin, part in zip(origins.tolist(), polynomials, strict=False)
    )
    last_D = segments[-1].D.tolist()
    end = segments[-1].origin + root_between(lambda x: horner(last_D, x), -half, half)
    kept = unit[: last + 1]
    return ClosedFormPath(
        segments, form.speed, end, direction, 0.0, True, spectrum=form.spectrum, directions=kept
    )


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
