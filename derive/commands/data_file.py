"""Reading files of data: UTF-8 whatever the locale, a byte-order mark allowed, of a bounded size."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from derive.command_line import UsageProblem
from derive.reading.parse import shown

MOST_BYTES = 50_000_000


def read_json(path: Path, where: str, allowed: str, number: Callable[[str], Any] = float) -> Any:
    """What a file of JSON holds; ``number`` reads its decimal numbers.

    ``where`` and ``allowed`` stand in the messages of UsageProblem: for what cannot be read, is no JSON,
    names a key twice, or holds NaN or Infinity.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        for name in names:
            if names.count(name) > 1:
                raise UsageProblem(f"{where}: {shown(name)} is given twice; {allowed}")
        return dict(pairs)

    def strange(name: str) -> Any:
        raise UsageProblem(f"{where}: {name} is not finite; {allowed}")

    text = read_text(path, where, allowed)
    try:
        return json.loads(text, parse_float=number, object_pairs_hook=once, parse_constant=strange)
    except json.JSONDecodeError as problem:
        raise UsageProblem(
            f"{where}: not JSON ({problem.msg}: line {problem.lineno}, column {problem.colno}); {allowed}"
        ) from None
    except RecursionError:
        raise UsageProblem(f"{where}: not JSON (nested too deeply); {allowed}") from None
    except ValueError as problem:  # an integer of too many digits
        raise UsageProblem(f"{where}: not JSON ({str(problem).split(':')[0]}); {allowed}") from None


def read_toml(path: Path, where: str, allowed: str) -> dict[str, Any]:
    """The table that a file of TOML holds. Raises UsageProblem."""
    text = read_text(path, where, allowed)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UsageProblem(f"{where}: not TOML (nested too deeply); {allowed}") from None
    except (tomllib.TOMLDecodeError, ValueError) as problem:
        raise UsageProblem(f"{where}: not TOML ({problem}); {allowed}") from None


def read_text(path: Path, where: str, allowed: str) -> str:
    """The text of a file in UTF-8, without a byte-order mark. Raises UsageProblem."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as problem:
        raise UsageProblem(f"{where}: {problem.strerror}; {allowed}") from None
    if len(content) > MOST_BYTES:
        raise UsageProblem(f"{where}: more than {MOST_BYTES // 10**6} megabytes; {allowed}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UsageProblem(f"{where}: not UTF-8 (byte {problem.start}); {allowed}") from None
