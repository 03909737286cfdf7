"""A survey, one flat record a point, as a document: a table, a list of objects, a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from derive.document.model import Document, Figure, Rows, Section

Records = Sequence[dict[str, Any]]
LEARNING = {
    "tau_star": "tau* to the fraction",
    "change_learned": "|W - W0| at tau*",
    "change": "|W - W0| at the end",
    "gradient": "mean |dW/dtau| to tau*",
    "shuffled_loss_learned": "shuffled at tau*, over L0",
    "shuffled_loss": "shuffled at the end, over L0",
}
METHODS = ("plain", "momentum")


def survey_document(records: Records, draw: Callable[[], Any]) -> Document:
    """The records as they are."""
    return _document(records, draw, (records_rows(records),))


def learning_document(records: Records, draw: Callable[[], Any]) -> Document:
    """Learning times: in text a row for each quantity of a point, exact, at each order and by its law."""
    text = records_rows(_by_quantity(records), formats=("text",))
    return _document(records, draw, (text, records_rows(records, formats=("csv",))))


def epochs_document(records: Records, draw: Callable[[], Any]) -> Document:
    """Epochs of descent: in text a row for plain descent and one with momentum, for each point."""
    text = records_rows(
        [_by_method(record, name) for record in records for name in METHODS], formats=("text",)
    )
    return _document(records, draw, (text, records_rows(records, formats=("csv",))))


def _document(records: Records, draw: Callable[[], Any], rows: tuple[Rows, ...]) -> Document:
    return Document((), "survey", "", (Section((*rows, Figure(draw))),), facts=list(records))


def records_rows(records: Records, formats: tuple[str, ...] = ("text", "csv")) -> Rows:
    """A row a record, under the names of the first."""
    return Rows(tuple(records[0]), [list(record.values()) for record in records], formats)


def _by_quantity(records: Records) -> list[dict[str, Any]]:
    orders = [
        name.removeprefix("tau_star_order_") for name in records[0] if name.startswith("tau_star_order_")
    ]
    rows = []
    for record in records:
        for name, meaning in LEARNING.items():
            row = {"g": record["g"], "zhat": record["zhat"], "quantity": meaning, "exact": record[name]}
            row |= {f"order {k}": record[f"{name}_order_{k}"] for k in orders}
            law = record.get(f"{name}_first_order", "")
            relative = name in ("change", "gradient")  # given without zhat
            rows.append({**row, "law": law * record["zhat"] if relative else law})
    return rows


def _by_method(record: dict[str, Any], name: str) -> dict[str, Any]:
    moves = name == "momentum"
    row = {
        "g": record["g"],
        "zhat": record["zhat"],
        "method": "Nesterov" if moves and record["nesterov"] else name,
        "mu": record["mu"] if moves else 0,
        "eta/eta_c": record[f"{name}_eta_over_eta_c"],
        "epochs": record[f"{name}_epochs"],
        "fall by epoch": record[f"{name}_fall"],
        "gain": record["gain"] if moves else 1,
    }
    if f"{name}_networks" in record:
        row["networks"] = record[f"{name}_networks"]
        row["std"] = record[f"{name}_networks_std"]
        row["learned"] = record[f"{name}_networks_learned"]
    return row
