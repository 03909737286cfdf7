"""What a ring of exact scalars lacks: a derivation that needs it starts again in a larger one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Terms = tuple[tuple[tuple[int, ...], Any], ...]


@dataclass(frozen=True)
class Generator:
    """A variable for a function (exp, log, tanh, or "root" for the square root) of ``above``/``below``, two
    polynomials in the variables before it, as terms by powers."""

    kind: str
    above: Terms
    below: Terms


class NewStart(Exception):
    """The ring is too small: start again with one more variable, with more overlaps, or with quotients."""

    def __init__(self, generator: Generator | None = None, overlaps: bool = False) -> None:
        super().__init__()
        self.generator, self.overlaps = generator, overlaps


class NoSeries(Exception):
    """Why an observable has no series of its own with exact coefficients, in words for every output."""
