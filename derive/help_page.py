"""The layout of ``--help``: that of the parser, and one for terminals too narrow for its two columns."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable
from typing import Any

TWO_COLUMNS = 60
LEAST_WIDTH = 24
INDENT = 4


def with_help_page(command: Any) -> Any:
    """The command; its help, and that of the commands below it, are laid out by `help_page`."""
    plain: Any = command.context_class

    class Page(plain):  # type: ignore[misc]
        formatter_class = help_page(plain.formatter_class)

    for one in (command, *getattr(command, "commands", {}).values()):
        one.context_class = Page
    return command


def help_page(formatter: Any) -> Any:
    """The parser's formatter of help, for terminals of any width.

    Where two columns do not fit, what an option does stands below it.
    """

    class HelpPage(formatter):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self.width: int = min(self.width, max(shutil.get_terminal_size().columns - 2, LEAST_WIDTH))

        def write_dl(self, rows: Iterable[tuple[str, str]], *arguments: Any, **named: Any) -> None:
            cut = [(_cut(name, self.width), meaning) for name, meaning in rows]
            if self.width >= TWO_COLUMNS:
                super().write_dl(cut, *arguments, **named)
                return
            for name, meaning in cut:
                text = textwrap.fill(" ".join(meaning.split()), self.width - 2 * INDENT)
                self.write(f"{' ' * self.current_indent}{name}\n{textwrap.indent(text, ' ' * 2 * INDENT)}\n")

    return HelpPage


def _cut(name: str, width: int) -> str:
    """A name on lines of ``width``, cut after bars and commas."""
    lines = [""]
    for piece in re.findall(r"[^|, ]+[|, ]*", name):
        if len(lines[-1]) + len(piece.rstrip()) > width - INDENT and lines[-1]:
            lines.append(" " * INDENT)
        lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines)
