"""Options of the commands that train networks and hold a printed series against them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from derive.command_line import format_option, takes

FORMATS = ("text", "json")
Form = Annotated[str, format_option(FORMATS)]
Order = Annotated[str, takes("K", "Order of the printed series, K >= 1.", "--order")]
Strength = Annotated[str, takes("G", "Strength of W0, 0 <= g < 1.", "--g")]
Seeds = Annotated[str | None, takes("S", "Networks trained; 5, with --quick 3.", "--seeds")]
Epochs = Annotated[str | None, takes("E", "Steps of gradient descent; 60, with --quick 20.", "--epochs")]
Quick = Annotated[bool, typer.Option("--quick", help="Smaller networks, fewer instances.")]
Out = Annotated[Path, takes("DIR", "Folder for the figure.", "--out")]
