"""The console command ``derive``, put together from `derive.commands`.

Of its commands those are loaded that the words of the command line can mean; ``app`` is all of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import typer

from derive.command_help import grouped
from derive.command_line import run
from derive.commands.expansion import expansion

GROUPS = {
    "Formulas": ("flow", "modes", "moment", "network"),
    "Learning at all times": ("curve", "closed-form", "outliers"),
    "Over the plane of g and zhat": ("radius", "learning-times", "stability"),
    "Overlap space": ("overlap",),
    "In a browser": ("explore",),
}
COMMANDS: dict[str, str | Callable[..., None]] = {
    "curve": "curve",
    "flow": "flow",
    "closed-form": "closed_form",
    "radius": "survey",
    "learning-times": "survey",
    "stability": "survey",
    "moment": "moment",
    "modes": "modes",
    "network": "network",
    "outliers": "outliers",
    "overlap": "overlap",
    "explore": "explore",
}
"""The file in `derive.commands` of each command, a function of the command's name; or the function itself."""
OF_ALL = {"--help", "--check", "--install-completion", "--show-completion"}
"""Options that tell of every command, or run it."""


@cache
def application(commands: tuple[str, ...]) -> typer.Typer:
    """The expansion and the named commands."""
    app = typer.Typer(
        cls=grouped(GROUPS), add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False
    )
    app.callback(invoke_without_command=True)(expansion)
    for name in commands:
        app.command(name)(_function(name))
    return app


def _function(name: str) -> Callable[..., None]:
    found = COMMANDS[name]
    if not isinstance(found, str):
        return found
    function: Callable[..., None] = getattr(import_module(f"derive.commands.{found}"), name.replace("-", "_"))
    return function


def meant(words: Sequence[str]) -> tuple[str, ...]:
    """The commands that words can mean: one, or none where all are options and their values."""
    if words and words[0] in COMMANDS and "--check" not in words:
        return (words[0],)
    after_option = [True] + [word.startswith("--") for word in words]
    plain = all(
        word not in COMMANDS and word not in OF_ALL and (word.startswith("--") or (follows and i > 0))
        for i, (word, follows) in enumerate(zip(words, after_option, strict=False))
    )
    return () if words and plain and "_DERIVE_COMPLETE" not in os.environ else tuple(COMMANDS)


def __getattr__(name: str) -> Any:
    if name == "app":
        return application(tuple(COMMANDS))
    raise AttributeError(name)


def main() -> None:
    """Entry point of the console command."""
    run(application(meant(sys.argv[1:])), "derive")
