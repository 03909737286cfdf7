"""Simulators (a) and (b): torch's autograd through time, and at the fixed point.

Nothing derived enters: the gradient is autograd's, W is a full matrix, the outliers come from all of
its eigenvalues and the shuffled loss from the same network with another W0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from derive import Instance
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
from verify.truth.descent import range_sketch
from verify.truth.networks import NETWORKS, LinearNetwork

SCALARS = ("readout", "loss", "gradient_norm", "frobenius_norm", "shuffled_loss")


def simulate_unrolled(
    problem: DescentTask, options: Options = DEFAULT, on_epoch: Callable[[], None] = lambda: None
) -> SimulatedRun:
    """Run ``problem`` by Euler steps to T = 100 and backpropagation through them."""
    return _simulate("unrolled", problem, options, on_epoch)


def simulate_fixed_point(
    problem: DescentTask, options: Options = DEFAULT, on_epoch: Callable[[], None] = lambda: None
) -> SimulatedRun:
    """Run ``problem`` with a linear solve and its derivative."""
    return _simulate("fixed_point", problem, options, on_epoch)


def _simulate(
    name: str, problem: DescentTask, options: Options, on_epoch: Callable[[], None]
) -> SimulatedRun:
    kind = getattr(torch, options.dtype), options.device
    instance, epochs = problem.instance, problem.epochs
    network = NETWORKS[name](instance, *kind)
    shuffled = NETWORKS[name](Instance(problem.shuffled(), instance.m, instance.w), *kind)
    start, other = network.W.detach().clone(), shuffled.W.detach().clone()
    edge = outlier_edge(instance.W0)
    table = np.full((epochs + 1, len(SCALARS)), np.nan)
    singular = np.full((epochs + 1, SINGULAR_VALUES), np.nan)
    when = options.eigenvalue_epochs(epochs)
    eigenvalues = {int(epoch): listed_outliers(np.array([]), edge) for epoch in when}
    factors = padded_factors(
        np.zeros((instance.size, 0)), np.zeros(0), np.zeros((instance.size, 0)), instance.size
    )
    last = 0
    for epoch in range(epochs + 1):
        network.zero_grad()
        try:
            z = network()
            loss = (problem.zhat - z) ** 2 / 2
            loss.backward()
        except torch.linalg.LinAlgError:
            break
        change = network.W.detach() - start
        if not (torch.isfinite(loss) and torch.isfinite(change).all()):
            break
        left, strengths, right = _low_rank(change)
        singular[epoch] = strengths[:SINGULAR_VALUES]
        gradient = network.W.grad
        assert gradient is not None
        table[epoch] = [
            z.item(),
            loss.item(),
            torch.linalg.norm(gradient).item(),
            torch.linalg.norm(change).item(),
            _shuffled_loss(shuffled, other + change, problem.zhat),
        ]
        last = epoch
        if epoch in eigenvalues:
            eigenvalues[epoch] = listed_outliers(_eigenvalues(network.W.detach()), edge)
        if epoch < epochs:
            with torch.no_grad():
                network.W -= problem.learning_rate * gradient
            on_epoch()
    if last:
        factors = padded_factors(left, strengths, right, instance.size)
    U, s, V, _ = factors
    rest = float(np.sqrt(max(table[last][3] ** 2 - np.sum(s**2), 0)))
    return SimulatedRun(
        name,
        problem.learning_rate * np.arange(epochs + 1),
        *table.T,
        singular,
        when,
        np.array(list(eigenvalues.values())),
        U,
        s,
        V,
        {"factor_remainder": rest, "finite_epochs": float(last)},
    )


def _shuffled_loss(network: LinearNetwork, W: Tensor, zhat: float) -> float:
    network.W.data = W
    try:
        with torch.no_grad():
            return float((zhat - network()) ** 2 / 2)
    except torch.linalg.LinAlgError:
        return float("nan")


def _low_rank(change: Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    Q = range_sketch(change, FACTORS + 4)
    U, s, Vt = torch.linalg.svd(Q.T @ change, full_matrices=False)
    parts = (Q @ U, s, Vt.T)
    left, strengths, right = (part.to(torch.float64).cpu().numpy() for part in parts)
    missing = max(SINGULAR_VALUES - len(strengths), 0)
    return left, np.pad(strengths, (0, missing)), right


def _eigenvalues(W: Tensor) -> np.ndarray:
    return np.asarray(np.linalg.eigvals(W.to(torch.float64).cpu().numpy()))
