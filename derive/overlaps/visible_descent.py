"""Gradient descent directly on the loss-visible overlaps, without their preconditioner (Ger and Barak 2026).

A network that learns by gradient descent moves its visible overlaps by -G dL/dsigma. Direct descent,
sigma <- sigma - lr dL/dsigma, is what one gets by taking the effective network for the network: it learns
the same function along another path, and more slowly. The invisible overlaps do not appear in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from derive.overlaps.descent import check_rate, epoch_by_epoch
from derive.overlaps.loss import Loss
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.visibility import visible_overlaps


def visible_descent(
    problem: OverlapProblem, losses: Iterable[Loss], S: Matrix, learning_rate: float
) -> Iterator[tuple[float, Matrix]]:
    """Yield the loss and S before learning and after every epoch; ``losses`` gives the loss of each.

    Frozen vectors do not restrict it: the overlaps themselves are the parameters. Raises ValueError for
    learning_rate <= 0, `LossNotFinite` where loss or overlaps overflow.
    """
    check_rate(learning_rate)
    moves = np.zeros_like(S)
    for name in visible_overlaps(problem):
        row, column = problem.pairs[name]
        moves[row, column] = moves[column, row] = 1
    # an overlap counts once: dL/dsigma_ij = D_ij + D_ji, and D_ii on the diagonal
    moves[np.diag_indices(len(S))] /= 2

    def moved(S: Matrix, derivatives: Matrix) -> Matrix:
        return np.asarray(S - learning_rate * moves * (derivatives + derivatives.T))

    return epoch_by_epoch(losses, S, moved)
