"""What frozen dataclasses share: pickles without what was worked out, a repr that fits a terminal."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

WIDEST = 80
"""Signs of one field in a brief repr."""


class Fields:
    """Copies and pickles carry the fields alone; what is worked out from them is worked out again."""

    def __getstate__(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}  # type: ignore[attr-defined]


class Brief:
    """The repr names arrays by their shapes and whatever else is long by its type.

    Of a dataclass with ``repr=False``, which would bring its own.
    """

    def __repr__(self) -> str:
        shown = [f"{one.name}={_brief(getattr(self, one.name))}" for one in fields(self) if one.repr]  # type: ignore[arg-type]
        return f"{type(self).__name__}({', '.join(shown)})"


def _brief(value: Any) -> str:
    kind = type(value).__name__
    if getattr(value, "shape", ()):
        return f"<{kind} of shape {value.shape}>"
    if isinstance(value, dict):
        entries = ", ".join(f"{key!r}: {_brief(entry)}" for key, entry in value.items())
        return f"{{{entries}}}" if len(entries) <= 2 * WIDEST else f"<{kind} of {len(value)}>"
    text = repr(value) if not isinstance(value, list | tuple) or len(value) <= WIDEST else ""
    if text and len(text) <= WIDEST and "\n" not in text:
        return text
    return f"<{kind} of {len(value)}>" if isinstance(value, list | tuple) else f"<{kind}>"
