"""How label noise erases what gradient flow conserves, and how long a memory lives (THEORY 10).

For a linear network with all vectors learning, gradient flow conserves the N x N matrix K = X J X^T,
J = diag(+1 on Z, V; -1 on M, U). J anticommutes with F, so that one epoch of descent gives, exactly,

    K' = X J (1 - lr^2 F^2) X^T.

Near zero loss F = sum_a (n_a + f_a) E_a: the noise n of this epoch, and the derivatives f = H dV that the
noise of the epochs before has left, H the Hessian by the visible overlaps and G their preconditioner,

    f <- f - lr H G (f + n),    Cov(f) = (1 - lr H G) Cov(f) (1 - lr G H) + lr^2 H G Cov(n) G H,

Cov(n) of `derive.overlaps.noise.visible_noise`; for one direction of curvature h = HG, Cov(f) = Cov(n)
lr h/(2 - lr h). So

    E[K'] = X J (1 - lr^2 Q) X^T,    Q = sum_ab (Cov(n) + Cov(f))_ab E_a E_b,

Q positive semidefinite and proportional to sigma^2: the noise draws K to zero. |K|^2 = N^2 tr(J S J S), so
that K fades at lr^2 tr(J Q S J S)/tr(J S J S) an epoch; its inverse is the lifetime of what the invisible
overlaps remember: 1/(lr^2 sigma^2) times a number of the learned function, and shorter by the factor
2 - lr h near the limit of stability lr h = 2. The part along an eigenvector of Q with the eigenvalue q
lives 1/(lr^2 q) epochs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.noise.visible_noise import derivative_covariance, unit_directions, update_directions
from derive.overlaps.problem import Matrix


@dataclass(frozen=True, eq=False)
class Fading:
    """``rates``: fading of the parts of K an epoch, rising, shape (P,); ``lifetime`` of K in epochs
    (its norm falls as exp(-epochs/lifetime)), infinite without noise or with K = 0."""

    rates: Array
    lifetime: float


def noise_matrix(loss: LinearTask, S: Matrix, learning_rate: float, noise: float) -> Matrix:
    """Q, shape (P, P), at overlaps S of zero loss; at learning_rate 0 that of the noise alone.

    Raises ValueError for frozen vectors (K is conserved only where all learn), and for a learning rate
    above the limit of stability.
    """
    if not all(loss.problem.learns):
        raise ValueError(f"frozen {', '.join(loss.problem.frozen)}: allowed with all vectors learning")
    slopes = loss.taylor(loss.visible(S), unit_directions(loss), 1).outputs[:, 1]
    E = update_directions(loss.problem)
    of_noise = derivative_covariance(loss, slopes, noise)
    H = _hessian(loss, slopes)
    covariance = of_noise + _left_over(H, _preconditioner(E, S), of_noise, learning_rate)
    return np.asarray(np.einsum("aij,ajk->ik", E, np.tensordot(covariance, E, 1)))


def rate_limit(loss: LinearTask, S: Matrix) -> float:
    """The learning rate above which descent is not stable at overlaps S of zero loss, 2/h."""
    slopes = loss.taylor(loss.visible(S), unit_directions(loss), 1).outputs[:, 1]
    curvature, _ = _curvature(_hessian(loss, slopes), _preconditioner(update_directions(loss.problem), S))
    return 2 / float(np.abs(np.linalg.eigvals(curvature)).max())


def fading(loss: LinearTask, S: Matrix, learning_rate: float, noise: float) -> Fading:
    """How fast K fades at overlaps S of zero loss. Raises ValueError as `noise_matrix` does."""
    Q = noise_matrix(loss, S, learning_rate, noise)
    J = np.ones(len(S))
    J[loss.readers :] = -1
    JS = J[:, None] * S
    norm = float(np.trace(JS @ JS))
    rate = learning_rate**2 * float(np.trace((J[:, None] * Q) @ S @ JS))
    lifetime = norm / rate if rate > 0 and norm > 0 else float("inf")
    return Fading(np.asarray(learning_rate**2 * np.linalg.eigvalsh(Q)), lifetime)


def _preconditioner(E: Array, S: Matrix) -> Matrix:
    """G_ab = tr(E_a S E_b) over the visible overlaps, shape (n, n): all vectors learn."""
    return np.asarray(np.einsum("aij,jk,bki->ab", E, S, E, optimize=True))


def _hessian(loss: LinearTask, slopes: Array) -> Matrix:
    """d2L/da db where there is no error, from dy/da, shape (n, outputs, T * trials)."""
    weighted = (np.sqrt(2 * loss.weights) * slopes).reshape(len(slopes), -1)
    return np.asarray(weighted @ weighted.T)


def _curvature(H: Matrix, G: Matrix) -> tuple[Matrix, Matrix]:
    """H G on the range of H, and an orthonormal basis of that, (n, rank)."""
    values, vectors = np.linalg.eigh(H)
    basis = vectors[:, values > 1e-13 * max(float(values[-1]), 1e-300)]
    return np.asarray(basis.T @ H @ G @ basis), basis


def _left_over(H: Matrix, G: Matrix, of_noise: Matrix, learning_rate: float) -> Matrix:
    """Cov(f), on the range of H, which holds that of the noise."""
    from scipy.linalg import solve_discrete_lyapunov

    curvature, basis = _curvature(H, G)
    if not curvature.size or not learning_rate:
        return np.zeros_like(H)
    largest = float(np.abs(np.linalg.eigvals(curvature)).max())
    if learning_rate * largest >= 2:
        raise ValueError(
            f"learning rate {learning_rate:g}: allowed at these overlaps is less than {2 / largest:.4g}, "
            "beyond which descent is not stable"
        )
    step = np.eye(len(curvature)) - learning_rate * curvature
    driven = learning_rate**2 * curvature @ (basis.T @ of_noise @ basis) @ curvature.T
    return np.asarray(basis @ solve_discrete_lyapunov(step, driven) @ basis.T)
