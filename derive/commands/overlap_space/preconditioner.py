"""``derive overlap --whole-preconditioner``: G over all overlaps, in every format that can hold it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.command_line import one_of
from derive.write.writers import PICTURES, formula_formats

if TYPE_CHECKING:
    from derive.document.model import Document
    from derive.overlaps.problem import OverlapProblem


def whole(problem: OverlapProblem, form: str) -> Document:
    """The document of the whole preconditioner."""
    one_of("--format", form, formula_formats(*PICTURES))
    from derive.document.overlaps.overlap_preconditioner import preconditioner_document
    from derive.document.overlaps.overlap_request import OverlapRequest
    from derive.overlaps.preconditioner import whole_preconditioner
    from derive.write.code.languages import in_languages
    from derive.write.modules.preconditioner import preconditioner_module

    matrix, request = whole_preconditioner(problem), OverlapRequest(problem, whole=True)

    def draw() -> object:
        from derive.write.figures.overlap_figures import preconditioner_figure

        return preconditioner_figure(matrix)

    modules = in_languages(lambda language, header: preconditioner_module(matrix, header))
    return replace(preconditioner_document(matrix, request, draw), modules=modules)
