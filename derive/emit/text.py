"""The expansion as readable tables on a terminal."""

from __future__ import annotations

import io
import shutil
import sys
from math import factorial

from rich import box
from rich.console import Console
from rich.table import Table

from derive.algebra.series import Series
from derive.emit.formulas import prefactor_text, scaled_text
from derive.emit.observables import Observable, observables, symbols, validity
from derive.fixed_point.expansion import Connectivity, Expansion

PLAIN_WIDTH = 120


def text_tables(expansion: Expansion) -> str:
    """Every observable as a table over k: coefficients in tau, and in ttilde = beta^2 tau."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else PLAIN_WIDTH
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    g0 = expansion.task.g0
    console.print(
        f"Fixed-point task, N -> infinity{', g = 0' if g0 else ''}: expansion through "
        f"tau**{expansion.order} (Schuessler et al. 2020, section 3)"
    )
    if expansion.task.train != ("W",):
        console.print(f"What learns: {', '.join(expansion.task.train)}")
    for name, meaning in symbols(expansion.task).items():
        console.print(f"  {name:<6} {meaning}", markup=False)
    console.print()
    console.print(validity(expansion), markup=False)
    sharpness = Observable("sharpness", "sharpness h", "", expansion.sharpness)
    for observable in [*observables(expansion), sharpness]:
        console.print()
        console.print(_series_table(observable.title, observable.series))
    console.print()
    console.print("A at g = 0, W - W0 = \\[w m] A \\[w m]^T (Eq. 9, 10)")
    console.print(_matrix_table(expansion))
    console.print()
    console.print("W(tau) = W0 + sum over k of W_k tau**k/k!; a prime is the transpose (Eq. 7, 11)")
    console.print(_connectivity_table("W", expansion.W))
    for name in ("m", "w"):
        if name in expansion.task.train:
            console.print()
            console.print(f"{name}(tau) = {name} + sum over k of {name}_k tau**k/k!")
            console.print(_connectivity_table(name, expansion.vector(name)))
    return _without_trailing_spaces(console.file.getvalue())  # type: ignore[attr-defined]


def _series_table(title: str, series: Series) -> Table:
    scaled = "coefficient of " + ("tau**k" if series.at_g0 else "ttilde**k")
    table = _table(f"{title} = sum over k", "k")
    if not series.at_g0:
        table.add_column("coefficient of tau**k", overflow="fold")
    prefactor = prefactor_text(series)
    table.add_column(scaled + (f", times {prefactor}" if prefactor != "1" else ""), overflow="fold")
    for k in range(len(series)):
        columns = [series.text(k)] if not series.at_g0 else []
        table.add_row(str(k), *columns, scaled_text(series, k))
    return table


def _matrix_table(expansion: Expansion) -> Table:
    (a11, a12), (a21, a22) = expansion.a_matrix
    table = _table(None, "k")
    for name in ("A11", "A12", "A21", "A22"):
        table.add_column(f"{name}, coefficient of tau**k", overflow="fold")
    for k in range(expansion.order + 1):
        table.add_row(str(k), *(series.text(k) for series in (a11, a12, a21, a22)))
    return table


def _connectivity_table(name: str, change: Connectivity) -> Table:
    table = _table(None, f"{name}_k")
    table.add_column("coefficient", overflow="fold")
    table.add_column("outer product" if name == "W" else "vector")
    for k in range(1, change.order + 1):
        for line, (product, series) in enumerate(change.present(k)):
            table.add_row("" if line else f"{name}_{k}", series.text(k, factorial(k)), str(product))
    return table


def _table(title: str | None, first: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, justify="right")
    return table


def _without_trailing_spaces(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
