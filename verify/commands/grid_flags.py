"""Flags of a grid as the keys of its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from derive.command_line import UsageProblem
from derive.commands.data_file import read_toml
from derive.reading.read_number import WHOLE, rational
from verify.sweeps.grid import RATES, Grid, make_grid

WORDS = ("simulator", "dtype", "device")
SEVERAL = ("g", "zhat", "size", "learning_rate", "effective_learning_rate", "simulator", "momentum")


def grid_from_flags(path: Path | None, flags: dict[str, Any]) -> Grid:
    """The grid of the file at ``path``, flags in place of its keys. Raises UsageProblem."""
    table: dict[str, Any] = {}
    if path is not None:
        table = read_toml(path, str(path), "allowed is a TOML file")
    if any(rate in flags for rate in RATES):
        table = {key: value for key, value in table.items() if key not in RATES}
    for key, value in flags.items():
        table[key] = _parsed(key, value) if isinstance(value, str) else value
    return make_grid(table, "grid" if path is None else str(path))


def _parsed(key: str, text: str) -> Any:
    parts = text.split(",") if key in SEVERAL else [text]
    values = [part if key in WORDS else _number(key, part) for part in parts]
    return values if key in SEVERAL else values[0]


def _number(key: str, text: str) -> int | float:
    option = "--" + key.replace("_", "-")
    try:
        value = rational(text)
        return float(value) if value.denominator > 1 or not WHOLE.fullmatch(text) else int(value)
    except (ValueError, OverflowError):
        raise UsageProblem(f"{option} {text}: allowed are numbers") from None
