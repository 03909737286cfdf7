"""The whole preconditioner as LaTeX: a fragment for \\input under amsmath, or a document."""

from __future__ import annotations

from derive.document.overlap_request import OverlapRequest
from derive.overlaps.preconditioner import WholePreconditioner
from derive.write.latex.latex_document import document, preamble
from derive.write.latex.latex_layout import Group, display
from derive.write.tables.overlap_text import description

MACROS = {r"\drvsigma": r"\sigma_{#1}", r"\drvG": r"G_{#1}"}
INTRODUCTION = r"""
The overlaps $\sigma_{ab} = a^{\top} b / N$ of a low-rank network that learns by gradient descent follow
$\sigma' = -G\, \partial\mathcal{L}/\partial\sigma$ (Ger and Barak 2026). $G$ is symmetric.
"""


def preconditioner_latex(matrix: WholePreconditioner, request: OverlapRequest) -> str:
    """Every nonzero entry once, one to a row, in three paragraphs: visible, mixed and invisible block."""
    label = f"eq:{request.stem.replace('_', '-')}-whole-preconditioner"
    lines = preamble(request.header("latex"), MACROS, "Indices name the columns of X whose overlap it is.")
    parts = ["\n".join(lines) + "\n"]
    visible, names = matrix.visible, matrix.names
    invisible = names[len(visible) :]
    blocks = (
        ("between loss-visible overlaps", visible, visible),
        ("from loss-visible to loss-invisible overlaps", visible, invisible),
        ("between loss-invisible overlaps", invisible, invisible),
    )
    for number, (title, rows, columns) in enumerate(blocks):
        pairs = [
            (a, b)
            for a in rows
            for b in columns
            if matrix.entry(a, b) and (rows is not columns or names.index(a) <= names.index(b))
        ]
        if not pairs:
            continue
        displays = [
            _entry(matrix, a, b, f"{label}-{number + 1}-{k + 1}", request.terms_per_line)
            for k, (a, b) in enumerate(pairs)
        ]
        start, end = "\\begin{align}\n", "\n\\end{align}\n"
        bodies = [text.removeprefix(start).removesuffix(end) for text in displays]
        parts.append(f"\\paragraph{{Nonzero entries {title}.}}\n" + start + " \\\\\n".join(bodies) + end)
    return "\n".join(parts)


def preconditioner_document(matrix: WholePreconditioner, request: OverlapRequest) -> str:
    """A complete document around the fragment; compiles with pdflatex."""
    title = f"Whole preconditioner: {description(matrix.problem)}"
    fragment = preconditioner_latex(matrix, request)
    return document(request.header("latex"), title, INTRODUCTION, fragment)


def _entry(matrix: WholePreconditioner, a: str, b: str, label: str, per_line: int) -> str:
    index = matrix.problem.latex_index
    groups = [
        Group("", ((False, (str(count) if count != 1 else "") + rf"\drvsigma{{{index(name)}}}"),), "")
        for name, count in matrix.entry(a, b).items()
    ]
    return display(rf"\drvG{{{index(a)},\,{index(b)}}}", groups, label, per_line)
