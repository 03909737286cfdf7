"""One update of many networks: forward, backward, step; on a GPU recorded once and replayed."""

from __future__ import annotations

from collections.abc import Callable

import torch

from verify.device import recorded
from verify.training.batches import Loaded
from verify.training.dynamics import Dynamics
from verify.training.networks import Networks
from verify.training.optimizers import Optimizer
from verify.training.settings import Settings

WARM_UP = 3


class Update:
    """``update(trials)`` trains all networks once and returns their losses (network,) before it."""

    def __init__(self, networks: Networks, settings: Settings, steps: int) -> None:
        self.dynamics = Dynamics(networks, networks.task.batch, steps, settings.nonlinearity)
        parameters = networks.parts(networks.weights, networks.readout)
        gradients = networks.parts(self.dynamics.weights_gradient, self.dynamics.readout_gradient)
        self.optimizer = Optimizer(
            settings.optimizer,
            [parameters[part] for part in settings.train],
            [gradients[part] for part in settings.train],
            settings.rate,
            settings.clip,
        )
        self._replay: Callable[[], None] | None = None
        self._networks = networks

    def __call__(self, trials: Loaded) -> torch.Tensor:
        self.dynamics.load(*trials)
        if self._networks.weights.is_cuda:
            if self._replay is None:
                self._replay = self._recorded()
            self._replay()
        else:
            self._once()
        return self.dynamics.loss

    def _once(self) -> None:
        self.dynamics.backward(self.dynamics.forward())
        self.optimizer.step()

    def _recorded(self) -> Callable[[], None]:
        """The update as a graph: some 1,000 launches at the cost of one.

        What the warm-up changed is put back.
        """
        changed = [self._networks.weights, self._networks.readout, self.optimizer.count]
        changed += [tensor for slot in self.optimizer.state for tensor in slot]
        before = [tensor.clone() for tensor in changed]
        replay, _ = recorded(self._once, self._networks.weights.device, WARM_UP)
        for tensor, value in zip(changed, before, strict=True):
            tensor.copy_(value)
        return replay
