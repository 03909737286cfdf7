"""Fresh trials of every epoch for many networks, each network's own and the same in every grid.

Trials are drawn in blocks of `BLOCK` epochs from (seed, N, g, block): where training stops and goes
on, on which device, and beside which other networks makes no difference to them. For a GPU the next
block is drawn while this one is trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch

from verify.training.networks import TRIALS_STREAM, Identity
from verify.training.tasks.task import Task, Trials

BLOCK = 50
DRAWERS = 8  # threads that draw ahead

Loaded = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


class FreshTrials:
    """``batches(epoch)`` gives inputs, targets and mask, each (network, step, trial, channel)."""

    def __init__(self, task: Task, identities: Sequence[Identity], device: str, dtype: torch.dtype) -> None:
        self.task, self.identities = task, identities
        self.device, self.dtype = device, dtype
        self._block = -1
        self._pool = None if device == "cpu" else ThreadPoolExecutor(DRAWERS)
        self._ahead: dict[int, list[Future[Trials]]] = {}
        self._arrays: Loaded

    def __call__(self, epoch: int) -> Loaded:
        block, within = divmod(epoch, BLOCK)
        if block != self._block:
            self._arrays = self._stacked(self._drawn(block))
            self._block = block
        inputs, targets, mask = self._arrays
        return inputs[:, within], targets[:, within], mask[:, within]

    def _drawn(self, block: int) -> list[Trials]:
        if self._pool is None:
            return [_draw(self.task, identity, block) for identity in self.identities]
        drawn = self._ahead.pop(block, None) or self._submitted(block)
        self._ahead = {block + 1: self._submitted(block + 1)}
        return [each.result() for each in drawn]

    def _submitted(self, block: int) -> list[Future[Trials]]:
        assert self._pool is not None
        return [self._pool.submit(_draw, self.task, identity, block) for identity in self.identities]

    def _stacked(self, drawn: list[Trials]) -> Loaded:
        def stack(name: str) -> torch.Tensor:
            arrays = np.stack([getattr(trials, name) for trials in drawn])
            blocks = torch.from_numpy(arrays).view(len(drawn), BLOCK, self.task.batch, *arrays.shape[2:])
            return blocks.transpose(2, 3).to(self.device, self.dtype)

        return stack("inputs"), stack("targets"), stack("mask")


def _draw(task: Task, identity: Identity, block: int) -> Trials:
    """One network's trials; a thread that draws them holds nothing that is on the device."""
    return task.trials(identity.generator(TRIALS_STREAM, block), BLOCK * task.batch)
