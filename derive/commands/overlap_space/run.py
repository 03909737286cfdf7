"""What a run of ``derive overlap --evolve`` is made of, and its progress on a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.overlaps.batches.source import BatchSource
    from derive.overlaps.problem import OverlapProblem


@dataclass(frozen=True, eq=False)
class Learning:
    """What runs: the problem, S, the batches (of a filter also the samples), rate and epochs.

    ``limit``: closure, exact or None for the choice of this program; ``nodes`` of the
    quadrature, or None.
    ``noise`` of the labels and how many ``paths``, if any, drawn with ``seed``; ``direct``: also descent on
    the visible overlaps themselves.
    """

    problem: OverlapProblem
    S: Any
    batches: BatchSource
    samples: Any
    learning_rate: float
    epochs: int
    limit: str | None
    nodes: int | None
    noise: float | None
    paths: int | None
    seed: int
    direct: bool
