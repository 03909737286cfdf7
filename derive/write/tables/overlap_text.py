"""The overlap system as plain text: dsigma_zm/dtau = -[(sigma_mm + sigma_zz)*d_zm + ...]."""

from __future__ import annotations

import textwrap

from derive.overlaps.gram_flow import GramFlow, Row
from derive.overlaps.invariants import descriptions
from derive.overlaps.problem import OverlapProblem

WIDTH = 100

CLOSURE_NOTE = (
    "Gaussian closure: exact for neurons drawn from a Gaussian, hence to first order in tau; not the "
    "limit N -> infinity once the network has learned (see docs/overlaps.md)."
)


def overlap_text(system: GramFlow) -> str:
    """Names, visible and invisible equations, the descent map, the preconditioner, invariants."""
    problem = system.problem
    lines = [heading(problem), ""]
    lines += textwrap.wrap(
        f"sigma_ab = a.b/N for the columns a, b of X = [{' '.join(problem.vectors)}]; d_ab = dL/dsigma_ab; "
        "tau = learning rate (per N) times epochs.",
        WIDTH,
    )
    if problem.nonlinearity != "linear":
        lines += textwrap.wrap(CLOSURE_NOTE, WIDTH)
    for title, names in (("visible", system.visible), ("invisible", system.invisible)):
        lines += ["", f"Loss-{title} overlaps ({len(names)})"]
        for name in names:
            lines += _wrapped(f"  dsigma_{name}/dtau = {equation(system.rows[name])}")
    lines += ["", "Gradient descent, exactly: S <- (1 - lr F)^T S (1 - lr F), dX/dtau = -X F; F ="]
    lines += _columns([[_entry(x) for x in system.update.row(i)] for i in range(problem.size)])
    lines += ["", "Preconditioner of the visible overlaps: dsigma/dtau = -G dL/dsigma; nonzero entries of G"]
    for a in system.visible:
        for b in system.visible:
            if b in system.rows[a] and system.visible.index(a) <= system.visible.index(b):
                lines += _wrapped(
                    f"  G[{a},{b}] = G[{b},{a}] = {overlap_sum(system.rows[a][b])}"
                    if a != b
                    else f"  G[{a},{a}] = {overlap_sum(system.rows[a][a])}"
                )
    lines += ["", "Invariants of the flow (descent breaks them in the order of the learning rate)"]
    for line in descriptions(problem, system.visible):
        lines += _wrapped(f"  {line}")
    return "\n".join(lines) + "\n"


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


def _entry(value: object) -> str:
    return str(value)


def _columns(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[j]) for row in rows) for j in range(len(rows))]
    return ["  " + "  ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, subsequent_indent="      ", break_long_words=False) or [line]
