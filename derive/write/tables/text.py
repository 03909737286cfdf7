"""The expansion as readable tables on a terminal."""

from __future__ import annotations

import io
import shutil
import sys
from math import factorial

from rich import box
from rich.console import Console
from rich.table import Table

from derive.document.formulas import outlier_text, prefactor_text, scaled_text, scaling_text
from derive.document.observables import (
    is_papers_task,
    leading_coefficients,
    observables,
    progress_observables,
    scaling_functions,
    singular_vectors,
    symbols,
    validity,
)
from derive.flow.connectivity import Connectivity
from derive.series.series import Series
from derive.series.taylor import TaylorSeries
from derive.tasks.expansion import Expansion, SingularVector

LEAST_WIDTH = 80
PLAIN_WIDTH = 120


def text_tables(expansion: Expansion) -> str:
    """Every observable as a table over k: coefficients in tau, and in ttilde = beta^2 tau."""
    console = plain_console()
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
    for observable in observables(expansion):
        console.print()
        console.print(series_table(observable.title, observable.series))
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
    for r, vector in enumerate(singular_vectors(expansion), 1):
        console.print()
        console.print(
            f"singular vectors of s{r}: u = sum over i of v_i a_i and v = sum over j of v_j b_j, same v_i; "
            "a_0 = B' w, b_0 = B m, a_i = B' b_(i-1), b_j = B a_(j-1)",
            markup=False,
        )
        console.print(_singular_vector_table(vector))
    if is_papers_task(expansion.task):
        _print_papers_task(expansion, console)
    return console_text(console)


def plain_console() -> Console:
    """A console that keeps what is printed, as wide as the terminal, but not so narrow that formulas are cut
    within a number or a name."""
    width = max(shutil.get_terminal_size().columns, LEAST_WIDTH) if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(file=io.StringIO(), width=width, color_system=None, highlight=False)


def console_text(console: Console) -> str:
    """What was printed to a `plain_console`, without spaces at the ends of lines."""
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _print_papers_task(expansion: Expansion, console: Console) -> None:
    """What is derived for the paper's task alone."""
    console.print()
    console.print("first terms of the singular values of W - W0, whatever the order")
    for leading in leading_coefficients(expansion):
        console.print(f"  s{leading.r} ~ {leading.term_text()}", markup=False)
    console.print()
    console.print("eigenvalues of W - W0 at g = 0: mean +- split/sqrt(3)")
    for series in expansion.eigenvalues_g0:
        console.print(series_table(series.symbol, series))
    console.print()
    console.print("outliers of W, its eigenvalues with |lam| > g: the roots of", markup=False)
    console.print(outlier_text(expansion.outlier_equation, console.width), markup=False)
    for part in expansion.outlier_equation.parts[1:]:
        console.print(series_table(part.series.symbol, part.series))
    console.print()
    console.print("The end of learning, in delta = z/zhat, the part of the way that is done (Fig. 4):")
    console.print("5% of the loss are left at delta = 1 - sqrt(0.05) = 0.776393")
    for progress in progress_observables(expansion):
        console.print()
        console.print(f"{progress.title} = sum over k")
        console.print(coefficient_table(progress.series))
    if functions := scaling_functions(expansion):
        console.print()
        console.print(
            "Scaling functions: the limits g -> 1 at fixed y = zhat**2*beta and fixed ttilde or delta"
        )
        for function in functions.values():
            console.print(scaling_text(function, console.width), markup=False)


def series_table(title: str, series: Series) -> Table:
    """A series in tau as a table over k: coefficients in tau, and in ttilde."""
    scaled = "coefficient of " + ("tau**k" if series.at_g0 else "ttilde**k")
    table = new_table(f"{title} = sum over k", "k")
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
    table = new_table(None, "k")
    for name in ("A11", "A12", "A21", "A22"):
        table.add_column(f"{name}, coefficient of tau**k", overflow="fold")
    for k in range(expansion.order + 1):
        table.add_row(str(k), *(series.text(k) for series in (a11, a12, a21, a22)))
    return table


def _connectivity_table(name: str, change: Connectivity) -> Table:
    table = new_table(None, f"{name}_k")
    table.add_column("coefficient", overflow="fold")
    table.add_column("outer product" if name == "W" else "vector")
    for k in range(1, change.order + 1):
        for line, (product, series) in enumerate(change.present(k)):
            table.add_row("" if line else f"{name}_{k}", series.text(k, factorial(k)), str(product))
    return table


def _singular_vector_table(vector: SingularVector) -> Table:
    table = new_table(None, "")
    table.add_column("k", justify="right")
    table.add_column("coefficient of tau**k", overflow="fold")
    named = [(f"v_{i}", series) for i, series in enumerate(vector.coordinates)]
    for name, series in [*named, ("|v|**2", vector.squared_norm)]:
        present = [k for k, coefficient in enumerate(series.scaled) if coefficient] or [0]
        for k in present:
            table.add_row(name if k == present[0] else "", str(k), series.text(k))
    return table


def coefficient_table(series: TaylorSeries) -> Table:
    """The coefficients of any series as a table over k."""
    table = new_table(None, "k")
    table.add_column(f"coefficient of {series.variable}**k", overflow="fold")
    for k in range(len(series)):
        table.add_row(str(k), series.text(k))
    return table


def new_table(title: str | None, first: str) -> Table:
    """A table whose first column is named."""
    table = Table(title=title, title_justify="left", title_style="", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, justify="right")
    return table
