"""A flow's series as functions: one a readout, and ``loss``, of tau, the parameters in their order, and g."""

from __future__ import annotations

import textwrap
from typing import Any

from derive.document.flow import statement, validity
from derive.flow.statement.tokens import FlowProblem
from derive.observables.of_flows.flow_registry import flow_observables
from derive.tasks.flow_expansion import FlowExpansion
from derive.write.code.module import SMOOTH_TYPES, TYPES, Module, calls_functions
from derive.write.header import DO_NOT_EDIT
from derive.write.modules.docstrings import WIDTH, sentence

AT_G0 = "{} of W at g = 0, whatever g"
DOC = """\
{title}: learning through tau**{order}, {where}.

{statement}

{validity}

Arguments: learning time ``tau`` (learning rate times epochs){parameters}, {last}
All quantities are dimensionless.
{types}
"""


STRENGTH = "strength of the initial connectivity\n``g``."
OVERLAPS = "and ``overlaps``,\na mapping from the names in OVERLAPS, u' X v each, to the network's numbers."


def flow_module(expansion: FlowExpansion, stem: str, header: str) -> Module:
    """The module. Raises FlowProblem where a coefficient needs more than arithmetic."""
    flow = expansion.flow
    doc = DOC.format(
        title=flow.title or stem,
        order=expansion.order,
        where="any one network" if expansion.named_overlaps else "N -> infinity",
        last=OVERLAPS if expansion.named_overlaps else STRENGTH,
        statement="\n".join(f"    {left} = {right}" for left, right in statement(flow)),
        validity=textwrap.fill(validity(expansion), WIDTH),
        parameters="".join(f", ``{name}``" for name in flow.parameters),
        types="{types}",
    )
    constants: tuple[tuple[str, Any], ...] = (
        ("ORDER", expansion.order),
        ("SYSTEM", "flow"),
        ("ROUTE", expansion.route),
        ("PARAMETERS", {name: str(value) for name, value in flow.values.items()}),
    )
    if expansion.named_overlaps:
        constants += (("OVERLAPS", expansion.overlap_words),)
    shown = {name: f"{name} after learning time tau" for name in expansion.series}
    observables = flow_observables(flow.meaning, expansion.singular_value_count)
    shown |= {o.name: o.title for o in observables if o.name in expansion.observables}
    shown |= {name: AT_G0.format(name) for name in expansion.at_g0}
    every = {**expansion.at_g0, **expansion.observables, **expansion.series}
    try:
        functions = tuple(
            every[name].program(name, f"{sentence(title)}, through tau**{every[name].order}.")
            for name, title in shown.items()
        )
    except RecursionError:
        raise FlowProblem("its coefficients are too long for nested sums: allowed are lower orders") from None
    types = SMOOTH_TYPES if any(map(calls_functions, functions)) else TYPES
    doc = doc.replace("{types}", types)
    return Module(stem, (header, DO_NOT_EDIT), doc, constants, functions, types=types)
