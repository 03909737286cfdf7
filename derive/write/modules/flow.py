"""A flow's series as functions: one a readout, and ``loss``, of tau, the parameters in their order, and g."""

from __future__ import annotations

import textwrap
from typing import Any

from derive.document.flow import statement, validity
from derive.flow.expanded.expansion import FlowExpansion
from derive.write.code.module import TYPES, Module

WIDTH = 92
DO_NOT_EDIT = "Do not edit: the command above makes it again."
DOC = """\
{title}: learning through tau**{order}, N -> infinity.

{statement}

{validity}

Arguments: learning time ``tau`` (learning rate times epochs){parameters}, strength of the initial
connectivity ``g``. All quantities are dimensionless.
{types}
"""


def flow_module(expansion: FlowExpansion, stem: str, header: str) -> Module:
    """The module. Raises FlowProblem where a coefficient needs more than arithmetic."""
    flow = expansion.flow
    doc = DOC.format(
        title=flow.title or stem,
        order=expansion.order,
        statement="\n".join(f"    {left} = {right}" for left, right in statement(expansion)),
        validity=textwrap.fill(validity(expansion), WIDTH),
        parameters="".join(f", ``{name}``" for name in flow.parameters),
        types=TYPES,
    )
    constants: tuple[tuple[str, Any], ...] = (
        ("ORDER", expansion.order),
        ("SYSTEM", "flow"),
        ("ROUTE", expansion.route),
        ("PARAMETERS", {name: str(value) for name, value in flow.values.items()}),
    )
    functions = tuple(
        series.program(name, f"{name} after learning time tau, through tau**{series.order}.")
        for name, series in expansion.series.items()
    )
    return Module(stem, (header, DO_NOT_EDIT), doc, constants, functions)
