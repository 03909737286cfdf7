"""What is kept of one trained network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from verify.training.networks import Identity, Network
from verify.training.settings import Settings

CONVERGED = 0.05
"""A network has converged when its loss is below this part of its own loss at epoch 0 (the paper's 5%)."""

KEPT_RANK = 12
RECORDS = 40
"""Looks at dW along training; each keeps its leading `KEPT_RANK` singular triplets."""


def look_every(epochs: int) -> int:
    """Epochs from one look at dW to the next."""
    return max(1, epochs // RECORDS)


def looks(epochs: int) -> int:
    """How many looks a training of so many epochs has."""
    return -(-epochs // look_every(epochs))


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """``loss`` (epochs,) of every epoch's fresh trials, before its update; ``end`` the trained network.

    At the epochs ``recorded``, before their updates: ``norms`` |dW|, ``strengths`` (record, rank)
    singular values of dW with ``left`` and ``right`` (record, N, rank).
    """

    task: str
    identity: Identity
    settings: Settings
    loss: Array
    recorded: NDArray[np.int64]
    norms: Array
    strengths: Array
    left: NDArray[np.float32]
    right: NDArray[np.float32]
    end: Network

    @property
    def initial_loss(self) -> float:
        return float(self.loss[0])

    @property
    def finite(self) -> bool:
        """Whether the network stayed among the finite numbers."""
        return bool(np.isfinite(self.loss).all() and np.isfinite(self.end.W).all())

    @property
    def convergence_epoch(self) -> int | None:
        """First epoch with a loss below 5% of the first one; None where there is none."""
        below = np.flatnonzero(self.loss < CONVERGED * self.loss[0])
        return int(below[0]) if len(below) else None
