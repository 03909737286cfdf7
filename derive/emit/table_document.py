"""A list of flat records as CSV, JSON or aligned text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

Records = Sequence[dict[str, Any]]


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
    return "\n".join("  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows) + "\n"
