"""What a user asked of ``derive overlap --series``: the options that fix every byte it prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LearningSeriesRequest:
    """The order, S(0) by name from ``file``, and the target A exp(-C t) cos(F t)."""

    order: int
    initial: Mapping[str, Any]
    decay: Any
    amplitude: Any = 1
    frequency: Any = 0
    file: str = "S.json"

    @property
    def target(self) -> dict[str, str]:
        """The target's numbers as text, as options name them."""
        return {
            "amplitude": str(self.amplitude),
            "decay": str(self.decay),
            "frequency": str(self.frequency),
        }

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command that makes it."""
        target = self.target
        words = ["overlap", "--series", str(self.order), "--evolve", self.file, "--decay", target["decay"]]
        for option, usual in (("amplitude", "1"), ("frequency", "0")):
            if target[option] != usual:
                words += [f"--{option}", target[option]]
        return tuple(words)
