"""The header of generated files: the command that makes them, written and read back here alone.

A header is one line behind the comment sign of the file's language. What is read back is words, never run
by a shell: `derive.commands.check` hands them to the parser of the command line.
"""

from __future__ import annotations

import shlex

from derive.document.model import TERMS_PER_LINE, USUAL, Document, Layout

HEADER = "Made by the command:"
AGAIN = "Do not edit: the command above makes it again"
DO_NOT_EDIT = f"{AGAIN}."
LINES = 5  # at a file's beginning, among which a header is looked for


class Unprintable(ValueError):
    """A word of the command that cannot stand in a comment of one line."""


def command_words(document: Document, form: str, layout: Layout) -> tuple[str, ...]:
    """The whole command: ``derive``, its words, the layout of LaTeX where it is not the usual, the format."""
    words = ["derive", *document.command]
    if layout.terms_per_line != TERMS_PER_LINE:
        words += ["--terms-per-line", str(layout.terms_per_line)]
    if layout.columns != 1:
        words += ["--columns", str(layout.columns)]
    if layout.standalone and form == "latex":
        words.append("--standalone")
    return (*words, "--format", form)


def header(document: Document, form: str, layout: Layout = USUAL) -> str:
    """The header without comment signs. Raises Unprintable."""
    for word in document.command:
        if not word.isprintable() or "*)" in word:
            raise Unprintable(
                f"{word!r}: allowed in the header of a printed file are names of one line, without *)"
            )
    return f"{HEADER} {' '.join(map(_quoted, command_words(document, form, layout)))}"


def _quoted(word: str) -> str:
    """A word as a shell reads it back, in double quotes where it has primes."""
    if "'" in word and not set(word) & set('"$`\\!'):
        return f'"{word}"'
    return shlex.quote(word)


def command_of(text: str) -> tuple[str, ...] | None:
    """The words of the command in a file's header; None where there is no such line, or no such words."""
    for line in text.split("\n", LINES)[:LINES]:
        _, found, command = line.strip("\r").partition(f"{HEADER} ")
        if found:
            try:
                return tuple(shlex.split(command.removesuffix(" *)")))
            except ValueError:
                return None
    return None
