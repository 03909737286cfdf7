"""A document as text for a terminal: words, tables over the powers, lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from math import factorial
from typing import Any

from derive.document.formulas import line_text, prefactor_text, scaled_text
from derive.document.model import USUAL, Coordinates, Document, Formula, Layout, Lines, Matrix, Rows, WordSum
from derive.series.series import Series
from derive.write.text_page import TextPage, page_width
from derive.write.text_table import TextTable


def text(document: Document, layout: Layout = USUAL) -> str:
    """Title, setting, symbols, where it holds, and the sections, a line apart."""
    page = TextPage(page_width())
    if document.title:
        page.say(document.title)
    if document.setting.text:
        page.say(document.setting.text)
    for variable in document.symbols:
        page.say(f"  {variable.name:<6} {variable.meaning}")
    if document.validity:
        if document.symbols:
            page.say("")
        page.say(document.validity)
    for section in document.sections:
        shown = [block for block in section.blocks if printed(block)]
        if not (shown or section.lines):
            continue
        if page.pieces:
            page.say("")
        for line in section.lines:
            page.say(line)
        for block in shown:
            show(block, page)
    return page.text()


def printed(block: Any) -> bool:
    """Whether a block says anything in text."""
    if isinstance(block, Rows | Formula):
        return "text" in block.formats
    return isinstance(block, Matrix | Coordinates | WordSum | Lines)


@singledispatch
def show(block: Any, page: TextPage) -> None:
    """Print a block."""
    raise TypeError(f"{type(block).__name__}: text has no form for it")


@show.register
def _formula(block: Formula, page: TextPage) -> None:
    if block.in_line:
        page.say(line_text(block.series, page.width))
        return
    if block.title:
        page.say(f"{block.title} = sum over k")
    page.table(series_table(block.series))


@show.register
def _matrix(block: Matrix, page: TextPage) -> None:
    table = new_table("k")
    for formula in block.formulas:
        table.add_column(f"{formula.title}, coefficient of tau**k")
    for k in range(1 + max(formula.series.order for formula in block.formulas)):
        table.add_row(str(k), *(formula.series.text(k) for formula in block.formulas))
    page.table(table)


@show.register
def _coordinates(block: Coordinates, page: TextPage) -> None:
    table = new_table("")
    table.add_column("k", right=True)
    table.add_column("coefficient of tau**k")
    for formula in block.formulas:
        texts = formula.series.texts()
        present = [k for k, one in enumerate(texts) if one != "0"] or [0]
        for k in present:
            table.add_row(formula.title if k == present[0] else "", str(k), texts[k])
    page.table(table)


@show.register
def _word_sum(block: WordSum, page: TextPage) -> None:
    name = block.name
    table = new_table(f"{name}_k")
    table.add_column("coefficient")
    table.add_column("outer product" if name == "W" else "vector")
    for k in range(1, block.change.order + 1):
        for line, (product, series) in enumerate(block.change.present(k)):
            table.add_row("" if line else f"{name}_{k}", series.text(k, factorial(k)), str(product))
    page.table(table)


@show.register
def _rows(block: Rows, page: TextPage) -> None:
    cells = [[_cell(x, block.digits) for x in row] for row in block.rows]
    if not block.folded:
        page.lines(aligned([list(block.names), *cells]))
        return
    table = new_table(block.names[0])
    for name in block.names[1:]:
        table.add_column(name)
    for row in cells:
        table.add_row(*row)
    page.table(table)


@show.register
def _lines(block: Lines, page: TextPage) -> None:
    page.lines(block.make())


def _cell(value: Any, digits: int) -> str:
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, columns aligned to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def series_table(series: Any) -> TextTable:
    """Coefficients over k: in the series' own variable, and, of a `Series`, in ttilde too."""
    table = new_table("k")
    if not isinstance(series, Series):
        table.add_column(f"coefficient of {series.variable}**k")
        for k in range(series.order + 1):
            table.add_row(str(k), series.text(k))
        return table
    scaled = "coefficient of " + ("tau**k" if series.at_g0 else "ttilde**k")
    if not series.at_g0:
        table.add_column("coefficient of tau**k")
    prefactor = prefactor_text(series)
    table.add_column(scaled + (f", times {prefactor}" if prefactor != "1" else ""))
    for k in range(len(series)):
        columns = [series.text(k)] if not series.at_g0 else []
        table.add_row(str(k), *columns, scaled_text(series, k))
    return table


def new_table(first: str) -> TextTable:
    """A table whose first column is named."""
    return TextTable([first])
