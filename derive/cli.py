"""The console command ``derive``, put together from `derive.commands`."""

from __future__ import annotations

import typer

from derive.command_groups import grouped
from derive.command_line import run
from derive.commands.closed_form import closed_form
from derive.commands.curve import curve
from derive.commands.expansion import expansion
from derive.commands.explore import explore
from derive.commands.flow import flow
from derive.commands.modes import modes
from derive.commands.moment import moment
from derive.commands.network import network
from derive.commands.outliers import outliers
from derive.commands.overlap import overlap
from derive.commands.survey import learning_times, radius, stability

GROUPS = {
    "Formulas": ("flow", "modes", "moment", "network"),
    "Learning at all times": ("curve", "closed-form", "outliers"),
    "Over the plane of g and zhat": ("radius", "learning-times", "stability"),
    "Overlap space": ("overlap",),
    "In a browser": ("explore",),
}

app = typer.Typer(
    cls=grouped(GROUPS), add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False
)
app.callback(invoke_without_command=True)(expansion)
app.command()(curve)
app.command()(flow)
app.command("closed-form")(closed_form)
app.command()(radius)
app.command("learning-times")(learning_times)
app.command()(stability)
app.command()(moment)
app.command()(modes)
app.command()(network)
app.command()(outliers)
app.command()(overlap)
app.command()(explore)


def main() -> None:
    """Entry point of the console command."""
    run(app, "derive")
