"""Flip-flop networks trained by `verify.training` against one network at a time in plain torch.

The baseline is what a person writes: a Python loop over Euler steps under autograd, torch's Adam, one
network after the other, float32, with as many threads as there are cores. Ours: the same networks on
the same trials, one group a core (`verify.training.jobs`). Rounds of both take turns, so that both see
the same machine; after them the weights of both are compared, so that the ratio is between two
programs that give the same numbers. Ratios are of wall time and of processor time; the second holds on a
machine that others use as well.

    python benchmarks/training.py [--size 256] [--networks 4] [--epochs 10] [--rounds 3] [--cores 1]
"""

from __future__ import annotations

import argparse
import time
from threading import Thread

import numpy as np
import torch

from verify.sweeps.cluster import cores
from verify.training.batches import FreshTrials
from verify.training.networks import Identity, Networks, initial_network
from verify.training.settings import settings_for
from verify.training.tasks import TASKS
from verify.training.update import Update

TASK = TASKS["flip-flop"]
STRENGTH = 0.9


class Plain(torch.nn.Module):
    """One network, simulated step by step under autograd."""

    def __init__(self, identity: Identity) -> None:
        super().__init__()
        start = initial_network(TASK, identity)
        self.W, self.m, self.w = (torch.nn.Parameter(torch.tensor(a)) for a in (start.W, start.m, start.w))
        self.optimizer = torch.optim.Adam(self.parameters(), lr=0.05 / identity.size)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        h = torch.zeros(inputs.shape[1], len(self.W))
        readouts = []
        for u in inputs:
            h = h + TASK.dt * (-h + torch.tanh(h) @ self.W.T + u @ self.m)
            readouts.append(torch.tanh(h) @ self.w)
        return torch.stack(readouts)

    def update(self, inputs: torch.Tensor, targets: torch.Tensor, mask: torch.Tensor) -> None:
        self.optimizer.zero_grad()
        loss = 0.5 * (mask * (self(inputs) - targets) ** 2).sum() / mask.sum()
        loss.backward()
        self.optimizer.step()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option, default in (("--size", 256), ("--networks", 4), ("--epochs", 10), ("--rounds", 3)):
        parser.add_argument(option, type=int, default=default)
    parser.add_argument("--cores", type=int, default=cores(), help="threads of either side; all")
    asked = parser.parse_args()
    identities = [Identity(asked.size, STRENGTH, seed) for seed in range(asked.networks)]
    alone = [FreshTrials(TASK, [identity], "cpu", torch.float32) for identity in identities]
    plain = [Plain(identity) for identity in identities]
    shares = [identities[core :: asked.cores] for core in range(asked.cores)]
    groups = [share for share in shares if share]
    networks = [Networks(TASK, [initial_network(TASK, i) for i in group]) for group in groups]
    drawn = [FreshTrials(TASK, group, "cpu", torch.float32) for group in groups]
    updates = [Update(each, settings_for(TASK, asked.size, STRENGTH), 100) for each in networks]

    def train_group(k: int, epochs: range) -> None:
        for epoch in epochs:
            updates[k](drawn[k](epoch))

    def plainly(epochs: range) -> None:
        torch.set_num_threads(asked.cores)
        for network, batches in zip(plain, alone, strict=True):
            for epoch in epochs:
                network.update(*(array[0] for array in batches(epoch)))

    def batched(epochs: range) -> None:
        torch.set_num_threads(1)
        threads = [Thread(target=train_group, args=(k, epochs)) for k in range(len(groups))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    times: dict[str, list[tuple[float, float]]] = {"plain": [], "batched": []}
    for turn in range(asked.rounds):
        for name, way in (("plain", plainly), ("batched", batched)):
            begin, begun = time.perf_counter(), time.process_time()
            way(range(turn * asked.epochs, (turn + 1) * asked.epochs))
            times[name].append((time.perf_counter() - begin, time.process_time() - begun))
    wall, processor = ({name: [t[k] for t in each] for name, each in times.items()} for k in (0, 1))
    difference = max(
        float(np.abs(networks[k].network(j).W - plain[identities.index(i)].W.detach().numpy()).max())
        for k, group in enumerate(groups)
        for j, i in enumerate(group)
    )
    count = asked.epochs * asked.networks
    print(
        f"flip-flop, N = {asked.size}, {asked.networks} networks, {asked.cores} cores, {asked.rounds} rounds"
    )
    print("ms a network and epoch, least     plain   batched   ratio   in the rounds")
    for kind, each in (("wall time", wall), ("processor time", processor)):
        least = [min(values) for values in each.values()]
        rounds = ", ".join(f"{one / other:.1f}x" for one, other in zip(*each.values(), strict=True))
        cells = "".join(f"{1e3 * value / count:>10.1f}" for value in least)
        print(f"{kind:<28}{cells}{least[0] / least[1]:>7.1f}x   {rounds}")
    changes = [
        network.W.detach().numpy() - initial_network(TASK, identity).W
        for network, identity in zip(plain, identities, strict=True)
    ]
    change = max(float(np.abs(each).max()) for each in changes)
    print(f"largest difference of a weight: {difference:.1e}, of changes up to {change:.1e}")
    flops = 3 * 2 * 100 * TASK.batch * asked.size**2
    torch.set_num_threads(1)
    one, other = torch.randn(TASK.batch, asked.size), torch.randn(asked.size, asked.size)
    begin = time.process_time()
    for _ in range(2000):
        torch.mm(one, other)
    product = (time.process_time() - begin) / 2000
    print(
        f"the limit: {flops / 1e9:.2f} GFLOP of matrix products an epoch; one core's products of this shape "
        f"alone take {1e3 * 300 * product:.1f} ms"
    )


if __name__ == "__main__":
    main()
