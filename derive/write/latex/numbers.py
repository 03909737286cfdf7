"""Matrices and vectors of numbers in LaTeX, as far as they fit a page; else row by row."""

from __future__ import annotations

from collections.abc import Sequence

from derive.write.latex.latex_layout import INDENT, Page, equation, packed
from derive.write.latex.width import width

DIGITS = 6
TALLEST = 8  # rows of a matrix that is printed as one
COLUMN = 10.0  # points between columns
SIDES = 35.0  # points of the brackets and the equals sign


def numbers(left: str, matrix: Sequence[Sequence[float]], label: str, on: Page) -> str:
    """An align environment, ``left`` = the matrix; a column as the transpose of a row."""
    if len(matrix[0]) == 1:
        entries = [number(row[0]) for row in matrix]
        return equation(left, _tuple(entries, r"^{\top}" if len(entries) > 1 else ""), label, on)
    cells = [[number(x) for x in row] for row in matrix]
    if len(cells) <= TALLEST and array_width(left, cells) < on.width:
        return equation(left, [array(cells)], label, on)
    lines = [f"  &{left}: \\notag \\\\"]
    for row in cells:
        for line in packed(_tuple(row, ""), on.inside - INDENT):
            lines.append(rf"  &\quad {line} \notag \\")
    last = lines.pop().removesuffix(r" \notag \\")
    lines.append(rf"{last} \label{{{label}}}")
    return "\\begin{align}\n" + "\n".join(lines) + "\n\\end{align}\n"


def array_width(left: str, cells: Sequence[Sequence[str]]) -> float:
    """The width of ``left`` = the cells in brackets."""
    columns = range(len(cells[0]))
    return width(left) + SIDES + sum(max(width(row[j]) for row in cells) + COLUMN for j in columns)


def array(cells: Sequence[Sequence[str]], alignment: str = "r") -> str:
    """Cells in brackets, any number of columns."""
    body = r" \\ ".join(" & ".join(row) for row in cells)
    return rf"\left(\begin{{array}}{{{alignment * len(cells[0])}}} {body} \end{{array}}\right)"


def number(value: float) -> str:
    """A number with DIGITS digits."""
    mantissa, _, exponent = f"{value:.{DIGITS}g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def _tuple(entries: Sequence[str], behind: str) -> list[str]:
    """(a, b, ...) in pieces; one entry alone without brackets."""
    if len(entries) == 1:
        return [entries[0]]
    return [f"({entries[0]},", *(rf"\ {x}," for x in entries[1:-1]), rf"\ {entries[-1]}){behind}"]
