"""Reports and their figures: the report first, since it is what the simulation was run for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from derive.command_line import UsageProblem
from verify.folders import save_together


@dataclass(frozen=True)
class Pictures:
    """Figures to be drawn: files ``stem.form`` in ``folder``; ``draw`` gives their bytes by form."""

    folder: Path
    stem: str
    forms: tuple[str, ...]
    draw: Callable[[], Mapping[str, bytes]]

    @property
    def paths(self) -> list[Path]:
        """The files that are written."""
        return [self.folder / f"{self.stem}.{form}" for form in self.forms]

    def write(self) -> None:
        """Draw and write them. Raises UsageProblem where either fails, for whatever reason."""
        try:
            drawn = self.draw()
        except UsageProblem:
            raise
        except Exception as problem:  # a user's matplotlibrc may ask for anything
            raise UsageProblem(
                f"the figure {self.paths[0]} could not be drawn ({first_line(problem)}); allowed is a "
                "working matplotlib (see its file matplotlibrc)"
            ) from problem
        save_together(self.folder, {f"{self.stem}.{form}": drawn[form] for form in self.forms})


def finish(report: str, passed: bool, pictures: Pictures) -> None:
    """Print the report, then draw; exit 1 where a check failed. Raises UsageProblem for the figure."""
    typer.echo(report)
    sys.stdout.flush()
    try:
        pictures.write()
    except UsageProblem as problem:
        if passed:
            raise
        sys.stderr.write(f"verify: {problem}\n")
    if not passed:
        raise typer.Exit(1)


def first_line(problem: BaseException) -> str:
    """The kind of a problem and its first line."""
    lines = str(problem).splitlines()
    return f"{type(problem).__name__}: {lines[0]}" if lines else type(problem).__name__
