"""The overlap system in words and in Python syntax: what it is, equations, matrices."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from derive.overlaps.gram_flow import Row
from derive.overlaps.problem import OverlapProblem

WIDTH = 100
CLOSURE_NOTE = (
    "Gaussian closure: exact for neurons drawn from a Gaussian, hence to first order in tau; not the "
    "limit N -> infinity once the network has learned (see docs/overlaps.md)."
)
RELU_NOTE = (
    " The means that neurons of a ReLU learn are left out of these equations; learning in the closure "
    "(--evolve, --limit closure) has them."
)


def closure_note(problem: OverlapProblem) -> str:
    """What the equations of a nonlinear network are worth; nothing for a linear one."""
    if problem.nonlinearity == "linear":
        return ""
    return CLOSURE_NOTE + (RELU_NOTE if problem.nonlinearity == "relu" else "")


def heading(problem: OverlapProblem) -> str:
    """One line that says which system this is."""
    return f"Overlap system: {description(problem)} (Ger and Barak 2026)"


def description(problem: OverlapProblem) -> str:
    """``rank 1, 2 inputs, 1 output, linear``."""

    def several(count: int, noun: str) -> str:
        return f"{count} {noun}" + ("s" if count != 1 else "")

    frozen = f", frozen: {', '.join(problem.frozen)}" if problem.frozen else ""
    return (
        f"rank {problem.rank}, {several(problem.inputs, 'input')}, "
        f"{several(problem.outputs, 'output')}, {problem.nonlinearity}{frozen}"
    )


def equation(row: Row) -> str:
    """``-[(sigma_mm + sigma_zz)*d_zm + ...]``, or 0."""
    if not row:
        return "0"
    terms = []
    for derivative, overlaps in row.items():
        total = overlap_sum(overlaps)
        terms.append(f"({total})*d_{derivative}" if len(overlaps) > 1 else f"{total}*d_{derivative}")
    return f"-[{' + '.join(terms)}]"


def overlap_sum(overlaps: dict[str, int]) -> str:
    """``sigma_mm + 2*sigma_zz``."""
    return " + ".join(f"{c if c != 1 else ''}{'*' if c != 1 else ''}sigma_{n}" for n, c in overlaps.items())


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Cells as lines, columns aligned to the left."""
    widths = [max(len(row[j]) for row in rows) for j in range(len(rows))]
    return ["  " + "  ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def wrapped(line: str) -> list[str]:
    """A line folded to WIDTH, indented where it goes on."""
    return textwrap.wrap(line, WIDTH, subsequent_indent="      ", break_long_words=False) or [line]
