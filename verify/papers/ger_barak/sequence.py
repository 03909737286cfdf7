"""The published A-B-A-B-A of Figs. 3, 6 and 7: phases of a linear network, the last under label noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.arrays import Array
from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from verify.papers.ger_barak.networks import Phase, learn
from verify.papers.ger_barak.protocol import RATE, SIZE, FigureSetting, filter_task, theta_one, theta_two

A, B = 0.2, 0.4
PAIRS = np.array([(0, 496), (1, 166), (1, 214)])
NOISE, NOISY_RATE = 0.1, 2 * RATE
LENGTHS = (3000, 1000, 1000, 1000, 4000)
ADAM_LENGTH, ADAM_RATE = 4000, 1e-3


@dataclass(frozen=True)
class Stretch:
    """A phase: the task's decay, epochs, rate, label noise."""

    name: str
    decay: float
    epochs: int
    rate: float
    noise: float = 0.0


def stretches(setting: FigureSetting, adam: bool) -> list[Stretch]:
    """A, B, A, B, A: under descent the last A with noise and twice the rate; under Adam all alike."""
    names, decays = ("A1", "B1", "A2", "B2", "A3"), (A, B, A, B, A)
    if adam:
        length = setting.number(ADAM_LENGTH, 1500)
        return [Stretch(name, decay, length, ADAM_RATE) for name, decay in zip(names, decays, strict=True)]
    lengths = [setting.number(length, length // 2 if length > 1000 else length) for length in LENGTHS]
    noises = (0.0, 0.0, 0.0, 0.0, NOISE)
    rates = (RATE, RATE, RATE, RATE, NOISY_RATE)
    return [Stretch(*row) for row in zip(names, decays, lengths, rates, noises, strict=True)]


def run(setting: FigureSetting, adam: bool = False, seed: int = 0) -> tuple[list[Stretch], list[Phase]]:
    """One network of N = 500 from theta_2 through the whole sequence."""
    problem = OverlapProblem()
    X = sample_network(problem, theta_two(theta_one()), SIZE, 0)
    plan, phases = stretches(setting, adam), []
    step = setting.progress("network", sum(stretch.epochs for stretch in plan))
    for stretch in plan:
        loss = LinearTask(problem, filter_task(problem, stretch.decay))
        phase = learn(
            problem,
            X,
            loss,
            stretch.rate,
            stretch.epochs,
            noise=stretch.noise,
            adam=adam,
            seed=seed,
            pairs=PAIRS,
            step=step,
        )
        phases.append(phase)
        X = phase.X
    return plan, phases


def trace(phases: list[Phase], pair: tuple[int, int]) -> Array:
    """One overlap over all epochs."""
    return np.concatenate([phase.overlaps[:, *pair] for phase in phases])


def shade(axis: Any, plan: list[Stretch]) -> None:
    """Grey where B is learned."""
    start = 0
    for stretch in plan:
        if stretch.name.startswith("B"):
            axis.axvspan(start, start + stretch.epochs, color="0.9", lw=0)
        start += stretch.epochs
