"""A progress bar on standard error, where that is a terminal; elsewhere nothing is written at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[..., None]
"""``advance()`` after a step, or ``advance("name")`` before it, with the name of what is done next."""


@contextmanager
def progress_bar(description: str, total: float | None, wanted: bool = True) -> Iterator[Advance]:
    """A function to call at each of ``total`` steps, None where their number is not known."""
    if not (wanted and sys.stderr.isatty()):
        yield lambda name="": None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task, done = progress.add_task(description, total=total), 0

        def advance(name: str = "") -> None:
            nonlocal done
            progress.update(task, description=f"{description} {name}".strip(), completed=done + (not name))
            done += 1

        yield advance
