"""A document as LaTeX: a fragment for \\input under amsmath, or a document that compiles by itself.

Every symbol of the field is one macro, set by \\providecommand, so that a paper changes its notation in one
place: those that stand in the formulas, no others. Long sums are broken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import singledispatch
from itertools import groupby
from math import factorial
from typing import Any

from derive.document.model import (
    USUAL,
    Array,
    Coordinates,
    Document,
    Equation,
    Equations,
    Formula,
    Layout,
    Matrix,
    Numbers,
    Words,
    WordSum,
)
from derive.document.variables import known_variables
from derive.write.header import AGAIN, header
from derive.write.latex.latex_layout import Group, Page, align, display, page, rows, stands_alone
from derive.write.latex.latex_series import latex_target, latex_terms
from derive.write.latex.numbers import TALLEST, array, array_width, numbers
from derive.write.latex.sums import sums
from derive.write.latex.width import width

PAPERS = {
    1: "\\documentclass[11pt]{article}\n\\usepackage[a4paper, margin=25mm]{geometry}",
    2: "\\documentclass[twocolumn]{article}\n\\sloppy",
}
"""By the number of columns."""
STANDALONE = r"""%% {header}
{paper}
\usepackage[T1]{{fontenc}}
\usepackage{{lmodern}}
\usepackage{{amsmath, amssymb}}
\allowdisplaybreaks
\begin{{document}}
\section*{{{title}}}{introduction}
{fragment}\end{{document}}
"""
WORD_MACROS = {
    "B": r"\drvB",
    "B'": r"\drvBT",
    "w": r"\drvw",
    "w'": r"\drvwT",
    "m": r"\drvm",
    "m'": r"\drvmT",
}
BEGIN, END = r"\begingroup\allowdisplaybreaks", r"\endgroup"
LETTERS = 26  # of subequations
MANY = (
    r"In subequations, whose letters end at z: "
    r"\renewcommand{\theequation}{\theparentequation.\arabic{equation}} first."
)
MACRO = re.compile(r"\\drv[A-Za-z]+")


def latex(document: Document, layout: Layout = USUAL) -> str:
    """The fragment, or with ``standalone`` the document around it."""
    if not layout.standalone:
        return _fragment(document, layout)
    inner = Layout(layout.terms_per_line, layout.columns)
    return STANDALONE.format(
        header=header(document, "latex", layout),
        paper=PAPERS[layout.columns],
        title=document.heading or document.title,
        introduction=document.setting.latex,
        fragment=_fragment(document, inner),
    )


def _fragment(document: Document, layout: Layout) -> str:
    """Provenance, macros, and the displays of all blocks."""
    parts = []
    for section in document.sections:
        shown = [text for block in section.blocks for text in displays(block, document.label, layout)]
        parts += [section.latex] * bool(section.latex and shown) + shown
    body = "\n".join(parts)
    sign = "% "
    lines = [header(document, "latex", layout), f"{AGAIN}{document.origin}. Needs amsmath."]
    lines += [*document.comments, *([document.validity] if document.validity else [])]
    used = macros(body)
    provided = (
        rf"\providecommand{{{name}}}{'[1]' * ('#1' in text)}{{{text}}}" for name, text in used.items()
    )
    if body.count(r"\label{") > LETTERS:
        lines.append(MANY)
    head = [*(f"{sign}{line}" for line in lines), *provided, "", BEGIN]
    return "\n".join([*head, body.rstrip("\n"), END, ""])


def macros(body: str) -> Mapping[str, str]:
    """The macros in a text and what they stand for, in the order of the registry."""
    used, known = set(MACRO.findall(body)), known_variables()
    assert used <= known.keys(), f"macros that no variable has: {used - known.keys()}"
    return {name: variable.latex for name, variable in known.items() if name in used}


@singledispatch
def displays(block: Any, label: str, layout: Layout) -> list[str]:
    """The displays of a block; none for blocks of other formats."""
    return []


@displays.register
def _formula(block: Formula, label: str, layout: Layout) -> list[str]:
    return [
        display(
            one.left or block.left,
            one.groups,
            _joined(label, f"{block.label}{one.end}"),
            page(layout),
            bracket=one.bracket,
            remainder="" if block.terminates else one.remainder,
        )
        for one in sums(block.series, page(layout))
        if "latex" in block.formats
    ]


def _joined(*parts: str) -> str:
    return "-".join(part for part in parts if part)


@displays.register
def _matrix(block: Matrix, label: str, layout: Layout) -> list[str]:
    return [text for formula in block.formulas for text in _formula(formula, label, layout)]


@displays.register
def _coordinates(block: Coordinates, label: str, layout: Layout) -> list[str]:
    """In tau alone."""
    return [text for formula in block.formulas for text in _formula(formula, label, layout)[:1]]


@displays.register
def _word_sum(block: WordSum, label: str, layout: Layout) -> list[str]:
    made = []
    for k in range(1, block.change.order + 1):
        groups = [
            Group(
                "",
                tuple(latex_terms(series.terms(k, factorial(k))[0], latex_target(series))),
                product.latex(WORD_MACROS),
            )
            for product, series in block.change.present(k)
        ]
        end = f"{label}-{block.name}{k}"
        made.append(display(rf"{block.left}_{{{k}}}", groups, end, page(layout)))
    return made


@displays.register
def _equation(block: Equation, label: str, layout: Layout) -> list[str]:
    return [align(equation_rows(block, label, page(layout)))]


@displays.register
def _equations(block: Equations, label: str, layout: Layout) -> list[str]:
    return aligned(block.equations, label, page(layout))


def aligned(equations: Sequence[Equation], label: str, on: Page) -> list[str]:
    """Equations under one another; those with a long left side are not aligned with their neighbours."""
    made = []
    for alone, run in groupby(equations, lambda one: stands_alone(one.left, on)):
        several = list(run)
        space = None if alone else max(width("".join(one.left)) for one in several)
        found = [equation_rows(one, label, on, space) for one in several]
        made.append(align([row for one in found for row in (*one[:-1], rf"{one[-1]} \\")], last=True))
    return made


def equation_rows(block: Equation, label: str, on: Page, space: float | None = None) -> list[str]:
    """The rows of an equation; without a label it has no number."""
    end = f"{label}-{block.label}" if block.label else ""
    return rows(block.left, block.pieces, end, on, block.sign, space)


@displays.register
def _array(block: Array, label: str, layout: Layout) -> list[str]:
    """One matrix where it fits the page, else its entries that are not zero."""
    on = page(layout)
    if array_width(block.left, block.cells) < on.width and len(block.cells) <= TALLEST:
        made = rows(block.left, [array(block.cells, "c")], f"{label}-{block.label}", on)
        return [block.words + align(made)]
    found = [
        Equation(rf"{block.left}_{{{a},\,{b}}}", tuple(re.split(r"(?= \+ )", cell)))
        for i, (a, row) in enumerate(zip(block.indices, block.cells, strict=True))
        for j, (b, cell) in enumerate(zip(block.indices, row, strict=True))
        if cell != "0" and not (block.symmetric and j < i)
    ]
    if not found:
        return [align(rows(block.left, ["0"], f"{label}-{block.label}", on))]
    found[-1] = replace(found[-1], label=block.label)
    kind = "symmetric; its nonzero" if block.symmetric else "sparse; its nonzero"
    words = f"${block.left}$ is {kind} entries are\n"
    first, *others = aligned(found, label, on)
    return [words + first, *others]


@displays.register
def _words(block: Words, label: str, layout: Layout) -> list[str]:
    return [block.latex]


@displays.register
def _numbers(block: Numbers, label: str, layout: Layout) -> list[str]:
    return [numbers(block.left, block.rows, _joined(label, block.label), page(layout))]
