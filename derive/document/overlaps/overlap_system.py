"""The overlap system as a document: flow, exact descent, preconditioner, invariants (THEORY 6)."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from derive.document.model import (
    Array,
    Block,
    Data,
    Document,
    Equation,
    Equations,
    Lines,
    Paragraph,
    Section,
    Variable,
    Words,
)
from derive.document.overlaps.overlap_request import OverlapRequest
from derive.document.overlaps.overlap_words import (
    WIDTH,
    closure_note,
    columns,
    description,
    equation,
    heading,
    overlap_sum,
    wrapped,
)
from derive.overlaps.gram_flow import GramFlow
from derive.overlaps.invariants import descriptions, flow_invariants, symmetry_generators, symmetry_invariants

SYMBOLS = (
    Variable("sigma_ab", "", "overlap a.b/N of the columns a and b of X"),
    Variable("d_ab", "", "dL/dsigma_ab, the overlap counted once"),
    Variable("lr", "", "learning rate; the network learns with N*lr"),
)
LARGEST_F = 6  # columns of X up to which F is printed, else its rule

SETTING = r"""
A network $h' = -h + \frac1N U V^{{\top}} \phi(h) + M x$, $y = \frac1N Z^{{\top}} \phi(h)$, {phi}, learns
by gradient descent on $X = [{vectors}]$ with learning rate $N\eta$ (Ger and Barak 2026). Its overlaps are
$\sigma_{{ab}} = a^{{\top}} b / N$, the entries of $S = X^{{\top}} X / N$; $\partial_{{ab}}\mathcal{{L}} =
\partial\mathcal{{L}}/\partial\sigma_{{ab}}$, and $\tau$ is $\eta$ times the number of epochs.{note}
"""
CLOSURE_LATEX = (
    " The nonlinear system is the Gaussian closure: exact to first order in $\\tau$ from a Gaussian "
    "network, not the limit $N \\to \\infty$ of a network that has learned."
)
RELU_LATEX = " The means that neurons of a ReLU learn are left out."

PHI = {
    "linear": r"$\phi(h) = h$",
    "erf": r"$\phi(h) = \mathrm{erf}(\sqrt\pi\, h/2)$",
    "relu": r"$\phi(h) = \max(h, 0)$",
    "tanh": r"$\phi = \mathrm{tanh}$",
}
DESCENT = "\\paragraph{{Gradient descent{where}, with learning rate $N\\drvlr$.}}\n"
STEP = (r"(1 - \drvlr F)^{\top}", r" S\, (1 - \drvlr F)")
RULE = (
    "Here $F_{ab} = (1 + \\delta_{ab})\\, \\drvd{ab}$ for the columns $a$, $b$ of $X$ "
    "if $\\drvsigma{ab}$ is loss-visible and $b$ learns, and $F_{ab} = 0$ otherwise.\n"
)
PRECONDITIONER = (
    "\\paragraph{Preconditioner of the visible overlaps, $\\sigma' = -G\\, "
    "\\partial\\mathcal{L}/\\partial\\sigma$.}\n"
)
INVARIANTS = "\\paragraph{Invariants of the flow} (gradient descent breaks them in the order of $\\drvlr$).\n"


def overlap_document(system: GramFlow, request: OverlapRequest) -> Document:
    """All of it; matrices and expressions are made when a format asks for them."""
    problem = system.problem
    note = CLOSURE_LATEX if problem.nonlinearity != "linear" else ""
    setting = SETTING.format(
        phi=PHI[problem.nonlinearity],
        vectors=r"\;".join(_vector(v) for v in problem.vectors),
        note=note + (RELU_LATEX if problem.nonlinearity == "relu" else ""),
    )
    return Document(
        request.words,
        request.stem,
        heading(problem),
        (
            Section((Lines(lambda: _setting(system)),)),
            *(_overlaps(system, kind) for kind in ("visible", "invisible")),
            _descent(system),
            _preconditioner(system),
            _invariants(system),
        ),
        facts={
            "system": "overlap",
            "rank": problem.rank,
            "inputs": problem.inputs,
            "outputs": problem.outputs,
            "nonlinearity": problem.nonlinearity,
            **({"validity": closure_note(problem)} if closure_note(problem) else {}),
            "frozen": list(problem.frozen),
            "vectors": list(problem.vectors),
            "visible": list(system.visible),
            "invisible": list(system.invisible),
        },
        json_symbols=SYMBOLS,
        setting=Paragraph(latex=setting),
        heading=f"Overlap system: {description(problem)}",
        comments=("A prime is d/dtau; indices name the columns of X whose overlap it is.",),
    )


def _setting(system: GramFlow) -> list[str]:
    problem = system.problem
    lines = textwrap.wrap(
        f"sigma_ab = a.b/N for the columns a, b of X = [{' '.join(problem.vectors)}]; d_ab = dL/dsigma_ab; "
        "tau = learning rate (per N) times epochs.",
        WIDTH,
    )
    return lines + textwrap.wrap(closure_note(problem), WIDTH)


def _overlaps(system: GramFlow, kind: str) -> Section:
    """The flow of the visible, or of the invisible overlaps."""
    names = system.visible if kind == "visible" else system.invisible
    rows = system.rows

    def lines() -> list[str]:
        return [line for n in names for line in wrapped(f"  dsigma_{n}/dtau = {equation(rows[n])}")]

    equations = tuple(Equation(f"{_sigma(system, n)}'", tuple(_pieces(system, n)), n) for n in names)
    blocks: list[Block] = [Lines(lines)]
    if names:
        blocks.append(Equations(equations))
    if kind == "visible":
        blocks.append(Data(("flow",), lambda: {name: str(x) for name, x in system.flow.items()}))
    title = f"Loss-{kind} overlaps"
    latex = f"\\paragraph{{{title}.}}\n" if names else ""
    return Section(tuple(blocks), (f"{title} ({len(names)})",), latex)


def _pieces(system: GramFlow, name: str) -> list[str]:
    """-[(sum of overlaps) times a derivative + ...], a piece for each overlap."""
    row = system.rows[name]
    if not row:
        return ["0"]
    several = len(row) > 1
    pieces: list[str] = []
    for derivative, overlaps in row.items():
        behind = rf"\,\drvd{{{system.problem.latex_index(derivative)}}}"
        terms = [_times(count, _sigma(system, overlap)) for overlap, count in overlaps.items()]
        if len(terms) > 1:
            terms = [rf"\bigl({terms[0]}", *(f" + {x}" for x in terms[1:-1]), rf" + {terms[-1]}\bigr)"]
        terms[-1] += behind
        pieces += [f" + {terms[0]}" if pieces else terms[0], *terms[1:]]
    if several:
        return [rf"- \Bigl[ {pieces[0]}", *pieces[1:-1], rf"{pieces[-1]} \Bigr]"]
    return [f"-{pieces[0]}", *pieces[1:]]


def _descent(system: GramFlow) -> Section:
    """The exact map; F as a matrix, or its rule."""
    problem = system.problem
    blocks: list[Block] = [
        Lines(lambda: columns(_rows(system.update))),
        Data(("descent",), lambda: {name: str(x) for name, x in system.descent.items()}),
        Data(("update",), lambda: _rows(system.update)),
        Equation("S", STEP, "descent", sign=r"\leftarrow"),
    ]
    if problem.size > LARGEST_F:
        blocks.append(Words(RULE))
    else:
        cells = tuple(tuple(_entry(system, i, j) for j in range(problem.size)) for i in range(problem.size))
        indices = tuple(_vector(v) for v in problem.vectors)
        blocks.append(Array("F", cells, indices, "descent-F"))
    where = ", exactly" if problem.nonlinearity == "linear" else " in the closure"
    line = f"Gradient descent{where}: S <- (1 - lr F)^T S (1 - lr F), dX/dtau = -X F; F ="
    return Section(tuple(blocks), (line,), DESCENT.format(where=where))


def _entry(system: GramFlow, i: int, j: int) -> str:
    name = system.problem.name(i, j)
    if name not in system.visible or not system.problem.learns[j]:
        return "0"
    return rf"{'2' if i == j else ''}\drvd{{{system.problem.latex_index(name)}}}"


def _rows(matrix: Sequence[Sequence[object]] | object) -> list[list[str]]:
    """A matrix of sympy as text."""
    return [[str(x) for x in row] for row in matrix.tolist()]  # type: ignore[union-attr]


def _preconditioner(system: GramFlow) -> Section:
    names, index = system.visible, system.problem.latex_index

    def lines() -> list[str]:
        found: list[str] = []
        for i, a in enumerate(names):
            for b in names[i:]:
                if b in system.rows[a]:
                    mirrored = f" = G[{b},{a}]" if a != b else ""
                    found += wrapped(f"  G[{a},{b}]{mirrored} = {overlap_sum(system.rows[a][b])}")
        return found

    def cell(a: str, b: str) -> str:
        terms = (_times(count, _sigma(system, n)) for n, count in system.rows[a].get(b, {}).items())
        return " + ".join(terms) or "0"

    cells = tuple(tuple(cell(a, b) for b in names) for a in names)
    indices = tuple(index(n) for n in names)
    order = ", ".join(rf"\drvsigma{{{index(n)}}}" for n in names)
    return Section(
        (
            Lines(lines),
            Data(("preconditioner",), lambda: _rows(system.preconditioner)),
            Array("G", cells, indices, "preconditioner", f"In the order $({order})$,\n", symmetric=True),
        ),
        ("Preconditioner of the visible overlaps: dsigma/dtau = -G dL/dsigma; nonzero entries of G",),
        PRECONDITIONER,
    )


def _invariants(system: GramFlow) -> Section:
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

    def lines() -> list[str]:
        return [x for line in descriptions(problem, system.visible) for x in wrapped(f"  {line}")]

    equations = tuple(
        Equation(tuple(constant), (r"\mathrm{const}",), f"invariant-{n}")
        for n, constant in enumerate(constants, 1)
    )
    return Section(
        (
            Lines(
                lambda: [x for line in descriptions(problem, system.visible) for x in wrapped(f"  {line}")]
            ),
            Data(("invariants",), lambda: _invariants_json(system)),
            *([Equations(equations)] if equations else []),
        ),
        ("Invariants of the flow (descent breaks them in the order of the learning rate)",),
        INVARIANTS if equations else "\\paragraph{Invariants of the flow:} none found.\n",
    )


def _invariants_json(system: GramFlow) -> dict[str, object]:
    return {
        "X J X^T": [_rows(J) for J in flow_invariants(system.problem, system.visible)],
        "overlaps": [str(expression) for expression in symmetry_invariants(system.problem)],
    }


def _signed(terms: list[tuple[object, str]]) -> list[str]:
    """A sum in pieces, one a term."""
    pieces: list[str] = []
    for factor, body in terms:
        if factor == 0:
            continue
        sign = "-" if str(factor).startswith("-") else "+"
        text = _times(str(factor).lstrip("-"), body)
        pieces.append(f" {sign} {text}" if pieces else text if sign == "+" else f"-{text}")
    return pieces


def _times(count: object, body: str) -> str:
    return body if str(count) == "1" else f"{count}{body}"


def _sigma(system: GramFlow, name: str) -> str:
    return rf"\drvsigma{{{system.problem.latex_index(name)}}}"


def _vector(name: str) -> str:
    return name[0] + (f"_{{{name[1:]}}}" if name[1:] else "")
