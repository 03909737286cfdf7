"""Where the task of each epoch comes from: one batch for all epochs, or a new one for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from derive.overlaps.tasks import WeightedTrials


@dataclass(frozen=True, eq=False)
class BatchSource:
    """``draw`` makes a batch from a random generator; the batch of an epoch depends on ``seed`` and on the
    epoch alone, so that everything that learns from one source sees the same trials. ``fixed``: the batch
    of epoch 0 at every epoch."""

    draw: Callable[[np.random.Generator], WeightedTrials]
    seed: int = 0
    fixed: bool = False

    def batch(self, epoch: int) -> WeightedTrials:
        """The task of one epoch, 0, 1, ..."""
        return self.draw(np.random.default_rng((self.seed, 0 if self.fixed else epoch)))

    def tasks(self) -> Iterator[WeightedTrials]:
        """The task of every epoch, without end."""
        epoch, task = 0, self.batch(0)
        while True:
            yield task
            epoch += 1
            task = task if self.fixed else self.batch(epoch)


def one_task(task: WeightedTrials) -> BatchSource:
    """The given task at every epoch."""
    return BatchSource(lambda _: task, fixed=True)
