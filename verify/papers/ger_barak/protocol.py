"""The published protocol of the linear network, the starts of the figures, and what a figure hands back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from derive.arrays import Array
from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.sampling import with_invisible
from derive.overlaps.starts import random_start
from derive.overlaps.tasks import WeightedTrials, impulse_task

DT, STEPS, RATE, DECAY = 0.05, 400, 5e-3, 0.2
SIZE, EPOCHS = 500, 2000
MOVED = {"uu": 2.048, "mu": 0.8}  # of theta_2: |u| = 32, m.u = 400 at N = 500
SEED = 0


@dataclass(frozen=True)
class FigureSetting:
    """``quick``: smaller networks and fewer epochs; ``progress(label, steps)`` opens a bar.

    ``epochs`` of a stage of the twins, if not the usual ones; ``folder`` where what takes long is kept, to be
    gone on with.
    """

    quick: bool
    progress: Callable[[str, int], Callable[[], None]] = field(compare=False)
    epochs: int | None = None
    folder: Path | None = None

    def number(self, published: int, quick: int) -> int:
        """The published number, or the quick one."""
        return quick if self.quick else published


@dataclass(frozen=True)
class Finding:
    """One line of the page: what is compared, what the paper says, and what comes out here."""

    what: str
    paper: str
    here: str


@dataclass(frozen=True, eq=False)
class Drawing:
    """The figure, its findings, and its numbers for JSON."""

    figure: Any
    findings: list[Finding]
    numbers: dict[str, Any]


def filter_task(problem: OverlapProblem, decay: float = DECAY, frequency: float = 0.0) -> WeightedTrials:
    """exp(-decay t) cos(frequency t), sampled as published."""
    return impulse_task(DT, filter_target(problem, decay, frequency))


def filter_target(problem: OverlapProblem, decay: float = DECAY, frequency: float = 0.0) -> Array:
    """Its samples, shape (T, 1, 1)."""
    return exponential_target(problem, DT, STEPS, decay, frequency, sampling="published")


def filter_loss(problem: OverlapProblem, decay: float = DECAY, frequency: float = 0.0) -> DiscreteFilter:
    """Its loss in overlap space."""
    return DiscreteFilter(problem, DT, filter_target(problem, decay, frequency))


def theta_one(size: int = SIZE) -> Matrix:
    """Overlaps of the first network: random."""
    return random_start(OverlapProblem(), size, SEED)


def theta_two(S: Matrix) -> Matrix:
    """Those of the second: u is longer and turned towards m, everything loss-visible as it was."""
    return with_invisible(OverlapProblem(), S, MOVED)


def first_below(loss: Array, part: float) -> int:
    """The first epoch at which the loss is below ``part`` of its first value; -1 where it never is."""
    below = np.flatnonzero(loss < part * loss[0])
    return int(below[0]) if len(below) else -1
