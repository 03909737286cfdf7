"""A table in plain text, its long cells wrapped: columns side by side under a rule.

The lines are those of a rich table with the box SIMPLE_HEAD and no padding at its edges. Orders above 20
print tens of thousands of cells, for which rich takes longer than everything that is derived.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.table import Table

WORD = re.compile(r"\s*\S+\s*")
GAP = "   "
RULE = "─"


@dataclass
class TextTable:
    """``names`` of the columns; ``right``: those aligned to the right, by number, the first of them."""

    names: list[str]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    right: set[int] = field(default_factory=lambda: {0})

    def add_column(self, name: str, right: bool = False) -> None:
        """One more column, before any row."""
        if right:
            self.right.add(len(self.names))
        self.names.append(name)

    def add_row(self, *cells: str) -> None:
        """One more row, a cell for each column."""
        self.rows.append(cells)

    def lines(self, width: int) -> list[str]:
        """The table at most ``width`` wide where its words allow it, a blank line before and after."""
        widths = self._widths(width - 2 - len(GAP) * (len(self.names) - 1))
        rule = " " + RULE * (sum(widths) + len(GAP) * (len(widths) - 1))
        result = ["", *self._row(self.names, widths, below=True), rule]
        for row in self.rows:
            result += self._row(row, widths)
        return [*result, ""]

    def _widths(self, available: int) -> list[int]:
        widths = [max(map(len, column)) for column in zip(self.names, *self.rows, strict=True)]
        if sum(widths) <= available:
            return widths
        # rich counts the gaps with the columns: two places for one in the middle, one at the edges
        last = len(widths) - 1
        padding = [2 if 0 < i < last else 1 for i in range(len(widths))]
        most = available + sum(padding)
        whole = [min(w + p, most) for w, p in zip(widths, padding, strict=True)]
        whole = Table._collapse_widths(whole, [True] * len(whole), most)
        return [w - p for w, p in zip(whole, padding, strict=True)]

    def _row(self, cells: Sequence[str], widths: list[int], below: bool = False) -> list[str]:
        """Its lines; ``below``: short cells stand on the last of them."""
        parts = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
        height, lines = max(len(part) for part in parts), []
        if below:
            parts = [[""] * (height - len(part)) + part for part in parts]
        for i in range(height):
            pieces = [part[i] if i < len(part) else "" for part in parts]
            shown = [
                piece.rjust(width) if column in self.right else piece.ljust(width)
                for column, (piece, width) in enumerate(zip(pieces, widths, strict=True))
            ]
            lines.append((" " + GAP.join(shown)).rstrip())
        return lines


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` places, broken between words; a longer word is cut."""
    if len(text) <= width:
        return [text]
    breaks: list[int] = []
    offset = 0
    for match in WORD.finditer(text):
        word, start = match.group(), match.start()
        length = len(word.rstrip())
        if width - offset >= length:
            offset += len(word)
        elif length > width:
            for position in range(0, len(word), width):
                if start + position:
                    breaks.append(start + position)
                offset = min(width, len(word) - position)
        elif offset and start:
            breaks.append(start)
            offset = len(word)
    ends = [*breaks, len(text)]
    return [text[start:end].rstrip() for start, end in zip([0, *breaks], ends, strict=True)]
