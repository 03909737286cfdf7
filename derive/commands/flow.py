"""``derive flow TASK.toml --order K``: a learning problem stated in words, expanded and printed."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.command_line import TermsPerLine, UsageProblem, format_option, one_of, takes, whole_number
from derive.commands.check import check_files
from derive.commands.deliver import deliver_document, deliver_files, page_columns
from derive.commands.flow_task import expanded, flow_problems, read_task
from derive.commands.options import (
    AlsoStandalone,
    Check,
    Columns,
    Folder,
    NoWrite,
    Order,
    order_of,
)
from derive.document.model import TERMS_PER_LINE, Layout
from derive.options_in_use import WRITTEN, Counts, in_use
from derive.write.writers import formula_formats

if TYPE_CHECKING:
    from derive.document.model import Document

LARGEST_ORDER = 40


@in_use(
    *WRITTEN,
    Counts(("form",), "without --check", lambda v: not v["check"]),
    Counts(("times", "g", "words"), "with --curve", lambda v: v["curve"]),
    Counts(("words", "named_overlaps"), "without --network", lambda v: v["network"] is None),
    Counts(
        (
            "order",
            "terms_per_line",
            "columns",
            "standalone",
            "out",
            "no_write",
            "check",
            "singular_values",
            "named_overlaps",
        ),
        "without --curve",
        lambda v: not v["curve"],
    ),
)
def flow(
    task: Annotated[Path, typer.Argument(metavar="TASK.toml", help="The flow: readouts, loss or rule.")],
    order: Order = None,
    form: Annotated[str, format_option(formula_formats())] = "text",
    terms_per_line: TermsPerLine = str(TERMS_PER_LINE),
    columns: Columns = "1",
    standalone: AlsoStandalone = False,
    out: Folder = Path("generated"),
    no_write: NoWrite = False,
    check: Check = False,
    singular_values: Annotated[str, takes("R", "How many singular values of W - W0, R >= 0.")] = "2",
    network: Annotated[
        Path | None, takes("FILE", "One network, of numpy.savez: W0 and the vectors by name.")
    ] = None,
    named_overlaps: Annotated[
        bool, typer.Option("--named-overlaps", help="Formulas in the overlaps u'Xv of any one network.")
    ] = False,
    curve: Annotated[
        bool, typer.Option("--curve", help="Numbers at all times instead of a series; prints only.")
    ] = False,
    times: Annotated[str | None, takes("T1,T2,...", "With --curve: rising times tau.")] = None,
    g: Annotated[str | None, takes("G", "With --curve: 0 <= g < 1; by default the file's.")] = None,
    words: Annotated[str | None, takes("M", "With --curve: the most words of a basis [200].")] = None,
) -> None:
    """Expand any flow stated in words: your own rule, loss, readout or resolvent, exactly, order by order.

    Reads readouts, and a loss or the rule itself, from TASK.toml, prints their expansion at N -> infinity and
    writes it as a Python module and a LaTeX fragment, named after TASK, under --out. With --named-overlaps
    as formulas in the overlaps of any one network, no limit taken; with --network the numbers of one network;
    with --curve numbers at all times, of the limit with a stated error or of the network.
    """
    if curve:
        from derive.commands.flow_curve import NumericalRequest, print_curve

        print_curve(task, NumericalRequest(network, times, g, words), form)
        return
    one_of("--format", form, formula_formats())
    through = order_of(order, LARGEST_ORDER)
    per_line = whole_number("--terms-per-line", terms_per_line, 1)
    count = whole_number("--singular-values", singular_values, 0)
    document = _document(task, through, count, network, named_overlaps)
    name = task.stem + "_overlaps" * named_overlaps if network is None else f"{task.stem}_{network.stem}"
    layout = Layout(per_line, page_columns(columns), standalone)
    with flow_problems(task):
        files = _files(document, name, layout)
        if check:
            check_files(files, out, name)
            return
        if not no_write:
            deliver_files(files, out)
        deliver_document(document, form, None, layout)


def _document(
    task: Path, order: int, singular_values: int, network: Path | None, named_overlaps: bool
) -> Document:
    if network is not None:
        return _of_network(task, order, singular_values, network)
    from derive.document.flow import flow_document
    from derive.write.code.languages import in_languages
    from derive.write.modules.flow import flow_module

    expansion = expanded(read_task(task), order, task, singular_values, named_overlaps)
    stem = task.stem + "_overlaps" * named_overlaps
    with flow_problems(task):
        modules = in_languages(lambda language, header: flow_module(expansion, stem, header))
        return replace(flow_document(expansion, task.name), modules=modules)


def _of_network(task: Path, order: int, singular_values: int, network: Path) -> Document:
    from derive.commands.flow_curve import read_flow_network
    from derive.document.flow_network import flow_network_document
    from derive.tasks.network_flow import network_flow_series
    from derive.write.code.languages import in_languages
    from derive.write.modules.flow_network import flow_network_module

    with flow_problems(task):
        series = network_flow_series(read_flow_network(read_task(task), network), order, singular_values)
    words = ["flow", task.name, "--order", str(order), "--network", network.name]
    words += [] if singular_values == 2 else ["--singular-values", str(singular_values)]
    stem = f"{task.stem}_{network.stem}"
    modules = in_languages(lambda language, header: flow_network_module(series, stem, header))
    return replace(flow_network_document(series, tuple(words), network.name), modules=modules)


def _files(document: Document, stem: str, layout: Layout) -> dict[str, str]:
    """Contents by file name: a Python module, where arithmetic is enough for it, and LaTeX."""
    from derive.flow.statement.tokens import FlowProblem
    from derive.write.header import Unprintable
    from derive.write.writers import written

    plain = replace(layout, standalone=False)
    wanted = [(f"{stem}.py", "python", plain), (f"{stem}.tex", "latex", plain)]
    if layout.standalone:
        wanted.append((f"{stem}_standalone.tex", "latex", layout))
    files = {}
    for name, form, laid in wanted:
        try:
            files[name] = str(written(document, form, laid))
        except Unprintable as problem:
            raise UsageProblem(str(problem)) from None
        except FlowProblem as problem:
            sys.stderr.write(f"{name} is not written: {problem}\n")
    return files
