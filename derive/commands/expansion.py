"""``derive --order K``: the expansion on the terminal, and the files of ``generated/``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from derive.commands.check import check_files, check_folder
from derive.commands.deliver import deliver_document, deliver_files, page_columns
from derive.commands.options import (
    AlsoStandalone,
    AtG0,
    Check,
    Columns,
    Folder,
    NoWrite,
    Order,
    Train,
    Yes,
    learning_of,
    order_of,
)
from derive.commands.progress import progress_bar
from derive.document.request import TERMS_PER_LINE, Request
from derive.options_in_use import WRITTEN, Counts, in_use
from derive.write.code.languages import LANGUAGES
from derive.write.writers import formula_formats

if TYPE_CHECKING:
    from derive.write.render import Rendering

# above this order ask for --yes; measured with benchmarks/high_orders.py
MEASURED_ORDER = 20
MEASURED_TIMES = (
    "order 20 prints in 0.6 s, 30 in 2.4 s, 40 in 10 s, growing as order**4 to order**5; the files, without "
    "--no-write, take 2 s, 13 s, 1 minute"
)

EXPANDING = (
    "form",
    "singular_values",
    "g0",
    "alignment",
    "train",
    "covariance",
    "terms_per_line",
    "columns",
    "standalone",
)


@in_use(
    Counts(EXPANDING, "with --order", lambda v: v["order"] is not None),
    *WRITTEN,
    Counts(
        ("form",),
        "without --check, or a language whose file it looks at too",
        lambda v: not v["check"] or v["form"] in tuple(LANGUAGES)[1:],
    ),
)
def expansion(
    context: typer.Context,
    order: Order = None,
    form: Annotated[str, format_option(formula_formats())] = "text",
    singular_values: Annotated[str, takes("R", "How many singular values; s_R starts at tau**(2R-1).")] = "2",
    g0: AtG0 = False,
    alignment: Annotated[
        str, takes("RHO", "Overlap w.m of the vectors: rho, or a number from -1 to 1.")
    ] = "0",
    train: Train = "W",
    covariance: Annotated[
        str | None, takes("A,B", "Covariance between networks of A at one time and B at another.")
    ] = None,
    terms_per_line: TermsPerLine = str(TERMS_PER_LINE),
    columns: Columns = "1",
    standalone: AlsoStandalone = False,
    out: Folder = Path("generated"),
    no_write: NoWrite = False,
    check: Check = False,
    yes: Yes = False,
) -> None:
    """Expand gradient-descent learning of a linear recurrent network, exactly, to any order.

    Prints the expansion of the fixed-point task (Schuessler et al. 2020) at N -> infinity and
    writes it as a Python module and a LaTeX fragment, order_K.py and order_K.tex, under --out; with
    --format c, matlab, javascript or mathematica as order_K.c, .m, .mjs or .wl too.
    """
    if context.invoked_subcommand is not None:
        return
    one_of("--format", form, formula_formats())
    if order is None and check:
        check_folder(context.command, out, yes)
        return
    request = Request(
        order_of(order, example="derive --order 5"),
        whole_number("--singular-values", singular_values, 1),
        g0,
        whole_number("--terms-per-line", terms_per_line, 1),
        standalone,
        _alignment(alignment),
        ",".join(learning_of(train)),
        columns=page_columns(columns),
        covariance=",".join(name.strip() for name in (covariance or "").split(",")),
    )
    if covariance is not None:
        _check_pair(request)
    if request.order > MEASURED_ORDER and not yes:
        raise UsageProblem(f"--order {order}: measured on one core, {MEASURED_TIMES}; allowed with --yes")
    rendering = _rendering(request)
    if check:
        check_files(rendering.files(form), out, request.file_stem)
        return
    if not no_write:
        deliver_files(rendering.files(form), out)
    deliver_document(rendering.document, form, None, request.layout)


def _alignment(text: str) -> str:
    """The option in the one form that file names and headers use."""
    from derive.flow.fixed_point_task import parse_alignment

    with refused("--"):
        return str(parse_alignment(text))


def _check_pair(request: Request) -> None:
    """Raises UsageProblem for observables that have no covariance in the task asked for."""
    from derive.document.observables import covariance_pair
    from derive.flow.fixed_point_task import FixedPointTask, parse_train

    task = FixedPointTask(request.g0, parse_train(request.train), request.alignment)
    with refused("--covariance "):
        covariance_pair(task, request.covariance, request.singular_values)


def _rendering(request: Request) -> Rendering:
    """Derive what is asked for, with a progress bar where it takes long."""
    from derive.write.render import STEPS, Rendering

    with refused():
        rendering = Rendering(request)
    with progress_bar("deriving", len(STEPS), wanted=request.order >= 16) as step:
        rendering.derive(step)
    return rendering
