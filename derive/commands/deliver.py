"""Handing a command's result over: to standard output, or to files; every command ends here.

While a check runs, what is handed over is collected instead, and nothing is printed or written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem, one_of, whole_number

if TYPE_CHECKING:
    from derive.document.model import Document, Layout


def page_columns(text: str) -> int:
    """The number of columns from the text of ``--columns``."""
    return int(one_of("--columns", text, ("1", "2")))


def latex_layout(form: str, terms_per_line: str, columns: str, standalone: bool) -> Layout:
    """The layout from the options; ``--standalone`` goes with LaTeX alone."""
    from derive.document.model import Layout

    if standalone and form != "latex":
        raise UsageProblem(f"--standalone with --format {form}: allowed is --format latex")
    return Layout(whole_number("--terms-per-line", terms_per_line, 1), page_columns(columns), standalone)


@dataclass
class Collected:
    """What a command printed, and the files that it would have written by name."""

    printed: list[str | bytes] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


_collected: ContextVar[Collected | None] = ContextVar("collected", default=None)


@contextmanager
def collecting() -> Iterator[Collected]:
    """Collect what commands hand over inside."""
    collected = Collected()
    token = _collected.set(collected)
    try:
        yield collected
    finally:
        _collected.reset(token)


def picture_needs_file(form: str, out: Path | None, example: str = "picture") -> None:
    """UsageProblem for a picture that would go to the standard output."""
    from derive.write.writers import PICTURES

    if form in PICTURES and out is None:
        raise UsageProblem(f"--format {form} needs --out FILE, e.g. --out {example}.{form}")


def deliver_document(document: Document, form: str, out: Path | None, layout: Layout | None = None) -> None:
    """Print a document in a format, or write it to ``out`` atomically."""
    picture_needs_file(form, out)
    deliver(rendered(document, form, layout), out)


def rendered(document: Document, form: str, layout: Layout | None = None) -> str | bytes:
    """A document in a format. Raises UsageProblem where it cannot be printed in it."""
    from derive.document.model import Layout
    from derive.write.finite import NotFinite, check_finite
    from derive.write.header import Unprintable
    from derive.write.missing import MissingPlot
    from derive.write.writers import PICTURES, written

    try:
        check_finite(document, form)
        return written(document, form, layout or Layout())
    except NotFinite:
        raise
    except (Unprintable, MissingPlot) as problem:
        raise UsageProblem(str(problem)) from None
    except Exception as problem:  # a user's matplotlibrc may ask for anything
        if form not in PICTURES:
            raise
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise UsageProblem(
            f"the figure could not be drawn ({reason[:200]}); allowed is a working matplotlib (see its file "
            "matplotlibrc), or another --format"
        ) from problem


def deliver(content: str | bytes, out: Path | None) -> None:
    """Print, or write to ``out`` atomically."""
    if (collected := _collected.get()) is not None:
        collected.printed.append(content)
        return
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


def deliver_files(files: Mapping[str, str], folder: Path) -> None:
    """Write files by name, each atomically, after all of them are made."""
    if (collected := _collected.get()) is not None:
        collected.files.update(files)
        return
    from derive.write.files import obstacle, write_together

    try:
        write_together(folder, files)
    except OSError as problem:
        raise UsageProblem(
            f"--out {folder}: cannot write there ({obstacle(folder, problem)}); allowed is a writable folder"
        ) from None
    for name in files:
        sys.stderr.write(f"wrote {folder / name}\n")
