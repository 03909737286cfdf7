"""Optimizers on many networks at once: descent, descent with momentum, Adam; each network as if alone.

sgd        x <- x - eta grad
momentum   v <- mu v + grad,  x <- x - eta v                      (mu = 0.9)
adam       m <- b1 m + (1 - b1) grad,  v <- b2 v + (1 - b2) grad^2,
           x <- x - eta (m/(1 - b1^t)) / (sqrt(v/(1 - b2^t)) + eps)   (0.9, 0.999, 1e-8)
"""

from __future__ import annotations

from collections.abc import Callable

import torch

OPTIMIZERS = ("adam", "sgd", "momentum")
MOMENTUM = 0.9
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
ADAM_RATE, DESCENT_RATE = 0.05, 0.05
"""Default rates: Adam 0.05/N and descent 0.05 (the authors' switches); momentum 0.05 (1 - mu)."""


def default_rate(optimizer: str, size: int) -> float:
    """The learning rate of a task that names none."""
    if optimizer == "adam":
        return ADAM_RATE / size
    return DESCENT_RATE * (1 - MOMENTUM) if optimizer == "momentum" else DESCENT_RATE


class Optimizer:
    """Steps of ``parameters`` along ``gradients``, lists of tensors with a leading network axis.

    ``clip``: where not None, each network's whole gradient is scaled down to at most this norm. A recorded
    graph can hold a step: the count of steps is a tensor, and the numbers given here never change.
    """

    def __init__(
        self,
        name: str,
        parameters: list[torch.Tensor],
        gradients: list[torch.Tensor],
        rate: float,
        clip: float | None = None,
    ) -> None:
        self.parameters, self.gradients, self._rate, self._clip = parameters, gradients, rate, clip
        slots = {"adam": 2, "momentum": 1, "sgd": 0}[name]
        self.state = [[torch.zeros_like(p) for p in parameters] for _ in range(slots)]
        self.count = torch.zeros((), dtype=torch.float64, device=parameters[0].device)
        self._step: Callable[[], None] = {"adam": self._adam, "momentum": self._momentum, "sgd": self._sgd}[
            name
        ]

    def step(self) -> None:
        if self._clip is not None:
            squares = [gradient.square().sum(dim=(1, 2)) for gradient in self.gradients]
            norm = sum(squares[1:], squares[0]).sqrt()
            scale = (self._clip / norm).clamp(max=1)
            for gradient in self.gradients:
                gradient.mul_(scale[:, None, None])
        self.count.add_(1)
        self._step()

    def _sgd(self) -> None:
        for parameter, gradient in zip(self.parameters, self.gradients, strict=True):
            parameter.add_(gradient, alpha=-self._rate)

    def _momentum(self) -> None:
        for parameter, gradient, velocity in zip(self.parameters, self.gradients, self.state[0], strict=True):
            velocity.mul_(MOMENTUM).add_(gradient)
            parameter.add_(velocity, alpha=-self._rate)

    def _adam(self) -> None:
        first = (self._rate / (1 - BETA_1**self.count)).to(self.parameters[0].dtype)
        second = (1 - BETA_2**self.count).sqrt().to(self.parameters[0].dtype)
        for parameter, gradient, mean, square in zip(
            self.parameters, self.gradients, *self.state, strict=True
        ):
            mean.lerp_(gradient, 1 - BETA_1)
            square.mul_(BETA_2).addcmul_(gradient, gradient, value=1 - BETA_2)
            size = square.sqrt().div_(second).add_(EPSILON)
            parameter.sub_(size.reciprocal_().mul_(mean).mul_(first))
