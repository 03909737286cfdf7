"""A flow at all times as a document: a table of numbers over learning time (THEORY 9)."""

from __future__ import annotations

from typing import Any

from derive.document.model import Document, Lines, Rows, Section
from derive.exact.flows.flow_curve import GOOD, NumericalCurve
from derive.flow.statement.task import Flow

DIGITS = 8


def flow_curve_document(flow: Flow, curve: NumericalCurve, words: tuple[str, ...], network: str) -> Document:
    """Text, JSON and CSV; ``network`` is the file of one given network, or empty in the limit."""
    names = list(curve.values)
    columns = [curve.tau, *curve.values.values()]
    rows = [[float(column[i]) for column in columns] for i in range(len(curve.tau))]
    shown = [[*row, _outliers(found)] for row, found in zip(rows, curve.outliers, strict=True)]
    return Document(
        words,
        "flow_curve",
        "",
        (
            Section((Lines(lambda: _lines(flow, curve, network)),)),
            Section((Rows(("tau", *names, "outliers"), shown, formats=("text",), digits=DIGITS),)),
            Section((Rows(("tau", *names), rows, formats=("csv",)),)),
        ),
        facts=_facts(flow, curve, network),
    )


def _facts(flow: Flow, curve: NumericalCurve, network: str) -> dict[str, Any]:
    meaning = flow.meaning
    facts: dict[str, Any] = {
        "system": "flow",
        "title": flow.title,
        "limit": "none" if network else "N->oo",
        **({"network": network} if network else {}),
        "g": curve.g,
        "parameters": {name: str(value) for name, value in flow.values.items()},
        "tau": curve.tau.tolist(),
        "readouts": {},
    }
    for name, values in curve.values.items():
        stem = name.removesuffix("_re").removesuffix("_im")
        place = facts["readouts"] if name in meaning.readouts or stem in meaning.readouts else facts
        place[name] = values.tolist()
    facts["outliers"] = [[[x.real, x.imag] for x in found] for found in curve.outliers]
    if curve.errors is not None:
        facts |= {"words": curve.size, "words_order": curve.order, "closed": curve.closed}
        facts |= {"errors": dict(curve.errors), "good_until": curve.good_until}
    return facts


def _lines(flow: Flow, curve: NumericalCurve, network: str) -> list[str]:
    lines = [f"{flow.title or 'flow'}, {network or 'N -> infinity'}, g = {curve.g:g}"]
    lines += [f"  {name} = {value}" for name, value in flow.values.items()]
    if curve.errors is None:
        return [*lines, "  the flow of this network, integrated to 11 digits"]
    if curve.closed:
        return [
            *lines,
            f"  the limit exactly: its words end, {curve.size} of them; integrated to 11 digits",
        ]
    lines += [
        f"  the limit projected on {curve.size} orthonormal words, those through tau**{curve.order}",
        "  error, the largest difference from the basis before: "
        + ", ".join(f"{name} {error:.1e}" for name, error in curve.errors.items()),
        "  " + _good(curve),
    ]
    return lines


def _good(curve: NumericalCurve) -> str:
    if curve.good_until is None:
        return f"an error above {GOOD:g} of a column's largest value at every time"
    return f"error below {GOOD:g} of each column's largest value through tau = {curve.good_until:g}"


def _outliers(found: tuple[complex, ...]) -> str:
    return " ".join(f"{x.real:.5g}" + (f"{x.imag:+.5g}i" if x.imag else "") for x in found)
