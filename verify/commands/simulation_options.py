"""Options of the commands that train networks and hold a printed series against them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from derive.command_line import format_option

FORMATS = ("text", "json")
Form = Annotated[str, format_option(FORMATS)]
Order = Annotated[str, typer.Option("--order", metavar="K", help="Order of the printed series, K >= 1.")]
Strength = Annotated[str, typer.Option("--g", metavar="G", help="Strength of W0, 0 <= g < 1.")]
Seeds = Annotated[
    str | None, typer.Option("--seeds", metavar="S", help="Networks trained; 5, with --quick 3.")
]
Epochs = Annotated[
    str | None,
    typer.Option("--epochs", metavar="E", help="Steps of gradient descent; 60, with --quick 20."),
]
Quick = Annotated[bool, typer.Option("--quick", help="Smaller networks, fewer instances.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the figure.")]
