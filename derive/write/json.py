"""A document as one JSON object: its facts and symbols, then every coefficient as text in Python syntax.

Entry k of a list of coefficients multiplies the k-th power. Read them with ``sympify(s, locals={"zhat":
zhat, "beta": beta})``: without ``locals``, sympy reads ``beta`` as its Beta function.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import singledispatch
from itertools import pairwise
from typing import Any

from derive.document.model import USUAL, Coordinates, Data, Document, Formula, Key, Layout, Matrix, WordSum
from derive.observables.leading_singular_value import LeadingCoefficient
from derive.write.finite import plain_json


def json(document: Document, layout: Layout = USUAL) -> str:
    """The object, indented."""
    if not isinstance(document.facts, Mapping):
        return plain_json(document.facts, indent=2) + "\n"
    content: dict[str, Any] = dict(document.facts)
    variables = [
        *document.symbols,
        *document.json_symbols,
        *(x for section in document.sections for x in section.symbols),
    ]
    if variables:
        content["symbols"] = {variable.name: variable.meaning for variable in variables}
    for block in document.blocks:
        for key, value in entries(block):
            _place(content, key, value)
    return plain_json(content, indent=2) + "\n"


@singledispatch
def entries(block: Any) -> Iterator[tuple[Key, Any]]:
    """Where the values of a block stand, and the values; nothing for blocks of other formats."""
    return iter(())


@entries.register
def _formula(block: Formula) -> Iterator[tuple[Key, Any]]:
    if block.key:
        series = block.series
        yield block.key, series.text() if isinstance(series, LeadingCoefficient) else series.texts()


@entries.register(Matrix)
@entries.register(Coordinates)
def _several(block: Matrix | Coordinates) -> Iterator[tuple[Key, Any]]:
    for formula in block.formulas:
        yield from _formula(formula)


@entries.register
def _word_sum(block: WordSum) -> Iterator[tuple[Key, Any]]:
    yield block.key, block.change.json()


@entries.register
def _data(block: Data) -> Iterator[tuple[Key, Any]]:
    yield block.key, block.make()


def _place(content: Any, key: Key, value: Any) -> None:
    """Put a value at a path, making the objects and lists on the way."""
    for step, following in pairwise(key):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            if step == len(content):
                content.append(empty)
            content = content[step]
        else:
            content = content.setdefault(step, empty)
    if isinstance(key[-1], int):
        content.append(value)
    else:
        content[key[-1]] = value
