"""No result is printed that is not a number: nan and infinities are found before anything is written."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from derive.document.model import Document, Lines, Rows

TOKEN = re.compile(r"(?<![\w.])[-+]?(nan|inf)(?!\w)", re.IGNORECASE)


class NotFinite(ArithmeticError):
    """A result that is nan or infinite; the message says which."""


def check_finite(document: Document, form: str) -> None:
    """Look at the numbers of a document that a format of numbers prints. Raises NotFinite."""
    if form not in ("text", "csv"):  # `plain_json` looks itself
        return
    for name, value in _cells(document, form):
        if isinstance(value, float) and not math.isfinite(value):
            raise NotFinite(f"{name} = {value}")
        if isinstance(value, str) and (found := TOKEN.search(value)):
            raise NotFinite(f"{name}: {value.strip()}" if name else f"{found.group(0)} in: {value.strip()}")


def _cells(document: Document, form: str) -> Iterator[tuple[str, Any]]:
    """The cells of the tables, with the names of their columns, and the lines."""
    for block in document.blocks:
        if isinstance(block, Rows) and form in block.formats:
            for row in block.rows:
                yield from zip(block.names, row, strict=False)
        elif isinstance(block, Lines) and form == "text":
            yield from (("", line) for line in block.make())


def plain_json(content: Any, **layout: Any) -> str:
    """JSON as its standard has it, without nan and infinities. Raises NotFinite."""
    try:
        return json.dumps(content, default=float, allow_nan=False, **layout)
    except ValueError:
        raise NotFinite(_first(content)) from None


def _first(content: Any, name: str = "a value") -> str:
    """The name of the first number that is none, and that number; "" where there is none."""
    items = content.items() if isinstance(content, dict) else ((name, x) for x in content)
    for key, value in items:
        if isinstance(value, dict | list | tuple):
            if found := _first(value, str(key)):
                return found
        elif isinstance(value, float) and not math.isfinite(value):
            return f"{key} = {value}"
    return ""
