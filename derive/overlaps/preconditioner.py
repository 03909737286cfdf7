"""The whole preconditioner: how every overlap moves with every derivative (Ger and Barak 2026, Fig. 11).

    dsigma/dtau = -G dL/dsigma        over all P(P + 1)/2 overlaps of X, for any loss of S.

G is symmetric and linear in the overlaps; the rows of the loss-visible overlaps over their own columns are
the preconditioner of `derive.overlaps.gram_flow`, the rows of the others drive the invisible overlaps. A
vector that is frozen takes part in no row that moves it.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.overlaps.gram_flow import Row, preconditioner_rows
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.visibility import visible_overlaps

KINDS = ("zero", "visible", "invisible", "mixed")


@dataclass(frozen=True)
class WholePreconditioner:
    """``names`` of the overlaps, the visible first; ``rows[a][b]``: G_ab = sum rows[a][b][c] sigma_c."""

    problem: OverlapProblem
    visible: tuple[str, ...]
    names: tuple[str, ...]
    rows: dict[str, Row]

    def entry(self, a: str, b: str) -> dict[str, int]:
        """The overlaps of G_ab with their counts; empty where it vanishes."""
        return self.rows[a].get(b, {})

    def kind(self, a: str, b: str) -> str:
        """Whether G_ab is zero, or made of loss-visible overlaps, of invisible ones, or of both."""
        seen = {name in self.visible for name in self.entry(a, b)}
        if not seen:
            return "zero"
        return "mixed" if len(seen) == 2 else "visible" if seen == {True} else "invisible"


def whole_preconditioner(problem: OverlapProblem) -> WholePreconditioner:
    """G over all overlaps, as if the loss could see them all; which it does see is found from the network."""
    visible = visible_overlaps(problem)
    names = visible + tuple(name for name in problem.names if name not in visible)
    rows = preconditioner_rows(problem, problem.names)
    return WholePreconditioner(problem, visible, names, {name: rows[name] for name in names})
