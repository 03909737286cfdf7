"""The console command ``derive``, put together from `derive.commands`."""

from __future__ import annotations

import typer

from derive.command_line import run
from derive.commands.expansion import expansion
from derive.commands.overlap import overlap

app = typer.Typer(add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False)
app.callback(invoke_without_command=True)(expansion)
app.command("overlap")(overlap)


def main() -> None:
    """Entry point of the console command."""
    run(app, "derive")
