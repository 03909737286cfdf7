"""``derive modes TARGET.json``: several inputs and outputs, mode by mode (THEORY 4)."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derive.command_line import (
    TermsPerLine,
    UsageProblem,
    format_option,
    one_of,
    refused,
    takes,
    whole_number,
)
from derive.commands.data_file import read_json
from derive.commands.deliver import deliver_document, latex_layout
from derive.commands.options import AtG0, Columns, Order, Out, Standalone, order_of
from derive.document.model import TERMS_PER_LINE, Document
from derive.document.request import Request
from derive.options_in_use import LATEX, in_use
from derive.write.writers import formula_formats

if TYPE_CHECKING:
    from derive.tasks.modes import MatrixTask

ALLOWED = (
    "allowed is a file of JSON with rows (outputs) of numbers, all of one length, like [[0.5, 0.2], [0, 1]]"
)
EXACT_RANGE = (1e-300, 1e300)
LARGEST_SIDE = 40  # of the smaller side of the target: 8 seconds
LONGEST_SIDE = 1000
LARGEST_ORDER = 30  # 3 seconds on one core of a laptop; at order 40 it is 9


@in_use(LATEX)
def modes(
    target: Annotated[
        Path, typer.Argument(metavar="TARGET.json", help="The target matrix, outputs x inputs, as rows.")
    ],
    order: Order = None,
    singular_values: Annotated[
        str, takes("R", "How many singular values a mode; s_R starts at tau**(2R-1).")
    ] = "2",
    g0: AtG0 = False,
    form: Annotated[str, format_option(formula_formats())] = "text",
    out: Out = None,
    terms_per_line: TermsPerLine = str(TERMS_PER_LINE),
    columns: Columns = "1",
    standalone: Standalone = False,
) -> None:
    """Expand learning of a target matrix by orthonormal inputs and readouts, at N -> infinity.

    Prints the singular modes of the target and the series they share, of which readout, loss,
    Frobenius norm and singular values of W - W0 are made.
    """
    one_of("--format", form, formula_formats())
    layout = latex_layout(form, terms_per_line, columns, standalone)
    through = order_of(order, LARGEST_ORDER)
    request = Request(through, whole_number("--singular-values", singular_values, 1), g0)
    deliver_document(_document(read_target(target, g0), request, target.name), form, out, layout)


def read_target(path: Path, g0: bool = False) -> MatrixTask:
    """The task whose target matrix stands in ``path``, decimals taken as typed. Raises UsageProblem."""
    from derive.tasks.modes import MatrixTask

    rows = read_json(path, str(path), ALLOWED, _exact)
    if not (isinstance(rows, list) and all(isinstance(row, list) for row in rows)):
        raise UsageProblem(f"{path}: not a list of rows; {ALLOWED}")
    if max(len(rows), *map(len, rows), 0) > LONGEST_SIDE:
        raise UsageProblem(f"{path}: a side of more than {LONGEST_SIDE} entries; {ALLOWED}")
    for row in rows:
        for entry in row:
            if isinstance(entry, bool) or not isinstance(entry, int | float | Fraction):
                raise UsageProblem(f"{path}: entry {_shown(entry)} is no number; {ALLOWED}")
    with refused(f"{path}: "):
        task = MatrixTask(rows, g0)
    outputs, inputs = task.target.shape
    if min(outputs, inputs) > LARGEST_SIDE:
        raise UsageProblem(
            f"{path}: {outputs} x {inputs} entries; allowed are at most {LARGEST_SIDE} outputs or inputs"
        )
    return task


def _exact(text: str) -> Fraction | float:
    """The decimal number itself, unless it is beyond the range of doubles."""
    low, high = EXACT_RANGE
    value = float(text)
    return Fraction(text) if low < abs(value) < high else value


def _shown(entry: Any) -> str:
    text = json.dumps(entry, default=float)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _document(task: MatrixTask, request: Request, file: str) -> Document:
    from derive.document.modes import modes_document
    from derive.tasks.expand import expand
    from derive.write.code.languages import in_languages
    from derive.write.modules.modes import modes_module

    with refused():
        expansion = expand(task, request.order, singular_values=request.singular_values)
    modules = in_languages(lambda language, header: modes_module(expansion, request, header, language))
    return replace(modes_document(expansion, request, file), modules=modules)
