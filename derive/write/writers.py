"""The formats: what prints any document, by the name that ``--format`` takes.

A format is a function of a document and a layout, in a file of its own; it is loaded when it is first asked
for, so that a command loads what it prints and no more.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from derive.document.model import Document, Layout
from derive.write.code.languages import LANGUAGES
from derive.write.header import header

Writer = Callable[[Document, Layout], str | bytes]


def _in(module: str, name: str) -> Writer:
    def write(document: Document, layout: Layout) -> str | bytes:
        content: str | bytes = getattr(import_module(f"derive.write.{module}"), name)(document, layout)
        return content

    return write


def _program(language: str) -> Writer:
    """The document's own module in a programming language, after its header."""

    def write(document: Document, layout: Layout) -> str:
        return document.modules[language](header(document, language, layout))

    return write


PICTURES = ("png", "svg", "pdf")
WRITERS: dict[str, Writer] = {
    "text": _in("text", "text"),
    "json": _in("json", "json"),
    "csv": _in("csv", "csv"),
    "latex": _in("latex.fragment", "latex"),
    **{form: _in("figures.picture", form) for form in PICTURES},
    "torch": _program("torch"),
}
"""A writer of any document goes here, and every command offers it; those of languages are in `LANGUAGES`."""

FORMULAS, CURVES = ("text", "json", "latex"), ("text", "json", "csv", *PICTURES)


def formula_formats(*more: str) -> tuple[str, ...]:
    """The formats of a document of formulas: languages too, ``more``, and those that print any document."""
    return (*FORMULAS, *LANGUAGES, *more, *_further())


def curve_formats() -> tuple[str, ...]:
    """The formats of a document of numbers over a range: `PICTURES` go into files."""
    return (*CURVES, *_further())


def headed_formats() -> tuple[str, ...]:
    """The formats whose files begin with a header."""
    return ("latex", "torch", *LANGUAGES)


def _further() -> tuple[str, ...]:
    return tuple(name for name in WRITERS if name not in (*FORMULAS, *CURVES, "torch", *LANGUAGES))


def written(document: Document, form: str, layout: Layout) -> str | bytes:
    """The document in a format."""
    writer = WRITERS[form] if form in WRITERS else _program(form)
    return writer(document, layout)
