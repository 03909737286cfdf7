"""Gradient descent of both torch networks over several seeds, runs side by side on the cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from derive.arrays import Array
from derive.exact.momentum import PLAIN, Momentum
from verify.truth.descent import Descent, descend
from verify.truth.networks import NETWORKS
from verify.truth.setting import Setting


@dataclass(frozen=True, eq=False)
class Simulation:
    """``runs[simulator]`` lists one `Descent` per seed, seeds 0, 1, ... in order."""

    runs: dict[str, list[Descent]]

    def statistics(self, tau: Array) -> tuple[dict[str, dict[str, Array]], dict[str, dict[str, Array]]]:
        """Mean and standard deviation over seeds (0 for one seed) of every observable at ``tau``."""
        mean: dict[str, dict[str, Array]] = {}
        deviation: dict[str, dict[str, Array]] = {}
        for simulator, runs in self.runs.items():
            values = [run.at(tau) for run in runs]
            stacked = {name: np.array([value[name] for value in values]) for name in values[0]}
            mean[simulator] = {name: rows.mean(axis=0) for name, rows in stacked.items()}
            deviation[simulator] = {
                name: rows.std(axis=0, ddof=min(1, len(runs) - 1)) for name, rows in stacked.items()
            }
        return mean, deviation


def simulate(
    setting: Setting,
    size: int,
    seeds: int,
    learning_rate: float,
    epochs: int,
    on_epoch: Callable[[], None] = lambda: None,
    method: Momentum = PLAIN,
) -> Simulation:
    """Train both networks on the instances of seeds 0..seeds-1.

    One torch thread a run and one run a core: the matrices are small, and threads that share a
    matrix wait for one another.
    """

    def run(job: tuple[str, int]) -> Descent:
        simulator, seed = job
        network = NETWORKS[simulator](setting.sample(size, seed), train=setting.task.train)
        target, followed = setting.array, setting.singular_values
        return descend(network, target, learning_rate, epochs, on_epoch, followed, method)

    jobs = [(simulator, seed) for simulator in NETWORKS for seed in range(seeds)]
    threads = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(os.cpu_count(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
            runs = list(pool.map(run, jobs))
    finally:
        torch.set_num_threads(threads)
    return Simulation({name: runs[k * seeds : (k + 1) * seeds] for k, name in enumerate(NETWORKS)})
