"""Low-rank networks in torch, float64, trained by plain gradient descent (THEORY 6).

    h <- h + dt (-h + U V^T phi(h)/N + M x_n),    y_n = Z^T phi(h)/N after the step,    h_0 = 0

with X = [Z V M U] the one parameter, autograd through time, nothing derived. Plain descent uses the
learning rate N lr, so that lr is the rate of the overlaps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from derive.arrays import Array
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.tasks import WeightedTrials

PHI: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda h: h,
    "erf": lambda h: torch.erf(torch.pi**0.5 / 2 * h),
    "tanh": torch.tanh,
    "relu": torch.relu,
}


class LowRankNetwork(nn.Module):
    """X, shape (N, P), as a parameter; called with a task it gives the outputs (trials, T, Q)."""

    def __init__(self, problem: OverlapProblem, X: Array) -> None:
        super().__init__()
        self.problem = problem
        self.X = nn.Parameter(torch.tensor(X, dtype=torch.float64))

    def forward(self, dt: float, inputs: Tensor) -> Tensor:
        phi = PHI[self.problem.nonlinearity]
        Z, V, M, U = (self.X[:, self.problem.blocks[letter]] for letter in "zvmu")
        count, outputs = len(self.X), []
        h = torch.zeros(count, len(inputs), dtype=self.X.dtype)
        activity = phi(h)
        for n in range(inputs.shape[1]):
            h = h + dt * (-h + U @ (V.T @ activity) / count + M @ inputs[:, n].T)
            activity = phi(h)
            outputs.append((Z.T @ activity).T / count)
        return torch.stack(outputs, dim=1)

    def overlaps(self) -> Array:
        """S = X^T X / N."""
        X = self.X.detach()
        return np.asarray((X.T @ X / len(X)).numpy())


@dataclass(frozen=True, eq=False)
class Training:
    """Loss and S at epochs 0..E, shapes (E + 1,) and (E + 1, P, P); the trained X."""

    loss: Array
    overlaps: Array
    X: Array


def response(problem: OverlapProblem, X: Array, task: WeightedTrials) -> Array:
    """The outputs of a network on a task, shape (trials, T, outputs)."""
    with torch.no_grad():
        return np.asarray(LowRankNetwork(problem, X)(task.dt, torch.tensor(task.inputs)).numpy())


def train(
    problem: OverlapProblem,
    X: Array,
    task: WeightedTrials,
    learning_rate: float,
    epochs: int,
    on_epoch: Callable[[], None] = lambda: None,
) -> Training:
    """Train for ``epochs`` epochs of gradient descent with learning rate N * ``learning_rate``."""
    network = LowRankNetwork(problem, X)
    inputs, targets, weights = (torch.tensor(a) for a in (task.inputs, task.targets, task.weights))
    learns = torch.tensor(problem.learns, dtype=torch.float64)
    stepper = torch.optim.SGD([network.X], lr=learning_rate * len(X))
    losses, overlaps = [], []
    for epoch in range(epochs + 1):
        stepper.zero_grad()
        loss = (weights * (network(task.dt, inputs) - targets) ** 2).sum()
        losses.append(loss.item())
        overlaps.append(network.overlaps())
        if epoch == epochs:
            break
        loss.backward()
        gradient = network.X.grad
        assert gradient is not None
        gradient *= learns
        stepper.step()
        on_epoch()
    return Training(np.array(losses), np.array(overlaps), network.X.detach().numpy().copy())
