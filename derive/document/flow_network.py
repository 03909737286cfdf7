"""The Taylor coefficients of one given network under a flow in words, as a document of numbers."""

from __future__ import annotations

from derive.document.flow import observable_left, series_latex, statement
from derive.document.model import Document, Formula, Paragraph, Section, Variable
from derive.document.network_series import NumberSeries, coefficient_table
from derive.document.stem import data_stem
from derive.document.variables import TAU
from derive.tasks.network_flow import NetworkFlowSeries

FORMATS = ("json", "latex")  # text has a table instead


def flow_network_document(series: NetworkFlowSeries, words: tuple[str, ...], file: str) -> Document:
    """Readouts, loss and observables; ``file`` is the bare name of the network's file."""
    network = series.network
    flow, said = network.flow, statement(network.flow)
    content = [
        said,
        network.W0.tolist(),
        {name: vector.tolist() for name, vector in network.vectors.items()},
        series.order,
    ]
    table = coefficient_table(series.named, series.order)
    return Document(
        words,
        f"flow_{data_stem(file, content)}",
        f"{flow.title or 'flow'}, {file}: a network of {network.size} neurons, expansion through "
        f"tau**{series.order}",
        (Section((table, *_formulas(series)), ("Coefficients of tau**k:",)),),
        facts={
            "order": series.order,
            "system": "flow",
            "title": flow.title,
            "limit": "none",
            "network": file,
            "size": network.size,
            "parameters": {name: str(value) for name, value in flow.values.items()},
            "statement": dict(said),
        },
        symbols=(TAU, *(Variable(name, "", "vector of the network") for name in flow.ensemble.vectors)),
        validity=(
            f"Exact through tau**{series.order} for this network at the parameters' numbers, in double "
            "precision; a Taylor series at tau = 0."
        ),
        setting=Paragraph("\n".join(f"  {a} = {b}" for a, b in said)),
    )


def _formulas(series: NetworkFlowSeries) -> list[Formula]:
    found = []
    for name, values in series.named.items():
        if name in series.observables:
            left = observable_left(*series.left[name])
            key: tuple[str, ...] = (name,)
        else:
            left = rf"{series_latex(name)}(\drvtau)"
            key = ("loss",) if name == "loss" else ("readouts", name)
        title = series.titles.get(name, name)
        label = name.replace("_", "-")
        found.append(Formula(key, left, NumberSeries(values), title, label, formats=FORMATS))
    return found
