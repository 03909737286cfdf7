"""``derive network``: one network exactly, its numbers or the formula before any average (THEORY 2)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from derive.command_line import (
    TermsPerLine,
    UsageProblem,
    format_option,
    one_of,
    real_number,
    refused,
    takes,
    whole_number,
)
from derive.commands.deliver import deliver_document, latex_layout
from derive.commands.options import (
    Columns,
    Order,
    Out,
    Standalone,
    Train,
    Yes,
    learning_of,
    order_of,
)
from derive.document.model import TERMS_PER_LINE, Document
from derive.options_in_use import LATEX, Counts, in_use
from derive.write.writers import formula_formats

# above these orders a formula asks for --yes, measured with --format python, the slowest
MEASURED: dict[tuple[str, ...], tuple[int, str]] = {("W",): (12, "1 second and 0.7 MB")}
OTHERS = (8, "1.5 seconds and 0.8 MB")
GROWTH = "both grow two- to threefold an order"
LARGEST_ORDER = 40  # of the numbers


@in_use(LATEX, Counts(("yes",), "without FILE", lambda v: v["file"] is None))
def network(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="numpy.savez(FILE, W0=..., m=..., w=...): its numbers."),
    ] = None,
    order: Order = None,
    zhat: Annotated[str | None, takes("Z", "Target, with FILE.")] = None,
    train: Train = "W",
    singular_values: Annotated[
        str | None, takes("R", "How many singular values, with FILE; s_R needs order 4R-3 [2].")
    ] = None,
    form: Annotated[str, format_option(formula_formats())] = "text",
    out: Out = None,
    terms_per_line: TermsPerLine = str(TERMS_PER_LINE),
    columns: Columns = "1",
    standalone: Standalone = False,
    yes: Yes = False,
) -> None:
    """Taylor coefficients of one network, no limit taken: from FILE as numbers, else as a formula.

    The formula is in the network's overlaps ww_n = w'(BB')^n w, mm_n = m'(B'B)^n m and
    wm_n = w'B(B'B)^n m, B = (I - W0)^-1: the expansion before any average. m, w and W0 are arbitrary.
    """
    one_of("--format", form, formula_formats())
    layout = latex_layout(form, terms_per_line, columns, standalone)
    highest, learning = order_of(order, example="derive network --order 3"), learning_of(train)
    if file is not None:
        if zhat is None:
            raise UsageProblem(f"--zhat is missing: allowed with {file} is a number")
        document = _numbers(file, highest, zhat, learning, singular_values)
        deliver_document(document, form, out, layout)
        return
    for option, given in (("--zhat", zhat), ("--singular-values", singular_values)):
        if given is not None:
            raise UsageProblem(f"{option} {given}: allowed with a FILE; a formula holds zhat as a symbol")
    measured, time = MEASURED.get(learning, OTHERS)
    if highest > measured and not yes:
        raise UsageProblem(
            f"--order {order}: order {measured} was measured to take {time}, and {GROWTH}; allowed with --yes"
        )
    deliver_document(_formula(highest, learning), form, out, layout)


def _formula(order: int, train: tuple[str, ...]) -> Document:
    from derive.document.network_formula import network_formula, network_formula_document
    from derive.write.code.languages import in_languages
    from derive.write.modules.network_formula import formula_module

    formula = network_formula(order, train)
    modules = in_languages(lambda language, header: formula_module(formula, header))
    return replace(network_formula_document(formula), modules=modules)


def _numbers(
    path: Path, order: int, zhat: str, train: tuple[str, ...], singular_values: str | None
) -> Document:
    from derive.commands.network_file import read_network
    from derive.document.network_numbers import network_numbers, network_numbers_document
    from derive.write.code.languages import in_languages
    from derive.write.modules.network_numbers import numbers_module

    target = real_number("--zhat", zhat, "a number", -float("inf"))
    if order > LARGEST_ORDER:
        raise UsageProblem(f"--order {order}: allowed with a FILE are integers from 1 to {LARGEST_ORDER}")
    most = (order + 3) // 4
    count = min(2, most) if singular_values is None else whole_number("--singular-values", singular_values, 1)
    if count > most:
        raise UsageProblem(
            f"--singular-values {count}: order >= {4 * count - 3} is needed, --order {order} was given"
        )
    instance = read_network(path)
    with refused(f"{path}: "):
        report = network_numbers(instance, path.name, order, target, train, count)
    modules = in_languages(lambda language, header: numbers_module(report, header, language))
    return replace(network_numbers_document(report), modules=modules)
