"""``derive overlap --whole-preconditioner``: G over all overlaps, in every format that can hold it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem, one_of
from derive.commands.deliver import picture

if TYPE_CHECKING:
    from derive.overlaps.problem import OverlapProblem

FORMATS = ("text", "json", "latex", "python", "png")


def whole(problem: OverlapProblem, form: str, layout: tuple[int, bool], out: Path | None) -> str | bytes:
    """The whole preconditioner in a format; a picture needs a file to go to."""
    one_of("--format", form, FORMATS)
    if form == "png" and out is None:
        raise UsageProblem("--format png needs --out FILE, e.g. --out preconditioner.png")
    from derive.document.overlap_request import OverlapRequest
    from derive.overlaps.preconditioner import whole_preconditioner

    matrix, request = whole_preconditioner(problem), OverlapRequest(problem, *layout, whole=True)
    if form == "png":
        from derive.write.figures.overlap_figures import preconditioner_figure

        return picture(lambda: preconditioner_figure(matrix))
    if form == "latex":
        from derive.write.latex.overlap_preconditioner_latex import (
            preconditioner_document,
            preconditioner_latex,
        )

        return (preconditioner_document if request.standalone else preconditioner_latex)(matrix, request)
    if form == "python":
        from derive.write.python.overlap_preconditioner_python import preconditioner_python

        return preconditioner_python(matrix, request)
    from derive.write.tables.overlap_preconditioner_tables import preconditioner_json, preconditioner_text

    return preconditioner_json(matrix) if form == "json" else preconditioner_text(matrix)
