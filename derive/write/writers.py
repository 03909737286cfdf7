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


PROGRAMS = (*LANGUAGES, "torch")
WRITERS: dict[str, Writer] = {
    "text": _in("text", "text"),
    "json": _in("json", "json"),
    "csv": _in("csv", "csv"),
    "latex": _in("latex.fragment", "latex"),
    "png": _in("figures.picture", "png"),
    **{language: _program(language) for language in PROGRAMS},
}
