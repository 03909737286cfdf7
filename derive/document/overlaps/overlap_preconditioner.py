"""The whole preconditioner of the overlaps as a document: dsigma/dtau = -G dL/dsigma (THEORY 6)."""

from __future__ import annotations

from collections.abc import Callable

from derive.document.model import (
    Block,
    Data,
    Document,
    Equation,
    Equations,
    Figure,
    Lines,
    Paragraph,
    Section,
    Variable,
)
from derive.document.overlaps.overlap_request import OverlapRequest
from derive.document.overlaps.overlap_words import description, overlap_sum, wrapped
from derive.overlaps.preconditioner import WholePreconditioner

SIGNS = {"zero": ".", "visible": "v", "invisible": "i", "mixed": "x"}
SYMBOLS = (Variable("sigma_ab", "", "overlap a.b/N of the columns a and b of X"),)
SETTING = r"""
The overlaps $\sigma_{ab} = a^{\top} b / N$ of a low-rank network that learns by gradient descent follow
$\sigma' = -G\, \partial\mathcal{L}/\partial\sigma$ (Ger and Barak 2026). $G$ is symmetric.
"""


def preconditioner_document(
    matrix: WholePreconditioner, request: OverlapRequest, draw: Callable[[], object]
) -> Document:
    """The pattern of G, a sign for each kind of entry, then every nonzero entry once; ``draw`` draws it."""
    problem, names = matrix.problem, matrix.names
    title = f"Whole preconditioner: {description(problem)}"
    return Document(
        request.words,
        request.stem,
        f"{title} (Ger and Barak 2026)",
        (Section((Lines(lambda: _pattern(matrix)), Figure(draw))), *_blocks(matrix)),
        facts={
            "system": "overlap preconditioner",
            "rank": problem.rank,
            "inputs": problem.inputs,
            "outputs": problem.outputs,
            "nonlinearity": problem.nonlinearity,
            "frozen": list(problem.frozen),
            "vectors": list(problem.vectors),
            "names": list(names),
            "visible": list(matrix.visible),
        },
        json_symbols=SYMBOLS,
        setting=Paragraph(latex=SETTING),
        heading=title,
        comments=("Indices name the columns of X whose overlap it is.",),
    )


def _pattern(matrix: WholePreconditioner) -> list[str]:
    names = matrix.names
    invisible = len(names) - len(matrix.visible)
    width = max(map(len, names))
    lines = [
        f"dsigma/dtau = -G dL/dsigma over all {len(names)} overlaps: {len(matrix.visible)} loss-visible, "
        f"then {invisible} loss-invisible.",
        "G is symmetric. Entries: . zero, v made of visible overlaps, i of invisible ones, x of both.",
        "",
        " ".join([" " * width, *(name.rjust(width) for name in names)]).rstrip(),
    ]
    for a in names:
        lines.append(" ".join([a.rjust(width), *(SIGNS[matrix.kind(a, b)].rjust(width) for b in names)]))
    return lines


def _blocks(matrix: WholePreconditioner) -> tuple[Section, ...]:
    """All entries in text and JSON, and in LaTeX one section a block of G: visible, mixed, invisible."""
    names, visible = matrix.names, matrix.visible
    rest = names[len(visible) :]

    def lines() -> list[str]:
        found = []
        for i, a in enumerate(names):
            for b in names[i:]:
                if matrix.entry(a, b):
                    left = f"  G[{a},{a}]" if a == b else f"  G[{a},{b}] = G[{b},{a}]"
                    found += wrapped(f"{left} = {overlap_sum(matrix.entry(a, b))}")
        return found

    everything: tuple[Block, ...] = (
        Lines(lines),
        Data(
            ("preconditioner",),
            lambda: [[overlap_sum(matrix.entry(a, b)) or "0" for b in names] for a in names],
        ),
        Data(("kinds",), lambda: [[matrix.kind(a, b) for b in names] for a in names]),
    )
    sections = [Section(everything)]
    parts = (
        ("between loss-visible overlaps", visible, visible),
        ("from loss-visible to loss-invisible overlaps", visible, rest),
        ("between loss-invisible overlaps", rest, rest),
    )
    for number, (title, rows, columns) in enumerate(parts, 1):
        pairs = [
            (a, b)
            for a in rows
            for b in columns
            if matrix.entry(a, b) and (rows is not columns or names.index(a) <= names.index(b))
        ]
        if pairs:
            equations = tuple(_equation(matrix, a, b, f"{number}-{k}") for k, (a, b) in enumerate(pairs, 1))
            latex = f"\\paragraph{{Nonzero entries {title}.}}\n"
            sections.append(Section((Equations(equations),), latex=latex))
    return tuple(sections)


def _equation(matrix: WholePreconditioner, a: str, b: str, label: str) -> Equation:
    index = matrix.problem.latex_index
    terms = [
        (str(count) if count != 1 else "") + rf"\drvsigma{{{index(name)}}}"
        for name, count in matrix.entry(a, b).items()
    ]
    pieces = (terms[0], *(f" + {term}" for term in terms[1:]))
    return Equation(rf"G_{{{index(a)},\,{index(b)}}}", pieces, label)
