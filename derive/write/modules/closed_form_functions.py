"""The closed form of one and two nodes as functions of T and g, for every language (THEORY 7)."""

from __future__ import annotations

from derive.document.closed_form import ClosedFormReport, nodes_text
from derive.series.assignment import Argument, Assignment
from derive.series.expression import ONE, Expression, Name, SmoothCall
from derive.series.program import Function, function
from derive.write.code.module import SMOOTH_TYPES, Module
from derive.write.header import DO_NOT_EDIT

DOC = """\
Learning of the fixed-point task at N -> infinity in closed form, {nodes}.

Functions of the path length T of W, 0 <= T < T*, and of the strength g: z = N/D, h = beta**2/D**4.
At g = {g} the bound states are KAPPA, descending, and T* is BLOW_UP.
{types}
"""
T, G = Name("T"), Name("g")
GIVEN = Argument("T"), Argument("g")


def closed_form_module(report: ClosedFormReport, header: str) -> Module:
    """D, readout and sharpness, of one or two nodes."""
    body, below, above = _two() if report.form.nodes == 2 else _one()
    return Module(
        f"closed_form_nodes_{report.form.nodes}",
        (header, DO_NOT_EDIT),
        DOC.format(nodes=nodes_text(report.form), g=report.g, types=SMOOTH_TYPES),
        (
            ("SYSTEM", "fixed-point"),
            ("NODES", report.form.nodes),
            ("KAPPA", tuple(map(float, report.form.kappa))),
            ("BLOW_UP", float(report.form.blow_up)),
        ),
        (
            _function("D", "(h/h(0))**(-1/4).", body, below),
            _function("readout", "z.", body, above / below),
            _function("sharpness", "h = dz/ds.", body, Name("beta") ** 2 / below**4),
        ),
        types=SMOOTH_TYPES,
    )


def _function(name: str, doc: str, body: list[Assignment], result: Expression) -> Function:
    return function(name, GIVEN, doc, body, result)


def _tanh(argument: Expression) -> Expression:
    return SmoothCall("tanh", argument)


def _one() -> tuple[list[Assignment], Expression, Expression]:
    """What comes before, D and N."""
    beta, kappa, N = map(Name, ("beta", "kappa", "N"))
    body = [
        Assignment("beta", ONE / ((1 - G) * (1 + G))),
        Assignment("kappa", beta**0.5),
        Assignment("N", kappa * _tanh(kappa * T)),
    ]
    return body, 1 - T * N, N


def _two() -> tuple[list[Assignment], Expression, Expression]:
    """What comes before, D and N, for 0 < g < 1."""
    beta, width, scale, M, N = map(Name, ("beta", "width", "scale", "M", "N"))
    x1, x2, x3, k1, k2, k3 = map(Name, ("x1", "x2", "x3", "k1", "k2", "k3"))
    o1, o2, t1, t2, t3, s1, s3 = map(Name, ("o1", "o2", "t1", "t2", "t3", "s1", "s3"))
    body = [
        Assignment("beta", ONE / ((1 - G) * (1 + G))),
        Assignment("width", ((beta - 1) * (9 * beta**2 + 15 * beta + 8) / beta) ** 0.5),
        Assignment("scale", beta**3 / (2 * (beta + 1))),
        Assignment("x1", scale * (3 * beta + 1 + width)),
        Assignment("x2", 4 * scale * beta),
        Assignment("x3", scale * (3 * beta + 1 - width)),
        *(Assignment(k.name, x**0.5) for k, x in ((k1, x1), (k2, x2), (k3, x3))),
        Assignment("o1", (x1 - x2) / (x1 - x3)),
        Assignment("o2", (x2 - x3) / (x1 - x3)),
        *(Assignment(t.name, _tanh(k * T) / k) for t, k in ((t1, k1), (t2, k2), (t3, k3))),
        Assignment("s1", x1 * t1),
        Assignment("s3", x3 * t3),
        Assignment("M", o1 * o2 * t2 * (s1 - s3) / (1 - t2 * (o2 * s1 + o1 * s3))),
        Assignment("N", beta * (o1 * t1 + o2 * t3 + M * (t1 - t3))),
    ]
    return body, 1 - T * N - M * (x1 - x3) / x2, N
