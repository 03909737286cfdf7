"""The rows of a document as CSV, their names as the header; floats in full."""

from __future__ import annotations

import csv as standard
import io

from derive.document.model import USUAL, Document, Layout, Rows


def csv(document: Document, layout: Layout = USUAL) -> str:
    """One table: the first rows meant for it."""
    block = next(b for b in document.blocks if isinstance(b, Rows) and "csv" in b.formats)
    stream = io.StringIO()
    writer = standard.writer(stream, lineterminator="\n")
    writer.writerow(block.names)
    writer.writerows([repr(float(x)) if isinstance(x, float) else x for x in row] for row in block.rows)
    return stream.getvalue()
