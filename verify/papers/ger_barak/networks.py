"""Linear networks of N neurons under descent, label noise and Adam, neuron by neuron.

The gradient on X is X F/N, F of the network's own overlaps: that this is autograd's through the time loop,
to rounding, is what figures 1, 2, 5 and 12 and the tests show. It is used where epochs are many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from derive.arrays import Array
from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.problem import Matrix, OverlapProblem


@dataclass(frozen=True, eq=False)
class Phase:
    """``loss`` (E + 1,), ``overlaps`` (E + 1, P, P), entries of K (E + 1, pairs) and X at the end."""

    loss: Array
    overlaps: Array
    K: Array
    X: Array


def conserved(problem: OverlapProblem, X: Array, pairs: Array) -> Array:
    """Entries (i, j) of K = Z Z^T + V V^T - M M^T - U U^T, for pairs of shape (n, 2)."""
    signs = np.ones(problem.size)
    signs[problem.outputs + problem.rank :] = -1
    return np.asarray(np.sum(X[pairs[:, 0]] * signs * X[pairs[:, 1]], axis=1))


def learn(
    problem: OverlapProblem,
    X: Array,
    loss: LinearTask,
    rate: float,
    epochs: int,
    *,
    noise: float = 0.0,
    adam: bool = False,
    seed: int = 0,
    pairs: Array | None = None,
    step: Callable[[], None] = lambda: None,
) -> Phase:
    """Learn for ``epochs`` epochs: descent at N ``rate``, or Adam at ``rate`` a weight.

    ``noise``: of the target samples, drawn anew each epoch.
    """
    random, count = np.random.default_rng(seed), len(X)
    watched = np.zeros((0, 2), dtype=int) if pairs is None else pairs
    parameter = torch.tensor(X, requires_grad=True)
    stepper: torch.optim.Optimizer = (
        torch.optim.Adam([parameter], lr=rate) if adam else torch.optim.SGD([parameter], lr=rate * count)
    )
    losses, overlaps, K = [], [], []
    for epoch in range(epochs + 1):
        current = parameter.detach().numpy()
        S = current.T @ current / count
        error = noise * random.standard_normal(loss.target.shape) if noise else 0.0
        value, block = loss.block_derivatives(loss.visible(S), loss.target)
        if noise:
            block = loss.block_derivatives(loss.visible(S), loss.target + error)[1]
        losses.append(float(value))
        overlaps.append(S)
        K.append(conserved(problem, current, watched))
        if epoch == epochs:
            break
        parameter.grad = torch.tensor(current @ _update(loss, S, block) / count)
        stepper.step()
        step()
    return Phase(np.array(losses), np.array(overlaps), np.array(K), parameter.detach().numpy().copy())


def _update(loss: LinearTask, S: Matrix, block: Array) -> Matrix:
    F = np.zeros_like(S)
    F[: loss.readers, loss.readers :] = block
    return F + F.T
