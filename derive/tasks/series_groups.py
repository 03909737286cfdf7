"""Several series as one object: singular values, singular vectors, the matrix A."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from derive.series.series import Series


class SingularValues(tuple[Series, ...]):
    """The series s_1, s_2, ...; called with (tau, zhat, g) it gives the tuple of their values."""

    def __call__(self, tau: Any, zhat: Any, g: Any = None, rho: Any = None) -> tuple[Any, ...]:
        return tuple(series(tau, zhat, g, rho) for series in self)


class AMatrix(tuple[tuple[Series, Series], tuple[Series, Series]]):
    """((A11, A12), (A21, A22)) of Eq. 9, at g = 0; called with (tau, zhat) it gives numbers."""

    def __call__(self, tau: Any, zhat: Any, rho: Any = None) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        (a11, a12), (a21, a22) = (tuple(series(tau, zhat, 0, rho) for series in row) for row in self)
        return (a11, a12), (a21, a22)


@dataclass(frozen=True)
class SingularVector:
    """Left and right singular vector of W - W0 in chain coordinates (THEORY 2, 4).

    The r-th pair is u = sum_i v_i a_i and v = sum_j v_j b_j with the same coordinates, v_(r-1) = 1;
    both have the squared norm given. Series in tau, exact through tau^(order + 1 - 2 r).
    """

    coordinates: tuple[Series, ...]
    squared_norm: Series
