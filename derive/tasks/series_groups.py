"""Several series as one object: singular values, singular vectors, the matrix A."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derive.jupyter import Row, shown
from derive.observables.registry import expanded_observables
from derive.series.series import Series

if TYPE_CHECKING:
    from derive.flow.fixed_point_task import FixedPointTask
    from derive.observables.observable import Observable

FIRST = 3
"""Terms of every series of an expansion."""
EACH = r"\texttt{print} one entry"


class SingularValues(tuple[Series, ...]):
    """The series s_1, s_2, ...; called with (tau, zhat, g) it gives the tuple of their values."""

    def __call__(self, tau: Any, zhat: Any, g: Any = None, rho: Any = None) -> tuple[Any, ...]:
        return tuple(series(tau, zhat, g, rho) for series in self)

    def rows(self) -> list[Row]:
        """What Jupyter shows."""
        return [series.row(f"s_{{{r}}}") for r, series in enumerate(self, 1)]

    def _repr_latex_(self) -> str:
        return shown(self.rows(), EACH)


class AMatrix(tuple[tuple[Series, Series], tuple[Series, Series]]):
    """((A11, A12), (A21, A22)) of Eq. 9, at g = 0; called with (tau, zhat) it gives numbers."""

    def __call__(self, tau: Any, zhat: Any, rho: Any = None) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        (a11, a12), (a21, a22) = (tuple(series(tau, zhat, 0, rho) for series in row) for row in self)
        return (a11, a12), (a21, a22)

    def _repr_latex_(self) -> str:
        entries = [(f"A_{{{i}{j}}}", x) for i, row in enumerate(self, 1) for j, x in enumerate(row, 1)]
        return shown([series.row(left) for left, series in entries], EACH)


@dataclass(frozen=True)
class SingularVector:
    """Left and right singular vector of W - W0 in chain coordinates (THEORY 2, 4).

    The r-th pair is u = sum_i v_i a_i and v = sum_j v_j b_j with the same coordinates, v_(r-1) = 1;
    both have the squared norm given. Series in tau, exact through tau^(order + 1 - 2 r).
    """

    coordinates: tuple[Series, ...]
    squared_norm: Series

    def rows(self, r: str = "") -> list[Row]:
        """What Jupyter shows; ``r`` is the number of the pair."""
        pairs = [
            series.row(f"v^{{({r})}}_{{{j}}}" if r else f"v_{{{j}}}")
            for j, series in enumerate(self.coordinates)
        ]
        return [*pairs, self.squared_norm.row(rf"\lvert v{f'^{{({r})}}' if r else ''} \rvert^{{2}}")]

    def _repr_latex_(self) -> str:
        note = r"$u = \sum_j v_j a_j$ on the left, $v = \sum_j v_j b_j$ on the right"
        return shown(self.rows(), r"\texttt{print} a coordinate", note)


class SingularVectors(tuple[SingularVector, ...]):
    """The singular vectors to s_1, s_2, ..."""

    def _repr_latex_(self) -> str:
        rows = [row.first(FIRST) for r, vector in enumerate(self, 1) for row in vector.rows(str(r))]
        return shown(rows, r"one entry, and \texttt{print} a coordinate")


def expansion_latex(
    task: FixedPointTask, order: int, singular_values: int, series: Callable[[Observable], Series]
) -> str:
    """What Jupyter shows of an expansion: the first powers of every observable."""
    rows = [series(x).row(x.latex).first(FIRST) for x in expanded_observables(task, singular_values)]
    example = r"an entry such as \texttt{x.readout}; also \texttt{x.W}"
    return shown(rows, example, f"Expansion of order {order}")
