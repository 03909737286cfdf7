"""An overlap system as functions: the flow of the overlaps, one epoch of descent, the preconditioner."""

from __future__ import annotations

import textwrap

from derive.document.overlaps.overlap_words import closure_note, heading
from derive.overlaps.gram_flow import GramFlow
from derive.series.assignment import Argument, Assignment, Record
from derive.series.expression import Entry, Expression, Name, Number, Product, product, total
from derive.series.program import Function, function
from derive.write.code.module import Module
from derive.write.header import DO_NOT_EDIT
from derive.write.modules.docstrings import WIDTH

DOC = """\
{heading}.

    h' = -h + (1/N) U V^T phi(h) + M x,    y = (1/N) Z^T phi(h),    X = [{vectors}],
    S = X^T X / N,    F = D + D^T with the columns of frozen vectors zero,    D = dL/dS.
{note}
{use}
"""

USE = """\
Overlaps and derivatives of the loss are mappings from names to values: ``sigma["zm"]`` and
``d["zm"]`` = dL/dsigma_zm, an overlap counted once. """
RING = "Only + - and * are used, so\nthat numbers, arrays, tensors and sympy expressions all pass."


def overlap_module(system: GramFlow, header: str, use: str = USE + RING) -> Module:
    """The module of the system: functions of sigma, and of d and the learning rate."""
    problem = system.problem
    nonlinear = problem.nonlinearity != "linear"
    doc = DOC.format(
        heading=heading(problem),
        vectors=" ".join(problem.vectors),
        note="\n" + textwrap.fill(closure_note(problem), WIDTH) + "\n" if nonlinear else "",
        use=use,
    )
    constants = (
        ("SYSTEM", "overlap"),
        ("RANK", problem.rank),
        ("VECTORS", tuple(problem.vectors)),
        ("OVERLAPS", tuple(problem.names)),
        ("VISIBLE", tuple(system.visible)),
        ("INVISIBLE", tuple(system.invisible)),
    )
    functions = (_flow(system), _preconditioner(system), _descend(system))
    return Module("overlap", (header, DO_NOT_EDIT), doc, constants, functions, types=RING)


def _sigma(name: str) -> Entry:
    return Entry("sigma", name)


def combined(overlaps: dict[str, int]) -> Expression:
    return total(*(product(count, _sigma(name)) for name, count in overlaps.items()))


def shaped(value: Expression, name: str) -> Expression:
    """Zero as a number of the overlaps' type and shape."""
    return Product((Number(0), _sigma(name))) if value == Number(0) else value


def _arguments(system: GramFlow, *names: str) -> tuple[Argument, ...]:
    keys = {"sigma": tuple(system.problem.names), "d": tuple(system.visible)}
    return tuple(Argument(name, keys=keys.get(name, ())) for name in names)


def _flow(system: GramFlow) -> Function:
    rates = {
        name: -total(*(product(combined(overlaps), Entry("d", x)) for x, overlaps in row.items()))
        for name, row in system.rows.items()
    }
    result = Record.of({name: shaped(rates[name], name) for name in system.problem.names})
    doc = "dsigma/dtau of every overlap under gradient flow."
    return Function("flow", _arguments(system, "sigma", "d"), doc, (), result)


def _preconditioner(system: GramFlow) -> Function:
    rows = tuple(
        tuple(shaped(combined(system.rows[a].get(b, {})), a) for b in system.visible) for a in system.visible
    )
    doc = "G over VISIBLE, a tuple of rows: dsigma/dtau = -G dL/dsigma."
    return Function("preconditioner", _arguments(system, "sigma"), doc, (), rows)


def _descend(system: GramFlow) -> Function:
    """(1 - lr F)^T S (1 - lr F): ``x`` holds S (1 - lr F), the vectors' own changes."""
    problem = system.problem
    size = range(problem.size)
    rate = Name("learning_rate")

    def step(k: int, j: int) -> Expression:
        name = problem.name(k, j)
        if name not in system.visible or not problem.learns[j]:
            return Number(int(k == j))
        return (1 if k == j else 0) - product(2 if k == j else 1, rate, Entry("d", name))

    steps = [[step(k, j) for j in size] for k in size]
    body = []
    for k in size:
        for j in size:
            if any(steps[i][j] != Number(0) for i in size):
                value = total(*(product(_sigma(problem.name(k, i)), steps[i][j]) for i in size))
                body.append(Assignment(f"x{k}_{j}", value))
    after = {
        problem.name(i, j): total(*(product(steps[k][i], Name(f"x{k}_{j}")) for k in size))
        for i in size
        for j in size
        if i <= j
    }
    doc = "Every overlap after one epoch of gradient descent with learning rate N*learning_rate."
    arguments = _arguments(system, "sigma", "d", "learning_rate")
    result = Record.of({name: after[name] for name in problem.names})
    return function("descend", arguments, doc, body, result)
