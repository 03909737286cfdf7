"""``derive flow TASK.toml --order K``: a learning problem stated in words, expanded and printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.command_line import TermsPerLine, UsageProblem, format_option, one_of, whole_number
from derive.commands.check import check_files
from derive.commands.deliver import deliver_document, deliver_files, page_columns
from derive.commands.options import AlsoStandalone, Check, Columns, Folder, NoWrite, Order
from derive.document.model import TERMS_PER_LINE, Layout
from derive.options_in_use import WRITTEN, Counts, in_use
from derive.write.code.languages import LANGUAGES

if TYPE_CHECKING:
    from derive.document.model import Document
    from derive.flow.expanded.expansion import FlowExpansion
    from derive.flow.statement.task import Flow

FORMATS = ("text", "json", "latex", *LANGUAGES)
LARGEST_ORDER = 40


@in_use(*WRITTEN, Counts(("form",), "without --check", lambda v: not v["check"]))
def flow(
    task: Annotated[Path, typer.Argument(metavar="TASK.toml", help="The flow: readouts, loss or rule.")],
    order: Order = None,
    form: Annotated[str, format_option(FORMATS)] = "text",
    terms_per_line: TermsPerLine = str(TERMS_PER_LINE),
    columns: Columns = "1",
    standalone: AlsoStandalone = False,
    out: Folder = Path("generated"),
    no_write: NoWrite = False,
    check: Check = False,
) -> None:
    """Expand any flow stated in words: your own rule, loss, readout or resolvent, exactly, order by order.

    Reads readouts, and a loss or the rule itself, from TASK.toml, prints their expansion at N -> infinity and
    writes it as a Python module and a LaTeX fragment, named after TASK, under --out.
    """
    one_of("--format", form, FORMATS)
    if order is None:
        raise UsageProblem("no --order given: allowed are integers >= 1 (try: --order 5)")
    through = whole_number("--order", order, 1)
    if through > LARGEST_ORDER:
        raise UsageProblem(f"--order {order}: allowed are integers from 1 to {LARGEST_ORDER}")
    per_line = whole_number("--terms-per-line", terms_per_line, 1)
    document = _document(expanded(read_task(task), through, task), task)
    layout = Layout(per_line, page_columns(columns), standalone)
    with _problems(task):
        files = _files(document, task.stem, layout)
        if check:
            check_files(files, out, task.stem)
            return
        if not no_write:
            deliver_files(files, out)
        deliver_document(document, form, None, layout)


def read_task(path: Path) -> Flow:
    """The flow in a file. Raises UsageProblem."""
    from derive.flow.statement.task_file import read_flow
    from derive.flow.statement.tokens import FlowProblem

    try:
        return read_flow(path)
    except FlowProblem as problem:
        raise UsageProblem(str(problem)) from None


def expanded(flow: Flow, order: int, path: Path) -> FlowExpansion:
    """Its expansion. Raises UsageProblem."""
    from derive.flow.expanded.expansion import FlowExpansion
    from derive.flow.statement.tokens import FlowProblem

    try:
        return FlowExpansion(flow, order)
    except FlowProblem as problem:
        raise UsageProblem(f"{path}: {problem}") from None


@contextmanager
def _problems(path: Path) -> Iterator[None]:
    """FlowProblem as one line."""
    from derive.flow.statement.tokens import FlowProblem

    try:
        yield
    except FlowProblem as problem:
        raise UsageProblem(f"{path}: {problem}") from None


def _document(expansion: FlowExpansion, task: Path) -> Document:
    from derive.document.flow import flow_document
    from derive.write.code.languages import in_languages
    from derive.write.modules.flow import flow_module

    modules = in_languages(lambda language, header: flow_module(expansion, task.stem, header))
    return replace(flow_document(expansion, task.name), modules=modules)


def _files(document: Document, stem: str, layout: Layout) -> dict[str, str]:
    """Contents by file name: a Python module, where arithmetic is enough for it, and LaTeX."""
    from derive.flow.statement.tokens import FlowProblem
    from derive.write.header import Unprintable
    from derive.write.writers import WRITERS

    plain = replace(layout, standalone=False)
    wanted = [(f"{stem}.py", "python", plain), (f"{stem}.tex", "latex", plain)]
    if layout.standalone:
        wanted.append((f"{stem}_standalone.tex", "latex", layout))
    files = {}
    for name, form, laid in wanted:
        try:
            files[name] = str(WRITERS[form](document, laid))
        except Unprintable as problem:
            raise UsageProblem(str(problem)) from None
        except FlowProblem as problem:
            sys.stderr.write(f"{name} is not written: {problem}\n")
    return files
