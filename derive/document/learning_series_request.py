"""What a user asked of ``derive overlap --series``: the options that fix every byte it prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any

from derive.document.request import HEADER, TERMS_PER_LINE


@dataclass(frozen=True)
class LearningSeriesRequest:
    """The order, S(0) by name, the target A exp(-C t) cos(F t), and the layout of the LaTeX."""

    order: int
    initial: Mapping[str, Any]
    decay: Any
    amplitude: Any = 1
    frequency: Any = 0
    terms_per_line: int = TERMS_PER_LINE
    standalone: bool = False

    @property
    def target(self) -> dict[str, str]:
        """The target's numbers as text, as options name them."""
        return {
            "amplitude": str(self.amplitude),
            "decay": str(self.decay),
            "frequency": str(self.frequency),
        }

    def header(self, form: str) -> str:
        """The provenance line, behind the comment sign of the format; S.json holds ``initial``."""
        target = self.target
        words = [f"derive overlap --series {self.order} --evolve S.json --decay {quote(target['decay'])}"]
        words += [
            f"--{option} {quote(target[option])}"
            for option, usual in (("amplitude", "1"), ("frequency", "0"))
            if target[option] != usual
        ]
        if form == "latex":
            if self.terms_per_line != TERMS_PER_LINE:
                words.append(f"--terms-per-line {self.terms_per_line}")
            if self.standalone:
                words.append("--standalone")
        return f"{HEADER} {' '.join(words)} --format {form}"
