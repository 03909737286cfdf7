"""A flow's expansion as JSON and as readable text."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from derive.flow.expansion import FlowExpansion, PrintedOrder
from derive.write.flows.facts import moving_matrices, moving_vectors, statement, symbols, validity

WIDTH = 120
MOST_TERMS = 40
"""Terms of one matrix or vector shown in text; JSON has all."""


def flow_json(expansion: FlowExpansion) -> str:
    """Keys: system, title, order, route, limit, parameters, symbols, readouts, loss (where there is one), and
    every matrix and vector that moves by its name. Entry k multiplies tau**k; coefficients are text in the
    parameters, beta and g, in Python syntax; a matrix is W0's multiple and outer products.
    """
    flow = expansion.flow
    document: dict[str, Any] = {
        "system": "flow",
        "title": flow.title,
        "order": expansion.order,
        "route": expansion.route,
        "limit": "N->oo",
        "parameters": {name: str(value) for name, value in flow.values.items()},
        "vectors": list(flow.ensemble.vectors),
        "overlaps": dict(flow.ensemble.overlaps),
        "statement": dict(statement(expansion)),
        "symbols": symbols(expansion),
        "readouts": {name: series.texts() for name, series in expansion.readouts.items()},
    }
    if expansion.loss is not None:
        document["loss"] = expansion.loss.texts()
    for name in moving_matrices(expansion):
        document[name] = [_matrix_json(found) for found in expansion.matrix(name)]
    if "W" not in document:
        document["W"] = [{"k": k, "W0": "0", "terms": []} for k in range(1, expansion.order + 1)]
    for name in moving_vectors(expansion):
        document[name] = [
            {"k": found.k, "terms": [{"coefficient": t.coefficient, "vector": t.left} for t in found.terms]}
            for found in expansion.vector(name)
        ]
    return json.dumps(document, indent=2) + "\n"


def _matrix_json(found: PrintedOrder) -> dict[str, Any]:
    terms = [{"coefficient": t.coefficient, "left": t.left, "right": t.right} for t in found.terms]
    return {"k": found.k, "W0": found.W0, "terms": terms}


def flow_text(expansion: FlowExpansion) -> str:
    """Statement, symbols, validity, and every series with its coefficients."""
    flow = expansion.flow
    lines = [f"{flow.title or 'Flow'}, N -> infinity: expansion through tau**{expansion.order}"]
    lines += [f"  {left} = {right}" for left, right in statement(expansion)]
    lines.append("")
    lines += [f"  {name:<6} {meaning}" for name, meaning in symbols(expansion).items()]
    lines += ["", *textwrap.wrap(validity(expansion), WIDTH)]
    for name, series in expansion.series.items():
        lines += ["", f"{name} = sum over k", f"{'k':>3}   coefficient of tau**k"]
        for k in range(len(series)):
            lines += _wrapped(f"{k:>3}   ", series.text(k))
    for name in moving_matrices(expansion):
        start = "W0" if name == "W" else "0"
        lines += ["", f"{name} = {start} + sum over k of tau**k times"]
        for found in expansion.matrix(name):
            lines += _order_text(found)
    for name in moving_vectors(expansion):
        lines += ["", f"{name}(tau) = {name} + sum over k of tau**k times"]
        for found in expansion.vector(name):
            lines += _order_text(found)
    return "\n".join(lines) + "\n"


def _order_text(found: PrintedOrder) -> list[str]:
    terms = [] if found.W0 == "0" else [f"({found.W0}) W0"]
    terms += [f"({t.coefficient}) {t.left}" + f" {t.right}" * bool(t.right) for t in found.terms]
    shown, left = terms[:MOST_TERMS], len(terms) - MOST_TERMS
    lines = _wrapped(f"{found.k:>3}   ", shown[0] if shown else "0")
    for term in shown[1:]:
        lines += _wrapped("      + ", term)
    return lines + ([f"      + {left} further terms (all in --format json)"] if left > 0 else [])


def _wrapped(first: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * (len(first) + 4),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first]
