"""What is asked of ``verify``, checked before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass

from derive.command_line import FARTHEST, NEAREST, UsageProblem, refused
from derive.exact.momentum import PLAIN, Momentum
from derive.flow.fixed_point_task import SYMBOL, FixedPointTask, parse_alignment
from derive.reading.read_number import rational
from verify.truth.setting import PAPERS_TASK, Setting

LONGEST_STEP = 100.0

STRONGEST = 0.99
SMALLEST_TARGET, LARGEST_TARGET = 1e-4, 1000.0
"""Beyond them some power of tau is so small in a series beside the next that 100 digits do not show it."""


@dataclass(frozen=True)
class Experiment:
    """What is held against simulations: a setting; network size N; seeds and epochs of gradient descent.

    ``learning_rate`` is in units of learning time tau; ``times`` are effective times
    ttilde = beta^2 tau. None: chosen from the exact limit (`verify.comparison.schedule`). ``ensemble`` maps
    sizes N to the number of instances drawn for the deviation from N -> infinity. ``method``: the momentum of
    descent.
    """

    setting: Setting
    size: int
    seeds: int
    epochs: int
    learning_rate: float | None
    times: tuple[float, ...] | None
    ensemble: dict[int, int]
    method: Momentum = PLAIN

    @property
    def text(self) -> str:
        """Target, g and what the task has beyond the paper's: ``zhat = 1, w.m = 3/10, W, m, w learning``."""
        setting, task = self.setting, self.setting.task
        words = [f"N = {self.size}, g = {setting.g:g}"]
        if setting.shape:
            outputs, inputs = setting.shape
            zhats = ", ".join(f"{zhat:.6g}" for zhat, _, _ in setting.modes)
            words += [f"outputs x inputs = {outputs} x {inputs}, modes of zhat = {zhats}"]
        else:
            words += [f"zhat = {setting.zhat:g}"]
        words += [f"w.m = {task.alignment}"] * bool(task.alignment)
        words += [f"{', '.join(task.train)} learning"] * (task.train != PAPERS_TASK.train)
        words += [f"momentum {self.method.mu:g}{' (Nesterov)' * self.method.nesterov}"] * (self.method.mu > 0)
        return ", ".join(words)


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
    with refused("--"):
        task = FixedPointTask(train=train, alignment=overlap)
    if zhat <= float(overlap):
        raise UsageProblem(
            f"--zhat {zhat:g}: the readout starts at w.m = {overlap}; allowed is zhat > {overlap}"
        )
    return task


def check_reach(setting: Setting) -> None:
    """Raises UsageProblem where the powers of the errors of series cannot be told apart."""
    if setting.g > STRONGEST:
        raise UsageProblem(f"--g {setting.g!r}: allowed here are 0 <= g <= {STRONGEST:g}")
    distance = setting.zhat - setting.start
    if not SMALLEST_TARGET <= distance <= LARGEST_TARGET:
        what = "a singular value of the target" if setting.shape else "--zhat"
        raise UsageProblem(
            f"{what} {setting.zhat:g}: allowed here are targets from {SMALLEST_TARGET:g} to "
            f"{LARGEST_TARGET:g} above the first readout, which is {setting.start:g}"
        )


def check_step(option: str, text: str, step: float) -> None:
    """Raises UsageProblem where one epoch is a ``step`` in ttilde at which no descent stays finite."""
    if step > LONGEST_STEP:
        raise UsageProblem(
            f"{option} {text}: one epoch is {step:g} in ttilde; allowed is at most {LONGEST_STEP:g} "
            "(descent overshoots from about 1 on)"
        )


def parse_times(text: str) -> tuple[float, ...]:
    """``"0.1,0.2"`` as rising effective times ttilde > 0; UsageProblem for anything else.

    >>> parse_times("0.1,0.2")
    (0.1, 0.2)
    """
    sizes = f"of a size from {NEAREST:g} to {FARTHEST:g}"
    allowed = f"allowed are rising numbers > 0, {sizes}, separated by commas, like 0.1,0.2,0.5"
    try:
        times = tuple(float(rational(part)) for part in text.split(","))
    except (ValueError, OverflowError):
        raise UsageProblem(f"--times {text}: {allowed}") from None
    if not all(NEAREST <= time <= FARTHEST for time in times) or list(times) != sorted(set(times)):
        raise UsageProblem(f"--times {text}: {allowed}")
    return times
