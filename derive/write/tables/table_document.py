"""A list of flat records as CSV, JSON or aligned text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

Records = Sequence[dict[str, Any]]
LEARNING = {
    "tau_star": "tau* to the fraction",
    "change_learned": "|W - W0| at tau*",
    "change": "|W - W0| at the end",
    "gradient": "mean |dW/dtau| to tau*",
    "shuffled_loss_learned": "shuffled at tau*, over L0",
    "shuffled_loss": "shuffled at the end, over L0",
}


def records_csv(records: Records) -> str:
    """One row a record, the names as the header; floats in full."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(records[0])
    writer.writerows([repr(v) if isinstance(v, float) else v for v in r.values()] for r in records)
    return stream.getvalue()


def records_json(records: Records) -> str:
    """A list of objects."""
    return json.dumps(list(records), indent=2) + "\n"


def records_text(records: Records) -> str:
    """Aligned columns, six digits."""
    rows = [list(records[0])]
    rows += [[f"{v:.6g}" if isinstance(v, float) else str(v) for v in r.values()] for r in records]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines) + "\n"


def learning_text(records: Records) -> str:
    """Learning times: one row a quantity of a point, exact, at each order and by its first-order law."""
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
    return records_text(rows)
