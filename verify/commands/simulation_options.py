"""Options of the commands that train networks and hold a printed series against them."""

from __future__ import annotations

from typing import Annotated

import typer

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
