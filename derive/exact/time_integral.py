"""A smooth function and its integral as Chebyshev polynomials on as many pieces as it takes (THEORY 5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev

from derive.arrays import Array

DEGREE = 31  # of a piece
PIECE_PRECISION = 1e-14  # of its coefficients, relative to the integral
SHORTEST = 1e-6  # of the whole interval
MOST_PIECES = 512


class PiecewiseIntegral:
    """``function`` over the intervals between ``edges`` (ascending), and its integral from the first edge.

    An interval is halved until its last coefficients are ``precision`` of the largest integral over one
    piece, or of ``scale``. The function may return several values, along axes before those of its argument.
    """

    def __init__(
        self,
        function: Callable[[Array], Array],
        edges: Array,
        scale: float,
        precision: float = PIECE_PRECISION,
    ) -> None:
        nodes, to_coefficients, to_integral = _chebyshev()
        waiting = np.column_stack([edges[:-1], edges[1:]])
        shortest = SHORTEST * (edges[-1] - edges[0])
        done: list[tuple[Array, Array]] = []
        count = 0
        while len(waiting):
            half = np.diff(waiting)[:, 0] / 2
            values = function(waiting[:, :1] + half[:, None] * (1 + nodes)) @ to_coefficients
            values = np.moveaxis(values, -2, 0)
            largest = half[:, None] * np.abs(values.reshape(len(half), -1, DEGREE + 1)).max(axis=1)
            scale = max(scale, float(largest[:, 0].max()))
            rough = largest[:, -2:].max(axis=1) > precision * scale
            rough &= (half > shortest) & (count + len(waiting) < MOST_PIECES)
            done.append((waiting[~rough], values[~rough]))
            count += int(np.sum(~rough))
            low, high = waiting[rough].T
            middle = (low + high) / 2
            waiting = np.concatenate([np.column_stack([low, middle]), np.column_stack([middle, high])])
        intervals, values = (np.concatenate(parts) for parts in zip(*done, strict=True))
        order = np.argsort(intervals[:, 0])
        self._intervals, values = intervals[order], values[order]
        self._half = np.diff(self._intervals)[:, 0] / 2
        half = self._half.reshape(-1, *[1] * (values.ndim - 1))
        integrals = half * (values @ to_integral)
        integrals[1:, ..., 0] += np.cumsum(np.sum(integrals, axis=-1), axis=0)[:-1]
        padded = np.concatenate([values, np.zeros_like(values[..., :1])], axis=-1)
        self._coefficients = np.stack([padded, integrals], axis=1)

    def at(self, T: Array) -> tuple[Array, Array]:
        """The function and its integral at every T between the edges."""
        index = np.searchsorted(self._intervals[1:, 0], T, side="right")
        x = (T - self._intervals[index, 0]) / self._half[index] - 1
        basis = np.cos(np.arccos(np.maximum(np.minimum(x, 1), -1))[..., None] * np.arange(DEGREE + 2.0))
        if self._coefficients.ndim == 3:
            value, integral = np.einsum("...k,...jk->j...", basis, self._coefficients[index])
            return np.asarray(value), np.asarray(integral)
        both = np.empty((*self._coefficients.shape[1:-1], *T.shape))
        for piece in np.unique(index):
            both[..., index == piece] = self._coefficients[piece] @ basis[index == piece].T
        return both[0], both[1]


@lru_cache(maxsize=1)
def _chebyshev() -> tuple[Array, Array, Array]:
    """Chebyshev points, and the matrices, on the right, from values to coefficients and to the integral's."""
    nodes = chebyshev.chebpts1(DEGREE + 1)
    to_coefficients = chebyshev.chebvander(nodes, DEGREE) * (2 / (DEGREE + 1))
    to_coefficients[:, 0] /= 2
    to_integral = chebyshev.chebint(np.eye(DEGREE + 1), lbnd=-1, axis=-1)
    return np.asarray(nodes), np.asarray(to_coefficients, dtype=float), np.asarray(to_integral, dtype=float)
