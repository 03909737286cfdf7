"""What is asked of ``verify``, checked before anything is computed."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem
from derive.flow.problem import SYMBOL, FixedPointTask, parse_alignment
from derive.series.read_number import rational

if TYPE_CHECKING:
    from derive import Instance

PAPERS_TASK = FixedPointTask()
"""W alone learns, m and w are independent."""


@dataclass(frozen=True)
class Request:
    """Order of the series; size N, strength g, target zhat; seeds and epochs of gradient descent.

    ``learning_rate`` is in units of learning time tau; ``times`` are effective times
    ttilde = beta^2 tau. None: chosen from the exact limit (`verify.comparison.schedule`). ``ensemble`` maps
    sizes N to the number of instances drawn for the deviation from N -> infinity. ``task`` says what
    learns and how m and w overlap, by a number.
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
    task: FixedPointTask = PAPERS_TASK

    @property
    def beta_squared(self) -> float:
        """beta^2 = 1/(1 - g^2)^2, the factor from tau to ttilde."""
        return (1 - self.g**2) ** -2

    @property
    def every_size_is_the_limit(self) -> bool:
        """At g = 0 all happens in the plane of m and w, whose overlap is exact where it is given."""
        return self.g == 0 and self.task.alignment != 0

    @property
    def task_text(self) -> str:
        """What the task has beyond the paper's, for a list: ``w.m = 3/10, W, m, w learning, ``."""
        overlap = f"w.m = {self.task.alignment}, " if self.task.alignment else ""
        learning = f"{', '.join(self.task.train)} learning, "
        return overlap + learning * (self.task.train != PAPERS_TASK.train)

    def instance(self, seed: int) -> Instance:
        """The network of ``size`` neurons that is trained with this seed."""
        from derive import Instance

        return Instance.sample(self.size, self.g, seed, float(self.task.alignment))


def parse_task(alignment: str, train: str, zhat: float) -> FixedPointTask:
    """The task with w.m = ``alignment`` in which ``train`` learns. Raises UsageProblem.

    >>> parse_task("0.3", "m,W", 1.0)
    FixedPointTask(g0=False, train=('W', 'm'), alignment=Fraction(3, 10))
    """
    try:
        overlap = parse_alignment(alignment)
    except ValueError:
        overlap = SYMBOL
    if overlap == SYMBOL:
        raise UsageProblem(f"--alignment {alignment}: allowed is a number from -1 to 1")
    try:
        task = FixedPointTask(train=train, alignment=overlap)
    except ValueError as problem:
        raise UsageProblem(f"--{problem}") from None
    if zhat <= float(overlap):
        raise UsageProblem(
            f"--zhat {zhat:g}: the readout starts at w.m = {overlap}; allowed is zhat > {overlap}"
        )
    return task


def parse_times(text: str) -> tuple[float, ...]:
    """``"0.1,0.2"`` as rising effective times ttilde > 0; UsageProblem for anything else.

    >>> parse_times("0.1,0.2")
    (0.1, 0.2)
    """
    allowed = "allowed are rising numbers > 0, separated by commas, like 0.1,0.2,0.5"
    try:
        times = tuple(float(rational(part)) for part in text.split(","))
    except (ValueError, OverflowError):
        raise UsageProblem(f"--times {text}: {allowed}") from None
    if not all(0 < time < math.inf for time in times) or list(times) != sorted(set(times)):
        raise UsageProblem(f"--times {text}: {allowed}")
    return times


def prepare_folder(folder: Path) -> None:
    """UsageProblem where ``folder`` is not, or cannot be made, a folder that can be written to.

    It is made for trial and taken away again: what is refused later leaves no trace.
    """
    allowed = "allowed is a folder that can be written to"
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
        for place in missing:
            place.rmdir()
    except OSError as problem:
        raise UsageProblem(f"--out {folder}: {problem.strerror}; {allowed}") from None
    if not writable:
        raise UsageProblem(f"--out {folder}: not writable; {allowed}")
