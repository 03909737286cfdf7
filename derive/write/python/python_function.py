"""Emitted Python functions that return several series at once."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from derive.series.horner import INDENT, docstring_lines, horner_lines, preparation, shaped
from derive.series.series import Series

WIDTH = 92


def together(named: Iterable[tuple[str, Series]]) -> tuple[list[str], list[str]]:
    """Lines that fill one accumulator for each series, and the expressions of the results."""
    body: list[str] = []
    results: list[str] = []
    for name, series in named:
        lines, result = horner_lines(series, accumulator=name)
        body += lines
        results.append(shaped(lines, result))
    return body, results


def formulas_docstring(title: str, formulas: Iterable[str], note: str) -> str:
    """A title, the formulas indented, and what holds for all of them."""
    return "\n".join([title, "", *(textwrap.indent(f, INDENT) for f in formulas), "", note])


def function_text(name: str, arguments: str, docstring: str, lines: Sequence[str], like: Series) -> str:
    """Source of a function: its lines, the last of which return, after what they need.

    ``like`` is one of the series that it returns. Where g is no argument it is left out.
    """
    code = [*preparation(lines, "", like.at_g0, like.alignment), *lines]
    if "g" not in arguments.replace("=0", "").split(", "):
        code = [line.replace(" * g", "") for line in code]
    head = [f"def {name}({arguments}):", *docstring_lines(docstring)]
    return "\n".join([*head, *(INDENT + line for line in code)]) + "\n"


def returned_tuple(items: Sequence[Any]) -> list[str]:
    """Lines that return nested tuples of expressions, one expression on a line."""
    lines = _tuple_lines(items)
    return [f"return {lines[0]}", *lines[1:]]


def _tuple_lines(items: Sequence[Any]) -> list[str]:
    lines = ["("]
    for item in items:
        inner = [item] if isinstance(item, str) else _tuple_lines(item)
        lines += [INDENT + line for line in (*inner[:-1], f"{inner[-1]},")]
    return [*lines, ")"]
