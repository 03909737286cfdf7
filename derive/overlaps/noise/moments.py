"""Mean and covariance of S under label noise, to second order in its size (THEORY 10).

One epoch takes S to M^T S M, M = 1 - lr F(S), noise included in F. With G(S) the map without noise,
E_a and Cov(n) of `derive.overlaps.noise.visible_noise`,

    mean'  = G(mean) + (1/2) G''[Sigma] + lr^2 sum_ab Cov(n_a, n_b) E_a^T S E_b,
    Sigma' = G' Sigma G'^T + lr^2 sum_ab Cov(n_a, n_b) B_a B_b^T,    B_a = E_a^T S M + M^T S E_a.

The first line may not be iterated without the second: F depends on S, and the spread of S acts at the
same order sigma^2. With H = d2L/da db, T_a = sum_bc (d3L/da db dc) Sigma_bc and W_a = sum_b H_ab Sigma_b.,

    (1/2) G''[Sigma] = -lr sum_a (E_a^T W_a M + M^T W_a E_a) - (lr/2) sum_a T_a B_a
                       + lr^2 sum_ab (H Sigma H)_ab E_a^T S E_b.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, repeat

import numpy as np

from derive.arrays import Array
from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.descent import LossNotFinite, check_rate
from derive.overlaps.noise.visible_noise import derivative_covariance, unit_directions, update_directions
from derive.overlaps.problem import Matrix, OverlapProblem


@dataclass(frozen=True, eq=False)
class NoisyState:
    """``loss``: the mean loss against targets without noise; ``mean`` S, (P, P); ``covariance`` of the
    entries of S row by row, (P^2, P^2)."""

    loss: float
    mean: Matrix
    covariance: Array

    @property
    def deviation(self) -> Matrix:
        """The standard deviation of every entry of S, shape (P, P)."""
        variance = np.diagonal(self.covariance).reshape(self.mean.shape)
        return np.asarray(np.sqrt(np.maximum(variance, 0)))


@dataclass(frozen=True, eq=False)
class NoisyCurve:
    """``loss`` (n,), mean ``overlaps`` (n, P, P), their standard ``deviation`` (n, P, P), before learning
    and after every epoch, and the ``covariance`` at the end, (P^2, P^2)."""

    problem: OverlapProblem
    loss: Array
    overlaps: Array
    deviation: Array
    covariance: Array


def noisy_descent(
    losses: Iterator[LinearTask], S: Matrix, learning_rate: float, noise: float
) -> Iterator[NoisyState]:
    """Yield the state before learning and after every epoch; ``losses`` gives the task of each epoch.

    Raises ValueError for learning_rate <= 0 or noise < 0, `LossNotFinite` when something overflows.
    """
    check_rate(learning_rate)
    if not noise >= 0:
        raise ValueError(f"label noise {noise}: allowed are numbers >= 0")
    mean, covariance = S, np.zeros((S.size, S.size))
    for epoch, loss in enumerate(losses):
        with np.errstate(all="ignore"):
            value, following = _step(loss, mean, covariance, learning_rate, noise)
        if not (np.isfinite(value) and np.isfinite(mean).all() and np.isfinite(covariance).all()):
            raise LossNotFinite(epoch)
        yield NoisyState(value, mean, covariance)
        mean, covariance = following


def noisy_curve(loss: LinearTask, S: Matrix, learning_rate: float, noise: float, epochs: int) -> NoisyCurve:
    """The mean and the spread of S for ``epochs`` epochs of one task. Raises as `noisy_descent` does."""
    states = noisy_descent(repeat(loss), S, learning_rate, noise)
    return collected(loss.problem, list(islice(states, epochs + 1)))


def collected(problem: OverlapProblem, states: list[NoisyState]) -> NoisyCurve:
    """The states as one curve. Raises ValueError where there is none."""
    if not states:
        raise ValueError("no states: allowed is at least one")
    return NoisyCurve(
        problem,
        np.array([state.loss for state in states]),
        np.array([state.mean for state in states]),
        np.array([state.deviation for state in states]),
        states[-1].covariance,
    )


def _step(
    loss: LinearTask, S: Matrix, covariance: Array, learning_rate: float, noise: float
) -> tuple[float, tuple[Matrix, Array]]:
    """The mean loss, and mean and covariance after one epoch."""
    problem, lr = loss.problem, learning_rate
    size, V = problem.size, loss.visible(S)
    seen = _visible_entries(problem)
    E = update_directions(problem)
    first = loss.taylor(V, unit_directions(loss), 1)
    count = len(E)
    gradient = first.derivatives[0, 0].ravel()
    hessian = first.derivatives[:, 1].reshape(count, count)
    hessian = (hessian + hessian.T) / 2
    of_noise = derivative_covariance(loss, first.outputs[:, 1], noise)
    spread = covariance[np.ix_(seen, seen)]
    third = _third(loss, V, spread)
    M = np.eye(size) - lr * np.tensordot(gradient, E, 1)
    half = np.swapaxes(E, 1, 2) @ S @ M
    B = (half + np.swapaxes(half, 1, 2)).reshape(count, -1)
    W = (hessian @ covariance[seen]).reshape(count, size, size)
    moved = np.einsum("aji,ajk->ik", E, W) @ M
    quadratic = of_noise + hessian @ spread @ hessian
    mean = M.T @ S @ M - lr * (moved + moved.T) - lr / 2 * (third @ B).reshape(size, size)
    mean += lr**2 * np.einsum("aji,jk,akl->il", E, S, np.tensordot(quadratic, E, 1), optimize=True)
    jacobian = np.kron(M.T, M.T)
    jacobian[:, seen] -= lr * B.T @ hessian
    following = jacobian @ covariance @ jacobian.T + lr**2 * B.T @ of_noise @ B
    error = first.outputs[0, 0] - loss.target
    value = float(np.sum(loss.weights * error**2)) + float(np.sum(hessian * spread)) / 2
    return value, ((mean + mean.T) / 2, (following + following.T) / 2)


def _third(loss: LinearTask, V: Array, spread: Array) -> Array:
    """T_a = sum_bc (d3L/da db dc) spread_bc, shape (n,), along the axes of the spread."""
    values, vectors = np.linalg.eigh(spread)
    present = values > 1e-15 * max(float(values[-1]), 0.0)
    if not present.any() or values[-1] <= 0:
        return np.zeros(len(spread))
    axes = (vectors[:, present] * np.sqrt(values[present])).T.reshape(-1, *V.shape)
    return np.asarray(2 * loss.taylor(V, axes, 2).derivatives[:, 2].reshape(len(axes), -1).sum(axis=0))


def _visible_entries(problem: OverlapProblem) -> Array:
    """Where the entries of V stand in S row by row, shape (n,)."""
    readers = problem.outputs + problem.rank
    rows, columns = np.meshgrid(np.arange(readers), np.arange(readers, problem.size), indexing="ij")
    return np.asarray((rows * problem.size + columns).ravel())
