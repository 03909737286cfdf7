"""What a loss in overlap space is: its value and its derivatives by the entries of S (THEORY 6)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from derive.overlaps.problem import Matrix, OverlapProblem

# S, shape (P, P) -> (L, D) with D_ij = dL/dS_ij where every entry of S counts as its own variable
Loss = Callable[[Matrix], tuple[float, Matrix]]


def update_matrix(problem: OverlapProblem, derivatives: Matrix) -> Matrix:
    """F of THEORY 6: D + D^T, the columns of frozen vectors zero; dX/dtau = -X F."""
    F = derivatives + derivatives.T
    if problem.frozen:
        F[:, ~np.array(problem.learns)] = 0
    return F
