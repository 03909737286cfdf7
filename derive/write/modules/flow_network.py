"""The Taylor coefficients of one given network under a flow in words, as functions of learning time."""

from __future__ import annotations

from derive.document.flow import statement
from derive.tasks.network_flow import NetworkFlowSeries
from derive.write.code.module import TYPES, Module
from derive.write.header import DO_NOT_EDIT
from derive.write.modules.docstrings import sentence
from derive.write.modules.network_numbers import summed_function

DOC = """\
{title}: one network of {size} neurons through tau**{order}, no limit taken.

{statement}

Taylor series at tau = 0 at the numbers PARAMETERS, in double precision; tau is learning rate times epochs.
{types}
"""


def flow_network_module(series: NetworkFlowSeries, stem: str, header: str) -> Module:
    """One function of tau for each readout, the loss and each observable."""
    network = series.network
    flow = network.flow
    doc = DOC.format(
        title=flow.title or stem,
        size=network.size,
        order=series.order,
        statement="\n".join(f"    {left} = {right}" for left, right in statement(flow)),
        types=TYPES,
    )
    constants = (
        ("ORDER", series.order),
        ("SYSTEM", "flow"),
        ("SIZE", network.size),
        ("PARAMETERS", {name: str(value) for name, value in flow.values.items()}),
    )
    functions = tuple(
        summed_function(name, f"{sentence(series.titles.get(name, name))}.", {"s": values})
        for name, values in series.named.items()
    )
    return Module(stem, (header, DO_NOT_EDIT), doc, constants, functions)
