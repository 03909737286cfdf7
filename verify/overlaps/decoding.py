"""How well a history of tasks is read from what a network ends with.

The start is known, so that theory gives what each history ends with; a reading has independent Gaussian
errors and is assigned to the nearest history. Nothing better is possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.visibility import visible_overlaps

READINGS = 2000  # of each history


@dataclass(frozen=True, eq=False)
class Decoding:
    """How often a history is read right, by what is read with which ``error``; ``chance``;
    ``largest_loss`` at the end of any task.
    """

    way: str
    error: float
    accuracy: dict[str, float]
    chance: float
    largest_loss: float


def decode(
    problem: OverlapProblem,
    way: str,
    overlaps: Sequence[Matrix],
    functions: Sequence[Array],
    errors: Sequence[float],
    largest_loss: float,
) -> list[Decoding]:
    """For each error, from the ``overlaps`` that each history ends with and from numbers that tell its
    function, shape (F,)."""
    visible = visible_overlaps(problem)
    groups = {
        "loss-invisible overlaps": [pair for name, pair in problem.pairs.items() if name not in visible],
        "loss-visible overlaps": [problem.pairs[name] for name in visible],
    }
    ends = {kind: [[S[pair] for pair in pairs] for S in overlaps] for kind, pairs in groups.items()}
    read = {kind: np.array(values) for kind, values in ends.items()} | {"the function": np.array(functions)}
    return [
        Decoding(
            way,
            error,
            {kind: _read_right(values, error) for kind, values in read.items()},
            1 / len(overlaps),
            largest_loss,
        )
        for error in errors
    ]


def lines(decoding: Sequence[Decoding]) -> list[str]:
    """The accuracies as text."""
    return ["", "histories A-x-A (x in A, B, C, D) read right, the start known; chance 0.25"] + [
        f"{d.way:>28}  error {d.error:g}: " + ", ".join(f"{kind} {x:.2f}" for kind, x in d.accuracy.items())
        for d in decoding
    ]


def numbers(decoding: Sequence[Decoding]) -> list[dict[str, object]]:
    """The accuracies for JSON."""
    return [{"way": d.way, "error": d.error, "accuracy": d.accuracy, "chance": d.chance} for d in decoding]


def _read_right(ends: Array, error: float) -> float:
    """Fraction of readings assigned to their own history; ``ends`` of shape (histories, numbers)."""
    random = np.random.default_rng(0)
    readings = ends[:, None] + error * random.standard_normal((len(ends), READINGS, ends.shape[1]))
    distances = np.sum((readings[:, :, None] - ends) ** 2, axis=-1)
    return float(np.mean(distances.argmin(axis=-1) == np.arange(len(ends))[:, None]))
