"""``derive flow TASK.toml --order K``: a learning problem stated in words, expanded and printed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derive.command_line import TermsPerLine, UsageProblem, format_option, one_of, whole_number
from derive.document.request import HEADER, TERMS_PER_LINE

if TYPE_CHECKING:
    from derive.flow.expansion import FlowExpansion
    from derive.flow.statement.task import Flow

FORMATS = ("text", "json", "latex", "python")
LARGEST_ORDER = 40


def flow(
    task: Annotated[Path, typer.Argument(metavar="TASK.toml", help="The flow: readouts, loss or rule.")],
    order: Annotated[
        str | None, typer.Option(metavar="K", help="Expand through tau**K, K >= 1.", show_default=False)
    ] = None,
    form: Annotated[str, format_option(FORMATS)] = "text",
    terms_per_line: TermsPerLine = str(TERMS_PER_LINE),
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Also a LaTeX document that compiles by itself.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder of the generated files.")] = Path("generated"),
    no_write: Annotated[bool, typer.Option("--no-write", help="Print only.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the files are not up to date.")
    ] = False,
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
    expansion = expanded(read_task(task), through, task)
    files = _files(expansion, task, per_line, standalone)
    if check:
        _report_check(files, out, task.stem)
        return
    if not no_write:
        _write(files, out)
    sys.stdout.write(_printed(expansion, form, files))


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
    from derive.flow.expansion import FlowExpansion
    from derive.flow.statement.tokens import FlowProblem

    try:
        return FlowExpansion(flow, order)
    except FlowProblem as problem:
        raise UsageProblem(f"{path}: {problem}") from None


def _files(expansion: FlowExpansion, task: Path, per_line: int, standalone: bool) -> dict[str, str]:
    """Contents by file name."""
    from derive.write.flows.latex import flow_document, flow_latex
    from derive.write.flows.python import flow_python

    words = ["derive flow", task.name, "--order", str(expansion.order)]
    words += ["--terms-per-line", str(per_line)] if per_line != TERMS_PER_LINE else []
    header = f"{HEADER} {' '.join(words + ['--standalone'] * standalone)}"
    stem = task.stem
    fragment = flow_latex(expansion, header, stem, per_line)
    files = {f"{stem}.py": flow_python(expansion, header), f"{stem}.tex": fragment}
    if standalone:
        files[f"{stem}_standalone.tex"] = flow_document(expansion, header, fragment)
    return files


def _printed(expansion: FlowExpansion, form: str, files: dict[str, str]) -> str:
    from derive.write.flows.tables import flow_json, flow_text

    if form == "text":
        return flow_text(expansion)
    if form == "json":
        return flow_json(expansion)
    ending = {"latex": ".tex", "python": ".py"}[form]
    return next(content for name, content in files.items() if name.endswith(ending))


def _write(files: dict[str, str], out: Path) -> None:
    from derive.write.files import write_atomically

    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_atomically(out / name, content)
    except OSError as problem:
        raise UsageProblem(
            f"--out {out}: cannot write there ({problem.strerror}); allowed is a writable folder"
        ) from None
    for name in files:
        sys.stderr.write(f"wrote {out / name}\n")


def _report_check(files: dict[str, str], out: Path, stem: str) -> None:
    """Exit 1, naming them, if any file is not what would be written now."""
    differing = []
    for name, content in files.items():
        path = out / name
        if not path.is_file():
            differing.append(f"{path} is missing")
        elif path.read_text(errors="replace") != content:
            differing.append(f"{path} is not what would be written now")
    for line in differing:
        sys.stderr.write(f"{line}\n")
    if differing:
        raise typer.Exit(1)
    sys.stdout.write(f"{out}: up to date ({stem})\n")
