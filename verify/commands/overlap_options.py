"""Options that the commands about overlap space share."""

from pathlib import Path
from typing import Annotated

import typer

from verify.overlaps.reporting import FORMATS, TASK_NAMES

FIGURE_FORMATS = ("png", "svg")
TaskName = Annotated[str, typer.Option("--task", metavar="|".join(TASK_NAMES), help="What is learned.")]
Form = Annotated[str, typer.Option("--format", metavar="|".join(FORMATS), help="What to print.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder for the figure.")]
Quick = Annotated[bool, typer.Option("--quick", help="Smaller networks, fewer epochs.")]
