"""What is measured on a trained network (Schuessler et al. 2020, Figs. 1 and 2).

- truncation: W0 + the first R terms of dW's singular value decomposition, trained m and w; the loss
  on fresh trials for every R;
- functional rank: the first R whose truncation loss is below 5% of the one at R = 0 (as the authors
  computed it), or of the initial loss (as their text says);
- shuffle: the entries of W0 permuted at random, + dW; its loss over the network's loss at epoch 0;
- spectra: singular values of dW, W0 and W, eigenvalues of dW and W, explained variance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from derive.arrays import Array
from verify.training.dynamics import Dynamics
from verify.training.networks import SHUFFLE_STREAM, TEST_STREAM, Network, Networks, initial_network
from verify.training.run import CONVERGED, TrainedNetwork
from verify.training.tasks.task import Task, Trials

TEST_TRIALS = 512
RANKS = 26
"""Truncation at R = 0, ..., 25."""


@dataclass(frozen=True, eq=False)
class Measures:
    """``norm`` |dW|, ``singular_values`` of dW (N,), ``truncation_loss`` (RANKS,); None: there is none.

    A network that left the finite numbers has nan and None throughout.
    """

    norm: float
    singular_values: Array
    truncation_loss: Array
    functional_rank: int | None
    functional_rank_initial: int | None
    shuffled_loss: float
    explained_variance: Array


@dataclass(frozen=True, eq=False)
class Spectra:
    """Singular values (N,), descending, of dW, W0 and W; eigenvalues (N,) of dW and W."""

    change: Array
    initial: Array
    whole: Array
    change_eigenvalues: NDArray[np.complex128]
    whole_eigenvalues: NDArray[np.complex128]


def measure(task: Task, run: TrainedNetwork, trials: int = TEST_TRIALS, device: str = "cpu") -> Measures:
    """All measures of one network; every loss is over ``trials`` fresh trials."""
    if not run.finite:
        losses, none = np.full(RANKS, np.nan), np.full(len(run.end.W), np.nan)
        return Measures(np.nan, none, losses, None, None, np.nan, none)
    start, end = initial_network(task, run.identity), run.end
    change = end.W.astype(np.float64) - start.W
    left, strengths, right = np.linalg.svd(change)
    rng = run.identity.generator(TEST_STREAM)
    losses = np.array(
        [
            loss_of(
                task,
                Network(start.W + (left[:, :rank] * strengths[:rank]) @ right[:rank], end.m, end.w),
                task.trials(rng, trials if task.batch > 1 else 1),
                run.settings.nonlinearity,
                device,
            )
            for rank in range(RANKS)
        ]
    )
    shuffler = run.identity.generator(SHUFFLE_STREAM)
    shuffled = shuffler.permutation(start.W.ravel()).reshape(start.W.shape)
    shuffled_loss = loss_of(
        task,
        Network(shuffled + change, end.m, end.w),
        task.trials(rng, trials if task.batch > 1 else 1),
        run.settings.nonlinearity,
        device,
    )
    squares = strengths**2
    return Measures(
        norm=float(np.linalg.norm(change)),
        singular_values=strengths,
        truncation_loss=losses,
        functional_rank=functional_rank(losses, losses[0]),
        functional_rank_initial=functional_rank(losses, run.initial_loss),
        shuffled_loss=shuffled_loss / run.initial_loss,
        explained_variance=np.cumsum(squares) / (squares.sum() or np.nan),
    )


def functional_rank(losses: Array, reference: float) -> int | None:
    """The first R with a loss below 5% of the reference; None where no R has one.

    >>> functional_rank(np.array([1.0, 0.5, 0.04]), 1.0)
    2
    """
    below = np.flatnonzero(losses < CONVERGED * reference)
    return int(below[0]) if len(below) else None


def spectra(task: Task, run: TrainedNetwork) -> Spectra:
    """Singular values and eigenvalues at the end of training."""
    start, end = initial_network(task, run.identity).W.astype(np.float64), run.end.W.astype(np.float64)
    change, initial, whole = (
        np.asarray(np.linalg.svd(one, compute_uv=False), np.float64) for one in (end - start, start, end)
    )
    of_change, of_whole = (np.linalg.eigvals(one).astype(np.complex128) for one in (end - start, end))
    return Spectra(change, initial, whole, of_change, of_whole)


def loss_of(
    task: Task, network: Network, trials: Trials, nonlinearity: str | None = None, device: str = "cpu"
) -> float:
    """The loss of one network on given trials."""
    return float(_ran(task, network, trials, nonlinearity, device).loss)


def readouts_of(
    task: Task, network: Network, trials: Trials, nonlinearity: str | None = None, device: str = "cpu"
) -> Array:
    """z (trial, step, output) of one network on given trials."""
    z = _ran(task, network, trials, nonlinearity, device).readouts()[0].transpose(0, 1)
    result: Array = z.double().cpu().numpy()
    return result


def _ran(task: Task, network: Network, trials: Trials, nonlinearity: str | None, device: str) -> Dynamics:
    networks = Networks(task, [network], device)
    count, steps = trials.inputs.shape[:2]
    dynamics = Dynamics(networks, count, steps, nonlinearity or task.nonlinearity, gradients=False)
    inputs, targets, mask = (
        torch.from_numpy(getattr(trials, name)).to(device).transpose(0, 1)[None]
        for name in ("inputs", "targets", "mask")
    )
    dynamics.load(inputs, targets, mask)
    dynamics.forward()
    return dynamics
