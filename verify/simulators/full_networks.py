"""Simulators (a) and (b): full matrices W, through time and at the fixed point, many networks at once.

    W <- W - eta (z - zhat) dz/dW,      with momentum as `derive.exact.momentum.Momentum` has it,

with dz/dW by the adjoint of the Euler dynamics (`verify.truth.euler`, which the tests hold against
torch's autograd) or by autograd at the fixed point. Nothing derived enters: the outliers come from the
full W and the shuffled loss from the same network with another W0. Networks of one size are one
computation with W of shape (S, N, N), on a processor only as many of them as its cache holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from derive.arrays import Array
from verify.simulators.outliers_of_matrix import outliers_of_matrix
from verify.simulators.readouts import READOUTS
from verify.simulators.run import (
    DEFAULT,
    FACTORS,
    SINGULAR_VALUES,
    DescentTask,
    Options,
    SimulatedRun,
    listed_outliers,
    outlier_edge,
    padded_factors,
)
from verify.truth.descent import random_columns, range_sketch
from verify.truth.networks import UnrolledNetwork

SCALARS = ("readout", "loss", "gradient_norm", "frobenius_norm", "shuffled_loss")
CACHE = 2**20
"""Bytes of W that a core keeps at hand: beyond it networks one after another are faster than together."""

MATRICES = {"unrolled": 16, "fixed_point": 13}
"""Matrices of N x N that a run holds on a GPU at most, those of its recorded graphs among them."""


def run_bytes(simulator: str, size: int, dtype: str) -> int:
    """Memory of one run of several on a GPU, in bytes."""
    states = 2 * UnrolledNetwork.steps if simulator == "unrolled" else 0
    return (MATRICES[simulator] * size + states) * size * torch.finfo(getattr(torch, dtype)).bits // 8


def simulate_full(
    simulator: str,
    problems: Sequence[DescentTask],
    options: Options = DEFAULT,
    on_epoch: Callable[[], None] = lambda: None,
) -> list[SimulatedRun]:
    """The runs of ``problems``, of one size and number of epochs; g, zhat and learning rates may differ.

    ``on_epoch`` is called once for each epoch of each run. Raises ValueError for problems that differ in
    size, epochs or momentum.
    """
    shapes = {(problem.instance.size, problem.epochs) for problem in problems}
    if len(shapes) != 1:
        raise ValueError(f"(size, epochs) {sorted(shapes)}: allowed are runs of one size and as many epochs")
    if len({problem.momentum for problem in problems}) != 1:
        raise ValueError("runs of several momenta: allowed are runs of one")
    together = len(problems)
    if options.device == "cpu":
        (size, _), *_ = shapes
        together = max(CACHE // (size * size * torch.finfo(getattr(torch, options.dtype)).bits // 8), 1)
    return [
        run
        for start in range(0, len(problems), together)
        for run in _Descent(simulator, problems[start : start + together], options).run(on_epoch)
    ]


@dataclass(frozen=True, eq=False)
class _Looks:
    """What is recorded along the way; on the device, so that an epoch waits for nothing."""

    table: Tensor  # (E + 1, S, SCALARS)
    singular: Tensor  # (E + 1, S, SINGULAR_VALUES)
    outliers: dict[int, list[NDArray[np.complex128]]]  # by epoch, one entry a network


class _Descent:
    """Networks side by side; one that leaves the finite numbers stays as it is from then on."""

    def __init__(self, simulator: str, problems: Sequence[DescentTask], options: Options) -> None:
        self._simulator, self._problems = simulator, problems
        self._kind = {"dtype": getattr(torch, options.dtype), "device": options.device}
        instances = [problem.instance for problem in problems]
        self._start = self._stacked([instance.W0 for instance in instances])
        self._other = self._stacked([problem.shuffled() for problem in problems])
        m, w = (self._stacked([getattr(one, name) for one in instances]) for name in ("m", "w"))
        self._readouts = READOUTS[simulator](m, w)
        self._zhat = torch.tensor([problem.zhat for problem in problems], **self._kind)
        self._rate = torch.tensor([problem.learning_rate for problem in problems], **self._kind)
        self._edges = [outlier_edge(instance.W0) for instance in instances]
        self._epochs, self._momentum = problems[0].epochs, problems[0].momentum
        self._when = options.eigenvalue_epochs(self._epochs)
        self._random = random_columns(self._start, FACTORS + 4)

    def _stacked(self, arrays: list[NDArray[np.floating]]) -> Tensor:
        stack = torch.empty(len(arrays), *arrays[0].shape, **self._kind)
        for row, array in zip(stack, arrays, strict=True):
            row.copy_(torch.as_tensor(array))
        return stack

    def run(self, on_epoch: Callable[[], None]) -> list[SimulatedRun]:
        """All epochs; then a record for each network."""
        count, rows = len(self._problems), self._epochs + 1
        none = [listed_outliers(np.array([]), edge) for edge in self._edges]
        looks = _Looks(
            torch.full((rows, count, len(SCALARS)), torch.nan, **self._kind),
            torch.full((rows, count, SINGULAR_VALUES), torch.nan, **self._kind),
            {int(epoch): list(none) for epoch in self._when},
        )
        W, kept = self._start.clone(), torch.zeros_like(self._start)
        velocity = torch.zeros((), **self._kind)
        alive = torch.ones(count, dtype=torch.bool, device=W.device)
        for epoch in range(rows):
            z, gradient = self._readouts.with_gradient(W)
            error = z - self._zhat
            change = W - self._start
            alive = alive & torch.isfinite(error**2) & torch.isfinite(change).all(dim=2).all(dim=1)
            if not alive.any():
                break
            lives = alive[:, None, None]
            if not alive.all():
                change, gradient = torch.where(lives, change, kept), torch.where(lives, gradient, 0)
                error = torch.where(alive, error, 0)
            gradient = error[:, None, None] * gradient
            self._look(looks, epoch, W, change, alive, (z, error, gradient))
            kept = change
            if epoch < self._epochs:
                force = -self._rate[:, None, None] * gradient
                velocity = self._momentum.velocity(velocity, force)
                W = torch.where(lives, W + self._momentum.step(velocity, force), W)
                for _ in range(count):
                    on_epoch()
        return self._records(looks, kept)

    def _look(
        self,
        looks: _Looks,
        epoch: int,
        W: Tensor,
        change: Tensor,
        alive: Tensor,
        state: tuple[Tensor, Tensor, Tensor],
    ) -> None:
        z, error, gradient = state
        shuffled = self._zhat - self._readouts.readout(self._other + change)
        scalars = (
            z,
            error**2 / 2,
            torch.linalg.matrix_norm(gradient),
            torch.linalg.matrix_norm(change),
            shuffled**2 / 2,
        )
        unseen = torch.full((), torch.nan, **self._kind)
        looks.table[epoch] = torch.where(alive[:, None], torch.stack(scalars, dim=1), unseen)
        strengths = _low_rank(change, self._random)[1][:, :SINGULAR_VALUES]
        looks.singular[epoch, :, : strengths.shape[1]] = strengths
        looks.singular[epoch, :, strengths.shape[1] :] = 0
        looks.singular[epoch] = torch.where(alive[:, None], looks.singular[epoch], unseen)
        if epoch in looks.outliers:
            for index in torch.nonzero(alive).flatten().tolist():
                looks.outliers[epoch][index] = outliers_of_matrix(W[index], self._edges[index])

    def _records(self, looks: _Looks, change: Tensor) -> list[SimulatedRun]:
        left, strengths, right = (_numpy(part) for part in _low_rank(change, self._random))
        table, singular = _numpy(looks.table), _numpy(looks.singular)
        runs = []
        for index, problem in enumerate(self._problems):
            size = problem.instance.size
            finite = np.flatnonzero(np.isfinite(table[:, index, 0]))
            last = int(finite[-1]) if len(finite) else 0
            count = len(strengths[index]) if last else 0
            U, s, V, _ = padded_factors(
                left[index, :, :count], strengths[index, :count], right[index, :, :count], size
            )
            rest = float(np.sqrt(max(table[last, index, 3] ** 2 - np.sum(s**2), 0)))
            readout, loss, gradient_norm, frobenius_norm, shuffled_loss = table[:, index].T
            runs.append(
                SimulatedRun(
                    self._simulator,
                    problem.tau,
                    readout,
                    loss,
                    gradient_norm,
                    frobenius_norm,
                    shuffled_loss,
                    singular[:, index],
                    self._when,
                    np.array([found[index] for found in looks.outliers.values()]),
                    U,
                    s,
                    V,
                    {"factor_remainder": rest, "finite_epochs": float(last)},
                )
            )
        return runs


def _low_rank(change: Tensor, random: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    Q = range_sketch(change, random)
    U, s, Vt = torch.linalg.svd(Q.mT @ change, full_matrices=False)
    return Q @ U, s, Vt.mT


def _numpy(tensor: Tensor) -> Array:
    return np.asarray(tensor.to(torch.float64).cpu().numpy())
