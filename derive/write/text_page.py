"""A page of text for a terminal: lines wrapped at its width, and tables.

Plain characters, nearly all there are, are wrapped here; words with others (of two places, or none) by rich,
which is not loaded before.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from derive.write.text_table import TextTable, wrapped

PLAIN_WIDTH = 120
LEAST_WIDTH = 80  # narrower, formulas would be cut within a number or a name


def page_width() -> int:
    """That of the terminal, or a fixed one where the output is none."""
    return max(shutil.get_terminal_size().columns, LEAST_WIDTH) if sys.stdout.isatty() else PLAIN_WIDTH


@dataclass
class TextPage:
    """What is printed so far, in pieces that end with lines; no line ends with spaces."""

    width: int
    pieces: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Words as they are, wrapped at the width of the page."""
        self._print(line, wrap=True)

    def lines(self, made: Iterable[str]) -> None:
        """Lines as they are, however long."""
        for line in made:
            self._print(line, wrap=False)

    def table(self, table: TextTable) -> None:
        """A table."""
        self.pieces += [f"{piece}\n" for piece in table.pieces(self.width)]

    def text(self) -> str:
        """All of it."""
        return "".join(self.pieces) or "\n"

    def _print(self, line: str, wrap: bool) -> None:
        parts = line.split("\n")
        if not all(part.isascii() and part.isprintable() for part in parts):
            self.pieces.append(_by_rich(line, self.width, wrap))
            return
        for part in parts:
            lines = wrapped(part, self.width) if wrap else [part]
            self.pieces += [f"{one.rstrip()}\n" for one in lines]


def _by_rich(line: str, width: int, wrap: bool) -> str:
    import io

    from rich.console import Console

    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    console.print(line, markup=False, soft_wrap=not wrap)
    content: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "".join(f"{one.rstrip()}\n" for one in content.splitlines())
