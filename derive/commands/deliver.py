"""Handing a command's result over: to standard output, or to the file of ``--out``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from derive.command_line import UsageProblem

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write there instead of printing.")]
"""The option ``--out`` of a command that hands its result over here."""


def deliver(content: str | bytes, out: Path | None) -> None:
    """Print, or write to ``out`` atomically."""
    if out is None:
        sys.stdout.write(content if isinstance(content, str) else content.decode())
        return
    from derive.write.files import write_atomically

    try:
        write_atomically(out, content)
    except OSError as problem:
        raise UsageProblem(
            f"--out {out}: cannot write there ({problem.strerror}); allowed is a file in a writable folder"
        ) from None
    sys.stderr.write(f"wrote {out}\n")


def picture(draw: Callable[[], Any]) -> bytes:
    """The PNG of a figure. Raises UsageProblem where matplotlib is missing."""
    from derive.write.figures.curve_figures import MissingPlot, as_png

    try:
        content: bytes = as_png(draw())
    except MissingPlot as problem:
        raise UsageProblem(str(problem)) from None
    except Exception as problem:  # a user's matplotlibrc may ask for anything
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise UsageProblem(
            f"the figure could not be drawn ({reason[:200]}); allowed is a working matplotlib (see its file "
            "matplotlibrc), or another --format"
        ) from problem
    return content
