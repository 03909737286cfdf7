"""What is asked of ``verify``, checked before anything is computed."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

from derive.command_line import UsageProblem


@dataclass(frozen=True)
class Request:
    """Order of the series; size N, strength g, target zhat; seeds and epochs of gradient descent.

    ``learning_rate`` is in units of learning time tau; ``times`` are effective times
    ttilde = beta^2 tau. None: chosen from the exact limit (`verify.schedule`). ``ensemble`` maps
    sizes N to the number of instances drawn for the deviation from N -> infinity.
    """

    order: int
    size: int
    g: float
    zhat: float
    seeds: int
    epochs: int
    learning_rate: float | None
    times: tuple[float, ...] | None
    ensemble: dict[int, int]

    @property
    def beta_squared(self) -> float:
        """beta^2 = 1/(1 - g^2)^2, the factor from tau to ttilde."""
        return (1 - self.g**2) ** -2


def parse_times(text: str) -> tuple[float, ...]:
    """``"0.1,0.2"`` as rising effective times ttilde > 0; UsageProblem for anything else.

    >>> parse_times("0.1,0.2")
    (0.1, 0.2)
    """
    allowed = "allowed are rising numbers > 0, separated by commas, like 0.1,0.2,0.5"
    try:
        times = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise UsageProblem(f"--times {text}: {allowed}") from None
    if not all(0 < time < math.inf for time in times) or list(times) != sorted(set(times)):
        raise UsageProblem(f"--times {text}: {allowed}")
    return times


def prepare_folder(folder: Path) -> None:
    """Make ``folder``; UsageProblem where that, or writing into it, is not possible."""
    allowed = "allowed is a folder that can be written to"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UsageProblem(f"--out {folder}: {problem.strerror}; {allowed}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageProblem(f"--out {folder}: not writable; {allowed}")
