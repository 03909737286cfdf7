"""``--help``: commands grouped by what people want, and a layout for terminals of any width."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable
from typing import Any

from typer.core import TyperGroup

OTHER = "Commands"
WHOLE = 10**4  # letters: no sentence is cut
TWO_COLUMNS = 60
LEAST_WIDTH = 24
INDENT = 4


def grouped(groups: dict[str, tuple[str, ...]]) -> type[TyperGroup]:
    """A group of commands whose help lists them under headings; what stands under none comes last."""

    class Grouped(TyperGroup):
        def format_commands(self, ctx: Any, formatter: Any) -> None:
            names = [name for name in self.list_commands(ctx) if not self.commands[name].hidden]
            placed = {name for chosen in groups.values() for name in chosen}
            rest = tuple(name for name in names if name not in placed)
            for heading, chosen in (*groups.items(), (OTHER, rest)):
                rows = [
                    (name, self.commands[name].get_short_help_str(WHOLE)) for name in chosen if name in names
                ]
                if rows:
                    with formatter.section(heading):
                        formatter.write_dl(rows)

    return Grouped


def with_help_page(command: Any) -> Any:
    """The command; its help, and that of the commands below it, are laid out by `help_page`."""
    plain: Any = command.context_class

    class PageContext(plain):  # type: ignore[misc]
        formatter_class = help_page(plain.formatter_class)

    for one in (command, *getattr(command, "commands", {}).values()):
        one.context_class = PageContext
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
