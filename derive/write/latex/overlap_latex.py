"""The overlap system as LaTeX: fragments for \\input under amsmath, and a document that stands alone.

Symbols are macros set by \\providecommand, as in the other fragments, so that a paper changes its
notation in one place.
"""

from __future__ import annotations

import re

from derive.document.overlap_request import OverlapRequest
from derive.overlaps.gram_flow import GramFlow, Row
from derive.overlaps.invariants import flow_invariants, symmetry_generators
from derive.write.latex.latex_document import document, preamble
from derive.write.latex.latex_layout import Group, display
from derive.write.tables.overlap_text import description

MACROS = {
    r"\drvsigma": r"\sigma_{#1}",
    r"\drvd": r"\partial_{#1}\mathcal{L}",
    r"\drvtau": r"\tau",
    r"\drvlr": r"\eta",
}
LARGEST_F = 6  # columns of X up to which F fits the line as a matrix
LARGEST_MATRIX = 4  # visible overlaps up to which G fits the line as a matrix

INTRODUCTION = r"""
A network $h' = -h + \frac1N U V^{{\top}} \phi(h) + M x$, $y = \frac1N Z^{{\top}} \phi(h)$, {phi}, learns
by gradient descent on $X = [{vectors}]$ with learning rate $N\eta$ (Ger and Barak 2026). Its overlaps are
$\sigma_{{ab}} = a^{{\top}} b / N$, the entries of $S = X^{{\top}} X / N$; $\partial_{{ab}}\mathcal{{L}} =
\partial\mathcal{{L}}/\partial\sigma_{{ab}}$, and $\tau$ is $\eta$ times the number of epochs.{note}
"""
CLOSURE_NOTE = (
    " The nonlinear system is the Gaussian closure: exact to first order in $\\tau$ from a Gaussian "
    "network, not the limit $N \\to \\infty$ of a network that has learned."
)


def overlap_latex(system: GramFlow, request: OverlapRequest) -> str:
    """Macros, the equations grouped as visible and invisible, descent, G, and the invariants."""
    label = f"eq:{request.stem.replace('_', '-')}"
    prime = "A prime is d/dtau; indices name the columns of X whose overlap it is."
    parts = ["\n".join(preamble(request.header("latex"), MACROS, prime)) + "\n"]
    for title, names in (("visible", system.visible), ("invisible", system.invisible)):
        if names:
            parts.append(f"\\paragraph{{Loss-{title} overlaps.}}\n")
            parts.append(
                _aligned(
                    [_equation(system, name, f"{label}-{name}", request.terms_per_line) for name in names]
                )
            )
    parts.append(_descent(system, f"{label}-descent"))
    parts.append(_preconditioner(system, f"{label}-preconditioner", request.terms_per_line))
    parts.append(_invariants(system, f"{label}-invariants"))
    return "\n".join(parts)


def overlap_document(system: GramFlow, request: OverlapRequest) -> str:
    """A complete document around the fragment; compiles with pdflatex."""
    problem = system.problem
    linear = problem.nonlinearity == "linear"
    name = rf"\mathrm{{{problem.nonlinearity}}}"
    phi = {
        "linear": r"$\phi(h) = h$",
        "erf": r"$\phi(h) = \mathrm{erf}(\sqrt\pi\, h/2)$",
        "relu": r"$\phi(h) = \max(h, 0)$",
    }.get(problem.nonlinearity, rf"$\phi = {name}$")
    introduction = INTRODUCTION.format(
        phi=phi,
        vectors=r"\;".join(_vector(v) for v in problem.vectors),
        note="" if linear else CLOSURE_NOTE,
    )
    title = f"Overlap system: {description(problem)}"
    return document(request.header("latex"), title, introduction, overlap_latex(system, request))


def _aligned(displays: list[str]) -> str:
    """Several align environments as one, so that the equations share their alignment."""
    start, end = "\\begin{align}\n", "\n\\end{align}\n"
    bodies = [text.removeprefix(start).removesuffix(end) for text in displays]
    return start + " \\\\\n".join(bodies) + end


def _equation(system: GramFlow, name: str, label: str, per_line: int) -> str:
    row = system.rows[name]
    left = rf"{_sigma(system, name)}'"
    bracket = "-" if len(row) > 1 else ""
    return display(left, _groups(system, row, negative=not bracket), label, per_line, bracket=bracket)


def _groups(system: GramFlow, row: Row, negative: bool) -> list[Group]:
    """One group per derivative: (sum of overlaps) times the derivative."""
    groups = []
    for derivative, overlaps in row.items():
        monomials = tuple(
            (negative, (str(count) if count != 1 else "") + _sigma(system, overlap))
            for overlap, count in overlaps.items()
        )
        groups.append(Group("", monomials, rf"\drvd{{{system.problem.latex_index(derivative)}}}"))
    return groups


def _descent(system: GramFlow, label: str) -> str:
    """The exact map; F as a matrix where it fits the line, else by its rule."""
    size = system.problem.size
    title = "\\paragraph{Gradient descent, exactly, with learning rate $N\\drvlr$.}\n"
    step = "  S \\leftarrow (1 - \\drvlr F)^{\\top} S\\, (1 - \\drvlr F)"
    if size > LARGEST_F:
        return (
            f"{title}\\begin{{align}}\n{step}, \\label{{{label}}}\n\\end{{align}}\n"
            "where $F_{ab} = (1 + \\delta_{ab})\\, \\drvd{ab}$ for the columns $a$, $b$ of $X$ "
            "if $\\drvsigma{ab}$ is loss-visible and $b$ learns, and $F_{ab} = 0$ otherwise.\n"
        )
    rows = []
    for i in range(size):
        cells = []
        for j in range(size):
            name = system.problem.name(i, j)
            present = name in system.visible and system.problem.learns[j]
            factor = "2" if i == j else ""
            cells.append(rf"{factor}\drvd{{{system.problem.latex_index(name)}}}" if present else "0")
        rows.append(" & ".join(cells))
    shrink = "\\small\n" if size > LARGEST_MATRIX else ""
    body = " \\\\\n  ".join(rows)
    return (
        f"{title}{{{shrink}\\begin{{align}}\n{step}, \\qquad F &=\n"
        f"  \\begin{{pmatrix}}\n  {body}\n  \\end{{pmatrix}} \\label{{{label}}}\n\\end{{align}}}}\n"
    )


def _preconditioner(system: GramFlow, label: str, per_line: int) -> str:
    names = system.visible
    title = (
        "\\paragraph{Preconditioner of the visible overlaps, $\\sigma' = -G\\, "
        "\\partial\\mathcal{L}/\\partial\\sigma$.}\n"
    )

    def total(a: str, b: str) -> str:
        overlaps = system.rows[a].get(b, {})
        return " + ".join((str(c) if c != 1 else "") + _sigma(system, n) for n, c in overlaps.items()) or "0"

    if len(names) <= LARGEST_MATRIX:
        order = ", ".join(rf"\drvsigma{{{system.problem.latex_index(n)}}}" for n in names)
        body = " \\\\\n  ".join(" & ".join(total(a, b) for b in names) for a in names)
        return (
            f"{title}In the order $({order})$,\n\\begin{{align}}\n  G &= \\begin{{pmatrix}}\n  {body}\n"
            f"  \\end{{pmatrix}} \\label{{{label}}}\n\\end{{align}}\n"
        )
    entries = [
        rf"G_{{{system.problem.latex_index(a)},\,{system.problem.latex_index(b)}}} &= {total(a, b)}"
        for i, a in enumerate(names)
        for b in names[i:]
        if b in system.rows[a]
    ]
    columns = 2 if system.problem.size <= LARGEST_F else 1
    lines = [" & ".join(entries[i : i + columns]) for i in range(0, len(entries), columns)]
    body = " \\notag \\\\\n  ".join(lines)
    return (
        f"{title}It is symmetric; its nonzero entries are\n\\begin{{align}}\n  {body} \\label{{{label}}}\n"
        "\\end{align}\n"
    )


def _invariants(system: GramFlow, label: str) -> str:
    problem = system.problem
    constants = []
    for J in flow_invariants(problem, system.visible):
        terms = [
            (J[i, j], f"{_vector(problem.vectors[i])} {_vector(problem.vectors[j])}^{{\\top}}")
            for i in range(problem.size)
            for j in range(problem.size)
        ]
        constants.append(_signed(terms))
    for A in symmetry_generators(problem):
        pairs = [(i, j) for i in range(problem.size) for j in range(i, problem.size) if A[i, j] != 0]
        content = min(abs(A[i, j]) for i, j in pairs)
        constants.append(_signed([(A[i, j] / content, _sigma(system, problem.name(i, j))) for i, j in pairs]))
    if not constants:
        return "\\paragraph{Invariants of the flow:} none found.\n"
    rows = [rf"  &{_broken(constant)} = \mathrm{{const}}" for constant in constants]
    body = " \\notag \\\\\n".join(rows)
    return (
        "\\paragraph{Invariants of the flow} (gradient descent breaks them in the order of $\\drvlr$).\n"
        f"\\begin{{align}}\n{body} \\label{{{label}}}\n\\end{{align}}\n"
    )


def _broken(constant: str, per_line: int = 7) -> str:
    """A long sum of signed terms over several lines."""
    terms = re.split(r"(?= [+-] )", constant)
    lines = ["".join(terms[i : i + per_line]) for i in range(0, len(terms), per_line)]
    return " \\notag \\\\\n  &\\quad".join(lines)


def _signed(terms: list[tuple[object, str]]) -> str:
    text = ""
    for factor, body in terms:
        if factor == 0:
            continue
        negative = str(factor).startswith("-")
        size = str(factor).lstrip("-")
        body = body if size == "1" else size + body
        text += (" - " if negative else " + ") + body if text else ("-" if negative else "") + body
    return text


def _sigma(system: GramFlow, name: str) -> str:
    return rf"\drvsigma{{{system.problem.latex_index(name)}}}"


def _vector(name: str) -> str:
    return name[0] + (f"_{{{name[1:]}}}" if name[1:] else "")
