"""The path of learning at N -> infinity: in closed form where there is one, else by steps (THEORY 7)."""

from __future__ import annotations

from functools import lru_cache

from derive.exact.closed_form.path import chain_path
from derive.exact.learning_path import LearningPath, learning_path
from derive.flow.reduction import limit_reduction


@lru_cache(maxsize=64)
def limit_path(
    g: float, size: int, alignment: float = 0.0, train: tuple[str, ...] = ("W",), direction: int = 1
) -> LearningPath:
    """The path from ``size`` chain vectors; kept, so that many zhat share it.

    ``alignment`` is w.m; ``train`` what learns; ``direction`` -1 for targets below w.m. Raises
    ValueError as `limit_reduction` and `learning_path` do.
    """
    if alignment == 0 and train == ("W",) and size >= 2 and size % 2 == 0:
        return chain_path(g, size, direction)
    return learning_path(limit_reduction(g, size, alignment), train=train, direction=direction)
