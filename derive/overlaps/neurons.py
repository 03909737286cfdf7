"""Neurons with weights: a finite network, or N = infinity by quadrature (THEORY 6).

At N = infinity neurons are exchangeable: a neuron is its row (z_i, v_i, m_i, u_i) of X, drawn from
the initial Gaussian, and only averages couple them. With nodes X_i and weights p_i in place of the
random neurons and 1/N,

    h_i = m_i k_M + u_i k_U,    kappa = sum_i p_i v_i phi(h_i),    y = sum_i p_i z_i phi(h_i),
    X_i <- X_i - lr (dL/dX_i) / p_i,    S = sum_i p_i X_i X_i^T,

is gradient descent of the limit network, for any phi and any task, as exact as the quadrature. With
N random rows and p_i = 1/N the same lines are gradient descent of a network of N neurons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np

from derive.arrays import Array
from derive.overlaps.descent import LossNotFinite, OverlapCurve, check_rate, curve_of
from derive.overlaps.nonlinearity import NONLINEARITIES, gauss_hermite
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.sampling import semidefinite_root
from derive.overlaps.tasks import WeightedTrials

# nodes a dimension beyond which a tensor rule is too large to be useful
LARGEST_RULE = 2**18


@dataclass(frozen=True, eq=False)
class Neurons:
    """Rows X, shape (K, P), and weights, shape (K,), which sum to 1."""

    X: Array
    weights: Array

    @property
    def overlaps(self) -> Matrix:
        """S = sum_i p_i X_i X_i^T, shape (P, P)."""
        return np.asarray((self.X.T * self.weights) @ self.X)

    @classmethod
    def network(cls, X: Array) -> Neurons:
        """A network of N neurons, X of shape (N, P)."""
        return cls(X, np.full(len(X), 1 / len(X)))


def gauss_hermite_neurons(problem: OverlapProblem, S: Matrix, nodes: int) -> Neurons:
    """The tensor rule with ``nodes`` nodes a dimension for a Gaussian of covariance S.

    For an odd phi a node and its mirror image learn as one, so that only half of them stand here.
    Raises ValueError where S is not positive semidefinite or the rule has too many nodes.
    """
    root = semidefinite_root(problem.check(S))
    dimension = len(root)
    if nodes < 2 or nodes**dimension > LARGEST_RULE:
        raise ValueError(
            f"{nodes} nodes in {dimension} dimensions: allowed are at least 2 and {LARGEST_RULE} in all "
            "(take quasi-Monte Carlo above)"
        )
    points, weights = gauss_hermite(nodes)
    grid = np.stack(np.meshgrid(*[points] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)
    product = np.ones(1)
    for _ in range(dimension):
        product = np.multiply.outer(product, weights).ravel()
    if NONLINEARITIES[problem.nonlinearity].odd:
        # the grid runs from -x to x: node i mirrors node -1-i, and the origin, if there, itself
        half, origin = divmod(len(grid), 2)
        grid, product = grid[: half + origin], 2 * product[: half + origin]
        if origin:
            product[-1] /= 2
    return Neurons(grid @ root, product)


def quasi_random_neurons(problem: OverlapProblem, S: Matrix, count: int, seed: int) -> Neurons:
    """``count`` scrambled Sobol points, made Gaussian, with overlaps S exactly.

    A power of two is best. Raises ValueError where S is not positive semidefinite.
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    root = semidefinite_root(problem.check(S))
    sobol = qmc.Sobol(len(root), scramble=True, rng=np.random.default_rng(seed))
    uniform = sobol.random(count)
    points = ndtri(np.clip(uniform, 1e-15, 1 - 1e-15))
    moment = np.linalg.cholesky(points.T @ points / count)
    whitened = np.linalg.solve(moment, points.T).T
    return Neurons(whitened @ root, np.full(count, 1 / count))


def loss_and_gradient(problem: OverlapProblem, task: WeightedTrials, neurons: Neurons) -> tuple[float, Array]:
    """L, and dL/dX_i divided by p_i, shape (K, P), by backpropagation through time."""
    phi = NONLINEARITIES[problem.nonlinearity]
    blocks, rank, dt = problem.blocks, problem.rank, task.dt
    source = neurons.X[:, blocks["m"].start :]  # m_i, u_i
    reader = np.hstack([neurons.X[:, blocks["v"]], neurons.X[:, blocks["z"]]])
    weighted = neurons.weights[:, None] * reader
    states = np.zeros((task.steps + 1, problem.inputs + rank, task.trials))
    reading = np.zeros((task.steps + 1, rank + problem.outputs, task.trials))
    activity = np.zeros((task.steps + 1, len(neurons.X), task.trials))
    for n in range(task.steps):
        drive = np.vstack([task.inputs[:, n].T, reading[n, :rank]])
        states[n + 1] = (1 - dt) * states[n] + dt * drive
        activity[n + 1] = phi.function(source @ states[n + 1])
        reading[n + 1] = weighted.T @ activity[n + 1]
    error = reading[1:, rank:].transpose(2, 0, 1) - task.targets
    residual = 2 * task.weights * error
    adjoint = np.zeros((problem.inputs + rank, task.trials))
    d_reader, d_source = np.zeros_like(reader), np.zeros_like(source)
    for n in range(task.steps, 0, -1):
        worth = np.vstack([dt * adjoint[problem.inputs :], residual[:, n - 1].T])
        by_activity = (reader @ worth) * phi.derivative(source @ states[n])
        d_reader += activity[n] @ worth.T
        d_source += by_activity @ states[n].T
        adjoint = (1 - dt) * adjoint + (source.T * neurons.weights) @ by_activity
    gradient = np.empty_like(neurons.X)
    gradient[:, blocks["v"]], gradient[:, blocks["z"]] = d_reader[:, :rank], d_reader[:, rank:]
    gradient[:, blocks["m"].start :] = d_source
    gradient[:, ~np.array(problem.learns)] = 0
    return float(np.sum(task.weights * error**2)), gradient


def output(problem: OverlapProblem, task: WeightedTrials, neurons: Neurons) -> Array:
    """The outputs y_n, shape (trials, T, outputs)."""
    silent = replace(task, targets=np.zeros_like(task.targets))
    phi, blocks, dt = NONLINEARITIES[problem.nonlinearity], problem.blocks, silent.dt
    source = neurons.X[:, blocks["m"].start :]
    weighted = neurons.weights[:, None] * np.hstack([neurons.X[:, blocks["v"]], neurons.X[:, blocks["z"]]])
    k = np.zeros((problem.inputs + problem.rank, task.trials))
    reading = np.zeros((problem.rank + problem.outputs, task.trials))
    outputs = np.empty((task.trials, task.steps, problem.outputs))
    for n in range(task.steps):
        k = (1 - dt) * k + dt * np.vstack([task.inputs[:, n].T, reading[: problem.rank]])
        reading = weighted.T @ phi.function(source @ k)
        outputs[:, n] = reading[problem.rank :].T
    return outputs


def descend_neurons(
    problem: OverlapProblem,
    task: WeightedTrials | Iterable[WeightedTrials],
    neurons: Neurons,
    learning_rate: float,
) -> Iterator[tuple[float, Neurons]]:
    """Yield the loss and the neurons before learning and after every epoch.

    ``task`` is one for all epochs, without end, or one for each (a batch drawn anew). Raises
    `LossNotFinite` when loss or neurons overflow, ValueError for a task that does not fit the problem or
    learning_rate <= 0.
    """
    check_rate(learning_rate)
    for epoch, batch in enumerate(repeat(task) if isinstance(task, WeightedTrials) else task):
        batch.fits(problem)
        with np.errstate(all="ignore"):
            loss, gradient = loss_and_gradient(problem, batch, neurons)
        if not np.isfinite(loss):
            raise LossNotFinite(epoch)
        yield loss, neurons
        neurons = Neurons(neurons.X - learning_rate * gradient, neurons.weights)


def neuron_curve(
    problem: OverlapProblem,
    task: WeightedTrials | Iterable[WeightedTrials],
    neurons: Neurons,
    learning_rate: float,
    epochs: int,
    each_epoch: Callable[[], None] = lambda: None,
) -> OverlapCurve:
    """The learning curve of the neurons under descent; entry 0 is before learning.

    ``each_epoch`` is called once an epoch (for a progress bar).

    Raises `LossNotFinite` with the curve of all epochs before, ValueError as `descend_neurons` does.
    """

    def states() -> Iterator[tuple[float, Matrix]]:
        for loss, current in descend_neurons(problem, task, neurons, learning_rate):
            each_epoch()
            yield loss, current.overlaps

    return curve_of(problem, states(), epochs)
