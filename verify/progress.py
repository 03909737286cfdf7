"""Progress bars on standard error, so that standard output holds the report alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int], Callable[[], None]]]:
    """Give a function (label, steps) -> step that opens a bar and moves it on; thread-safe.

    Nothing is shown where standard error is neither a terminal nor a notebook.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with _bars(*columns) as bars:

        def open_bar(label: str, steps: int) -> Callable[[], None]:
            task = bars.add_task(label, total=steps)
            return lambda: bars.advance(task)

        yield open_bar


@contextmanager
def sweep_progress() -> Iterator[Callable[[int, int], None]]:
    """Give report(finished, all), shown as a bar with the rate and the time left, as `progress_bars` are."""
    with labelled_progress() as progress:
        yield progress("runs")


@contextmanager
def labelled_progress(unit: str = "runs") -> Iterator[Callable[..., Callable[[int, int], None]]]:
    """Give a function (label, unit) -> report(finished, all); every label has a bar of its own."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Task,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(TextColumn):
        def render(self, task: Task) -> Text:
            speed = task.speed or 0.0
            rate = f"{speed:.0f}" if speed >= 10 else f"{speed:.2g}"
            return Text(f"{rate} {task.fields['unit']}/s" if speed else "", style="progress.data.speed")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(""),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    bars = _bars(*columns)

    def open_bar(label: str, unit: str = unit) -> Callable[[int, int], None]:
        task: TaskID | None = None

        def report(finished: int, count: int) -> None:
            nonlocal task
            if task is None:
                bars.start()  # not before there is something to report: a refusal stays one line
                task = bars.add_task(label, total=count, unit=unit)
            bars.update(task, completed=finished, total=count)

        return report

    try:
        yield open_bar
    finally:
        if bars.live.is_started:
            bars.stop()


def _bars(*columns: ProgressColumn) -> Progress:
    """Bars on standard error; nothing where that is neither a terminal nor a notebook."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not (console.is_terminal or console.is_jupyter))


def say(line: str) -> None:
    """A line of warning on standard error."""
    sys.stderr.write(f"verify: {line}\n")
