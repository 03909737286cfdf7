"""What noise on the targets does to the derivatives of the loss (THEORY 10).

Targets target + sigma xi, xi independent standard normal for every trial, step and output: by the visible
overlaps a, the entries of V = S_(Z,V)(M,U),

    dL/da -> dL/da + n_a,    n_a = -2 sigma sum weight xi dy/da,
    Cov(n_a, n_b) = 4 sigma^2 sum weight^2 (dy/da)(dy/db).

F = sum_a (dL/da) E_a with constant matrices E_a, so that the noise of F is sum_a n_a E_a.
"""

from __future__ import annotations

import numpy as np

from derive.arrays import Array
from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.problem import OverlapProblem


def update_directions(problem: OverlapProblem) -> Array:
    """E_a, shape (n, P, P), for the n entries of V row by row: F = sum_a (dL/da) E_a."""
    readers, size = problem.outputs + problem.rank, problem.size
    learns = np.array(problem.learns)
    E = np.zeros((readers * (size - readers), size, size))
    for a, (i, j) in enumerate((i, j) for i in range(readers) for j in range(readers, size)):
        E[a, i, j], E[a, j, i] = learns[j], learns[i]
    return E


def unit_directions(loss: LinearTask) -> Array:
    """The n unit matrices of V's shape, shape (n, outputs + rank, inputs + rank)."""
    rows = loss.readers
    columns = loss.problem.size - rows
    return np.eye(rows * columns).reshape(-1, rows, columns)


def derivative_covariance(loss: LinearTask, slopes: Array, noise: float) -> Array:
    """Cov(n_a, n_b), shape (n, n), from dy/da, shape (n, outputs, T * trials)."""
    weighted = (loss.weights * slopes).reshape(len(slopes), -1)
    return np.asarray(4 * noise**2 * weighted @ weighted.T)
