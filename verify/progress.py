"""Progress bars on standard error, so that standard output holds the report alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int], Callable[[], None]]]:
    """Give a function (label, steps) -> step that opens a bar and moves it on; thread-safe."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def open_bar(label: str, steps: int) -> Callable[[], None]:
            task = bars.add_task(label, total=steps)
            return lambda: bars.advance(task)

        yield open_bar
