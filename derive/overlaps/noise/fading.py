"""How label noise erases what gradient flow conserves, and how long a memory lives (THEORY 10).

For a linear network with all vectors learning, gradient flow conserves the N x N matrix K = X J X^T,
J = diag(+1 on Z, V; -1 on M, U). J anticommutes with F. With dF = sum_a n_a E_a the noise of one epoch at
zero loss, X -> X (1 - lr dF) gives, exactly,

    E[K'] = X J (1 - lr^2 Q) X^T,    Q = sum_ab Cov(n_a, n_b) E_a E_b,

Q positive semidefinite and proportional to sigma^2: the noise draws K to zero. |K|^2 = N^2 tr(J S J S), so
that K fades at lr^2 tr(J Q S J S)/tr(J S J S) an epoch; its inverse is the lifetime of what the invisible
overlaps remember. The part along an eigenvector of Q with the eigenvalue q lives 1/(lr^2 q) epochs. Q holds
the slopes dy/da of the learned function only, and so is known from the task.

Zero eigenvalues of Q, if any, are directions that the noise does not touch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.overlaps.linear_task import LinearTask
from derive.overlaps.noise.visible_noise import derivative_covariance, unit_directions, update_directions
from derive.overlaps.problem import Matrix

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fading:
    """``rates``: fading of the parts of K an epoch, rising, shape (P,); ``lifetime`` of K in epochs
    (its norm falls as exp(-epochs/lifetime)), infinite without noise or with K = 0."""

    rates: Array
    lifetime: float


def noise_matrix(loss: LinearTask, S: Matrix, noise: float) -> Matrix:
    """Q, shape (P, P), at the overlaps S.

    Raises ValueError for frozen vectors: K is conserved only where all learn.
    """
    if not all(loss.problem.learns):
        raise ValueError(f"frozen {', '.join(loss.problem.frozen)}: allowed with all vectors learning")
    slopes = loss.taylor(loss.visible(S), unit_directions(loss), 1).outputs[:, 1]
    E = update_directions(loss.problem)
    covariance = derivative_covariance(loss, slopes, noise)
    return np.asarray(np.einsum("aij,ajk->ik", E, np.tensordot(covariance, E, 1)))


def fading(loss: LinearTask, S: Matrix, learning_rate: float, noise: float) -> Fading:
    """How fast K fades at overlaps S of zero loss. Raises ValueError as `noise_matrix` does."""
    Q = noise_matrix(loss, S, noise)
    J = np.ones(len(S))
    J[loss.readers :] = -1
    JS = J[:, None] * S
    norm = float(np.trace(JS @ JS))
    rate = learning_rate**2 * float(np.trace((J[:, None] * Q) @ S @ JS))
    lifetime = norm / rate if rate > 0 and norm > 0 else float("inf")
    return Fading(np.asarray(learning_rate**2 * np.linalg.eigvalsh(Q)), lifetime)
