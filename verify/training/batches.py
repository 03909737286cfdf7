"""Fresh trials of every epoch for many networks, each network's own and the same in every grid.

Trials are drawn in blocks of `BLOCK` epochs from (seed, N, g, block): where training stops and goes
on, on which device, and beside which other networks makes no difference to them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from verify.training.networks import TRIALS_STREAM, Identity
from verify.training.tasks.task import Task, Trials

BLOCK = 50

Loaded = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


class Batches:
    """``batches(epoch)`` gives inputs, targets and mask, each (network, step, trial, channel)."""

    def __init__(self, task: Task, identities: Sequence[Identity], device: str, dtype: torch.dtype) -> None:
        self.task, self.identities = task, identities
        self.device, self.dtype = device, dtype
        self._block = -1
        self._arrays: Loaded

    def __call__(self, epoch: int) -> Loaded:
        block, within = divmod(epoch, BLOCK)
        if block != self._block:
            count = BLOCK * self.task.batch
            drawn = [
                self.task.trials(identity.generator(TRIALS_STREAM, block), count)
                for identity in self.identities
            ]
            self._arrays = self._stacked(drawn)
            self._block = block
        inputs, targets, mask = self._arrays
        return inputs[:, within], targets[:, within], mask[:, within]

    def _stacked(self, drawn: list[Trials]) -> Loaded:
        def stack(name: str) -> torch.Tensor:
            arrays = np.stack([getattr(trials, name) for trials in drawn])
            blocks = torch.from_numpy(arrays).view(len(drawn), BLOCK, self.task.batch, *arrays.shape[2:])
            return blocks.transpose(2, 3).to(self.device, self.dtype)

        return stack("inputs"), stack("targets"), stack("mask")
