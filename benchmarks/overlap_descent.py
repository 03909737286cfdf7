"""One epoch of the rank-1 discrete filter in overlap space against a torch network in a time loop.

The baseline is what a person writes: a torch module of N = 500 neurons, 400 Euler steps in a Python
loop, autograd, SGD, in float32. Both learn the same task; their curves are compared, so that the
ratio is between two programs that give the same numbers. Also, memory: the theory is run as a stream
for 100 times as many epochs, and its peak is compared.

    OMP_NUM_THREADS=1 python benchmarks/overlap_descent.py [--epochs 2000]
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from itertools import islice

import numpy as np
import torch
from torch import nn

from derive.overlaps.descent import descend, descent_curve
from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network

SIZE, DT, STEPS, RATE, DECAY = 500, 0.05, 400, 5e-3, 0.2


class RankOne(nn.Module):
    """A rank-1 network, simulated step by step."""

    def __init__(self, X: np.ndarray) -> None:
        super().__init__()
        self.z, self.v, self.m, self.u = (
            nn.Parameter(torch.tensor(c, dtype=torch.float32)) for c in X.T.copy()
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        h = torch.zeros_like(self.z)
        outputs = []
        for x in inputs:
            h = h + DT * (-h + self.u * (self.v @ h) / SIZE + self.m * x)
            outputs.append(self.z @ h / SIZE)
        return torch.stack(outputs)

    def overlaps(self) -> np.ndarray:
        X = torch.stack([self.z, self.v, self.m, self.u], dim=1).detach().double()
        return (X.T @ X / SIZE).numpy()


def simulate(X: np.ndarray, target: np.ndarray, epochs: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Seconds an epoch, losses and overlaps of the baseline."""
    network = RankOne(X)
    optimiser = torch.optim.SGD(network.parameters(), lr=RATE * SIZE)
    inputs = torch.zeros(STEPS)
    inputs[0] = 1 / DT
    wanted = torch.tensor(target.ravel(), dtype=torch.float32)
    losses, overlaps = [], []
    start = time.perf_counter()
    for _ in range(epochs):
        optimiser.zero_grad()
        loss = DT * ((network(inputs) - wanted) ** 2).sum()
        losses.append(loss.item())
        overlaps.append(network.overlaps())
        loss.backward()
        optimiser.step()
    return (time.perf_counter() - start) / epochs, np.array(losses), np.array(overlaps)


def peak(problem: OverlapProblem, loss: DiscreteFilter, S: np.ndarray, epochs: int) -> int:
    """Peak bytes while ``epochs`` epochs stream by."""
    tracemalloc.start()
    for _ in islice(descend(problem, loss, S, RATE), epochs):
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=2000, help="epochs compared")
    epochs = parser.parse_args().epochs
    torch.set_num_threads(1)
    problem = OverlapProblem()
    values = dict.fromkeys(problem.names, 0.0) | dict.fromkeys(("zz", "vv", "mm", "uu"), 1.0)
    S = problem.matrix(values | {"zm": 0.3, "vu": 0.4, "zu": 0.2, "vm": 0.2})
    target = exponential_target(problem, DT, STEPS, DECAY)
    loss = DiscreteFilter(problem, DT, target)
    seconds, losses, overlaps = simulate(sample_network(problem, S, SIZE, 0), target, epochs)
    theory = []
    for _ in range(5):
        start = time.perf_counter()
        curve = descent_curve(problem, loss, S, RATE, 2000)
        theory.append((time.perf_counter() - start) / 2001)
    apart = np.abs(curve.overlaps[:epochs] - overlaps[:2001]).max() if epochs <= 2001 else float("nan")
    print(f"torch network, N = {SIZE}, T = {STEPS}: {seconds * 1e3:.2f} ms an epoch")
    print(f"overlap space: {min(theory) * 1e6:.1f} us an epoch; 2000 epochs in {min(theory) * 2000:.3f} s")
    print(f"ratio {seconds / min(theory):.0f}x")
    print(f"largest difference of any overlap over {epochs} epochs (float32 network): {apart:.1e}")
    print(f"largest difference of the loss: {np.abs(curve.loss[:epochs] - losses).max():.1e}")
    short, long = peak(problem, loss, S, 50), peak(problem, loss, S, 5000)
    print(f"peak memory of the stream: {short} bytes for 50 epochs, {long} bytes for 5000")


if __name__ == "__main__":
    main()
