"""What a function of emitted code is made of: arguments, assignments, and results by place or by key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from derive.series.expression import Expression


@dataclass(frozen=True)
class Record:
    """Results by key: a name, or the indices of an entry."""

    entries: tuple[tuple[str | tuple[int, ...], Any], ...]

    @staticmethod
    def of(entries: Mapping[Any, Any]) -> Record:
        """From a mapping to expressions, rows or records."""
        return Record(tuple(entries.items()))


Result = Any
"""What a function returns: an `Expression`, a tuple of results, or a `Record` of results."""


def leaves(result: Result) -> Iterator[Expression]:
    """The expressions of a result, in order."""
    if isinstance(result, Expression):
        yield result
    else:
        values = (value for _, value in result.entries) if isinstance(result, Record) else result
        for value in values:
            yield from leaves(value)


def mapped(result: Result, change: Callable[[Any], Any]) -> Result:
    """The result with ``change`` applied to each of its expressions, or whatever stands in their places."""
    if isinstance(result, Record):
        return Record(tuple((key, mapped(value, change)) for key, value in result.entries))
    return tuple(mapped(value, change) for value in result) if isinstance(result, tuple) else change(result)


@dataclass(frozen=True)
class Argument:
    """An argument: a number or an array, or a mapping with ``keys`` to such; ``default`` if it may be left
    out; ``promoted`` where the body would multiply or add integers of a fixed size, which wrap around."""

    name: str
    default: int | None = None
    keys: tuple[str, ...] = ()
    promoted: bool = False


@dataclass(frozen=True)
class Assignment:
    """``name = value``."""

    name: str
    value: Expression
