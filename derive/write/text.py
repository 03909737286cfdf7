"""A document as text for a terminal: words, tables over the powers, lines."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterable, Sequence
from functools import singledispatch
from math import factorial
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from derive.document.formulas import line_text, prefactor_text, scaled_text
from derive.document.model import USUAL, Coordinates, Document, Formula, Layout, Lines, Matrix, Rows, WordSum
from derive.series.series import Series

PLAIN_WIDTH = 120


def text(document: Document, layout: Layout = USUAL) -> str:
    """Title, setting, symbols, where it holds, and the sections, a line apart."""
    console = plain_console()
    if document.title:
        say(console, document.title)
    if document.setting.text:
        say(console, document.setting.text)
    for variable in document.symbols:
        say(console, f"  {variable.name:<6} {variable.meaning}")
    if document.validity:
        if document.symbols:
            console.print()
        say(console, document.validity)
    for section in document.sections:
        shown = [block for block in section.blocks if printed(block)]
        if not (shown or section.lines):
            continue
        if console.file.tell():
            console.print()
        for line in section.lines:
            say(console, line)
        for block in shown:
            show(block, console)
    return console_text(console)


def say(console: Console, line: str) -> None:
    """Words as they are, wrapped at the width of the console."""
    console.print(line, markup=False)


def plain_console() -> Console:
    """A console that keeps what is printed, as wide as the terminal."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(file=io.StringIO(), width=width, color_system=None, highlight=False)


def console_text(console: Console) -> str:
    """What was printed to a `plain_console`, without spaces at the ends of lines."""
    content: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in content.splitlines()) + "\n"


def printed(block: Any) -> bool:
    """Whether a block says anything in text."""
    if isinstance(block, Rows | Formula):
        return "text" in block.formats
    return isinstance(block, Matrix | Coordinates | WordSum | Lines)


@singledispatch
def show(block: Any, console: Console) -> None:
    """Print a block."""
    raise TypeError(f"{type(block).__name__}: text has no form for it")


@show.register
def _formula(block: Formula, console: Console) -> None:
    if block.in_line:
        say(console, line_text(block.series, console.width))
        return
    if block.title:
        say(console, f"{block.title} = sum over k")
    console.print(series_table(block.series))


@show.register
def _matrix(block: Matrix, console: Console) -> None:
    table = new_table("k")
    for formula in block.formulas:
        table.add_column(f"{formula.title}, coefficient of tau**k", overflow="fold")
    for k in range(1 + max(formula.series.order for formula in block.formulas)):
        table.add_row(str(k), *(formula.series.text(k) for formula in block.formulas))
    console.print(table)


@show.register
def _coordinates(block: Coordinates, console: Console) -> None:
    table = new_table("")
    table.add_column("k", justify="right")
    table.add_column("coefficient of tau**k", overflow="fold")
    for formula in block.formulas:
        texts = formula.series.texts()
        present = [k for k, one in enumerate(texts) if one != "0"] or [0]
        for k in present:
            table.add_row(formula.title if k == present[0] else "", str(k), texts[k])
    console.print(table)


@show.register
def _word_sum(block: WordSum, console: Console) -> None:
    name = block.name
    table = new_table(f"{name}_k")
    table.add_column("coefficient", overflow="fold")
    table.add_column("outer product" if name == "W" else "vector")
    for k in range(1, block.change.order + 1):
        for line, (product, series) in enumerate(block.change.present(k)):
            table.add_row("" if line else f"{name}_{k}", series.text(k, factorial(k)), str(product))
    console.print(table)


@show.register
def _rows(block: Rows, console: Console) -> None:
    cells = [[_cell(x, block.digits) for x in row] for row in block.rows]
    if not block.folded:
        lines(console, aligned([list(block.names), *cells]))
        return
    table = new_table(block.names[0])
    for name in block.names[1:]:
        table.add_column(name, overflow="fold")
    for row in cells:
        table.add_row(*row)
    console.print(table)


@show.register
def _lines(block: Lines, console: Console) -> None:
    lines(console, block.make())


def lines(console: Console, made: Iterable[str]) -> None:
    """Lines as they are, however long."""
    for line in made:
        console.print(line, markup=False, soft_wrap=True)


def _cell(value: Any, digits: int) -> str:
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, columns aligned to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def series_table(series: Any) -> Table:
    """Coefficients over k: in the series' own variable, and, of a `Series`, in ttilde too."""
    table = new_table("k")
    if not isinstance(series, Series):
        table.add_column(f"coefficient of {series.variable}**k", overflow="fold")
        for k in range(series.order + 1):
            table.add_row(str(k), series.text(k))
        return table
    scaled = "coefficient of " + ("tau**k" if series.at_g0 else "ttilde**k")
    if not series.at_g0:
        table.add_column("coefficient of tau**k", overflow="fold")
    prefactor = prefactor_text(series)
    table.add_column(scaled + (f", times {prefactor}" if prefactor != "1" else ""), overflow="fold")
    for k in range(len(series)):
        columns = [series.text(k)] if not series.at_g0 else []
        table.add_row(str(k), *columns, scaled_text(series, k))
    return table


def new_table(first: str) -> Table:
    """A table whose first column is named."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, justify="right")
    return table
