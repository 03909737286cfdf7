"""Descriptions of emitted functions: a title, formulas, and where they hold."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from derive.write.code.module import INDENT

WIDTH = 92


def sentence(title: str) -> str:
    """A title with a capital."""
    return title[0].upper() + title[1:]


def formulas_docstring(title: str, formulas: Iterable[str], note: str) -> str:
    """A title, the formulas indented, and what holds for all of them."""
    return "\n".join([title, "", *(textwrap.indent(f, INDENT) for f in formulas), "", note])
