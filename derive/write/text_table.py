"""A table in plain text, its long cells wrapped: columns side by side under a rule.

The lines are those of a rich table with the box SIMPLE_HEAD and no padding at its edges. Orders above 20
print tens of thousands of cells, for which rich takes longer than everything that is derived.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

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
        return [line for piece in self.pieces(width) for line in piece.split("\n")]

    def pieces(self, width: int) -> list[str]:
        """The same as strings of lines: above the rule, the rule, and below it."""
        widths = self._widths(width - 2 - len(GAP) * (len(self.names) - 1))
        rule = " " + RULE * (sum(widths) + len(GAP) * (len(widths) - 1))
        head = "\n".join(["", *self._row(self.names, widths, below=True)])
        body = "\n".join(["\n".join(self._row(row, widths)) for row in self.rows] + [""])
        return [head, rule, body]

    def _widths(self, available: int) -> list[int]:
        widths = [max(map(len, column)) for column in zip(self.names, *self.rows, strict=True)]
        if sum(widths) <= available:
            return widths
        # rich counts the gaps with the columns: two places for one in the middle, one at the edges
        last = len(widths) - 1
        padding = [2 if 0 < i < last else 1 for i in range(len(widths))]
        most = available + sum(padding)
        whole = [min(w + p, most) for w, p in zip(widths, padding, strict=True)]
        return [w - p for w, p in zip(_narrowed(whole, most), padding, strict=True)]

    def _row(self, cells: Sequence[str], widths: list[int], below: bool = False) -> list[str]:
        """Its lines; ``below``: short cells stand on the last of them."""
        parts = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
        height = max(map(len, parts))
        columns = []
        for column, (part, width) in enumerate(zip(parts, widths, strict=True)):
            justify = str.rjust if column in self.right else str.ljust
            blank = [" " * width] * (height - len(part))
            shown = [justify(piece, width) for piece in part]
            columns.append([*blank, *shown] if below else [*shown, *blank])
        return [f" {GAP.join(pieces)}".rstrip() for pieces in zip(*columns, strict=True)]


def _narrowed(widths: list[int], most: int) -> list[int]:
    """Widths that add up to ``most``: the widest give way first, evenly, down to the next widest."""
    widths = list(widths)
    while (excess := sum(widths) - most) > 0:
        widest = max(widths)
        step = min(excess, widest - max((w for w in widths if w != widest), default=0))
        if not step:
            break
        count = widths.count(widest)
        for i, width in enumerate(widths):
            if width == widest:
                taken = min(step, round(excess / count))
                widths[i], excess, count = width - taken, excess - taken, count - 1
    return widths


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` places, broken between words; a longer word is cut."""
    if len(text) <= width:
        return [text]
    if text[0] == " " or text[-1] == " " or "  " in text:
        return _wrapped_by_words(text, width)
    lines, start = [], 0
    while len(text) - start > width:
        end = text.rfind(" ", start, start + width + 1)
        if end >= 0:
            lines.append(text[start:end])
            start = end + 1
            continue
        stop = text.find(" ", start)  # a word that must be cut; the space behind it counts
        size = (len(text) if stop < 0 else stop + 1) - start
        while size > width:
            lines.append(text[start : start + width])
            start, size = start + width, size - width
    return [*lines, text[start:]]


def _wrapped_by_words(text: str, width: int) -> list[str]:
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
