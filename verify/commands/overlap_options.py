"""Options that the commands about overlap space share, and what they mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.command_line import UsageProblem, one_of, real_number, takes, whole_number
from derive.commands.overlap_space.options import NONLINEARITY_NAMES
from verify.commands.simulation_options import FORMATS
from verify.extras import need_extra
from verify.folders import prepare_folder

if TYPE_CHECKING:
    from derive.overlaps.problem import OverlapProblem

FIGURE_FORMATS = ("png", "svg")
TASK_NAMES = ("filter", "flip-flop", "decision")
TaskName = Annotated[str, takes("|".join(TASK_NAMES), "What is learned.", "--task")]
Quick = Annotated[bool, typer.Option("--quick", help="Smaller networks, fewer epochs.")]


def checked(
    rank: str, nonlinearity: str, task_name: str, form: str, learning_rate: str
) -> tuple[OverlapProblem, float]:
    """The network and the learning rate. Raises UsageProblem."""
    one_of("--format", form, FORMATS)
    one_of("--nonlinearity", nonlinearity, NONLINEARITY_NAMES)
    one_of("--task", task_name, TASK_NAMES)
    if nonlinearity == "linear" and task_name != "filter":
        raise UsageProblem(f"--task {task_name}: allowed with a nonlinear network only (--nonlinearity tanh)")
    whole = whole_number("--rank", rank, 1)
    rate = real_number("--learning-rate", learning_rate, "a number > 0", 0)
    from derive.overlaps.problem import OverlapProblem

    return OverlapProblem(whole, nonlinearity=nonlinearity), rate


def prepare(out: Path) -> None:
    """Raises UsageProblem where packages are missing or the figure's folder cannot be written to."""
    need_extra("torch", "matplotlib")
    prepare_folder(out)
