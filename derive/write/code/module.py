"""What a file of code holds, whatever its language: a header, a description, constants and functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derive.series.program import Function

INDENT = "    "
WIDTH = 100


@dataclass(frozen=True)
class Module:
    """``name`` is the file's stem, which MATLAB and Mathematica call it by.

    ``header`` holds the lines of the first comment, the command that made the file first. Values of
    ``constants`` are numbers, texts, and tuples and dictionaries of such. ``appendix`` is text of the
    language itself behind the functions.
    """

    name: str
    header: tuple[str, ...]
    doc: str
    constants: tuple[tuple[str, Any], ...]
    functions: tuple[Function, ...]
    appendix: str = ""


class CannotHold(ValueError):
    """A module that a language has no words for."""


def comment(lines: Sequence[str], sign: str) -> list[str]:
    """Lines behind the sign of a comment."""
    return [f"{sign} {line}".rstrip() for line in lines]
