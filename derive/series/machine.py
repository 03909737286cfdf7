"""Running a program: its operations in a flat list over numbered places.

Every operation takes two places and fills a third, so that evaluation is one loop without a stack or a
tree; places of intermediate values are used again as soon as they can be. Nothing is compiled or executed as
Python, and a machine pickles.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from derive.series.assignment import Argument, Assignment, Record, Result, mapped
from derive.series.expression import (
    INTEGERS,
    ONE,
    Entry,
    Expression,
    Name,
    Number,
    Power,
    Product,
    Quotient,
    SmoothCall,
    Sum,
    without_sign,
)

Operation = Callable[[Any, Any], Any]
EXACT = ("fractions", "flint", "sympy")
"""Packages whose numbers take integers of any size, and some no floats."""


@dataclass(frozen=True)
class Machine:
    """``code`` fills places; ``start`` holds the constants, first in doubles, then as exact integers."""

    name: str
    arguments: tuple[Argument, ...]
    code: tuple[tuple[Operation, int, int, int], ...]
    start: tuple[list[Any], list[Any]]
    entries: tuple[tuple[int, int, str], ...]
    result: Any

    def __call__(self, *values: Any, **named: Any) -> Any:
        if named or len(values) != len(self.arguments):
            values = tuple(self._bound(values, named))
        if any(map(_has_size, map(type, values))):
            values = tuple(map(floating, values))
        place = self.start[any(map(_is_exact, map(type, values)))].copy()
        place[: len(values)] = values
        for argument, position, key in self.entries:
            place[position] = floating(values[argument][key])
        for operation, left, right, target in self.code:
            place[target] = operation(place[left], place[right])
        return _filled(self.result, place)

    def _bound(self, values: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        """The arguments in order. Raises TypeError as a Python function does."""
        names = [argument.name for argument in self.arguments]
        given = dict(zip(names, values, strict=False))
        if len(values) > len(names) or set(named) - set(names) or set(named) & set(given):
            raise TypeError(f"{self.name}({', '.join(names)}): got {len(values)} values and {list(named)}")
        given |= named
        defaults = {a.name: a.default for a in self.arguments if a.default is not None}
        if missing := [name for name in names if name not in given and name not in defaults]:
            raise TypeError(f"{self.name}({', '.join(names)}): {', '.join(missing)} missing")
        return [given.get(name, defaults.get(name)) for name in names]


@cache
def _is_exact(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in EXACT


@cache
def _has_size(kind: type) -> bool:
    """Whether numbers of a type may be integers of fixed size: arrays, tensors, numpy's scalars."""
    return hasattr(kind, "dtype")


def floating(value: Any) -> Any:
    """Integers of fixed size in floating point, for their powers wrap around, in mappings too; all else as
    it is."""
    if type(value) is float:
        return value
    if isinstance(value, dict):
        plain = {float, int}.issuperset(map(type, value.values()))
        return value if plain else {key: floating(entry) for key, entry in value.items()}
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        return value
    if hasattr(dtype, "kind"):
        whole = dtype.kind in "biu"
    else:  # torch
        whole = not (dtype.is_floating_point or dtype.is_complex)
    return value / 1 if whole else value


def _filled(result: Any, place: list[Any]) -> Any:
    if isinstance(result, int):
        return place[result]
    if isinstance(result, Record):
        return {key: _filled(value, place) for key, value in result.entries}
    return tuple(_filled(value, place) for value in result)


class Translation:
    """A function in places: arguments, then names, constants and entries, then intermediate values."""

    def __init__(self, arguments: Sequence[Argument]) -> None:
        self.arguments = tuple(arguments)
        self.code: list[tuple[Operation, int, int, int]] = []
        self.named = {a.name: i for i, a in enumerate(arguments)}
        self.constants: dict[tuple[type, float], int] = {}
        self.entries: dict[tuple[str, str], int] = {}
        self.count = len(arguments)

    def machine(self, name: str, body: Sequence[Assignment], returned: Result) -> Machine:
        temporary = 10**9  # renumbered behind all others, whose count is known only at the end
        most = 0
        for assignment in body:
            place, used = self._value(assignment.value, temporary)
            most = max(most, used)
            self._assign(assignment.name, place, temporary)
        self.most = most
        result = self._result(returned, temporary)
        shift = self.count - temporary

        def settled(place: int) -> int:
            return place + shift if place >= temporary else place

        size = self.count + self.most
        start: tuple[list[Any], list[Any]] = ([None] * size, [None] * size)
        for (_, value), place in self.constants.items():
            large = isinstance(value, int) and abs(value) >= INTEGERS
            start[0][place], start[1][place] = float(value) if large else value, value
        order = [a.name for a in self.arguments]
        return Machine(
            name,
            self.arguments,
            tuple((f, settled(a), settled(b), settled(c)) for f, a, b, c in self.code),
            start,
            tuple((order.index(mapping), place, key) for (mapping, key), place in self.entries.items()),
            mapped(result, settled),
        )

    def _assign(self, name: str, place: int, temporary: int) -> None:
        """Let the last operation fill the name's own place."""
        if place < temporary:  # a constant or another name: as long as that keeps its value
            self._emit_copy(name, place)
            return
        if name not in self.named:
            self.named[name] = self._new()
        operation, left, right, _ = self.code[-1]
        self.code[-1] = (operation, left, right, self.named[name])

    def _emit_copy(self, name: str, place: int) -> None:
        if name not in self.named:
            self.named[name] = self._new()
        self.code.append((_left, place, place, self.named[name]))

    def _new(self) -> int:
        self.count += 1
        return self.count - 1

    def _result(self, result: Any, temporary: int) -> Any:
        if isinstance(result, Expression):
            place, used = self._value(result, temporary)
            self.most = max(self.most, used)
            if place >= temporary:
                own = self._new()
                operation, left, right, _ = self.code[-1]
                self.code[-1] = (operation, left, right, own)
                return own
            return place
        if isinstance(result, Record):
            return Record(tuple((key, self._result(value, temporary)) for key, value in result.entries))
        return tuple(self._result(value, temporary) for value in result)

    def _value(self, node: Expression, free: int) -> tuple[int, int]:
        """The place of a value, and how many intermediate places were used; ``free`` is the next of them."""
        match node:
            case Name(name):
                return self.named[name], 0
            case Entry(mapping, key):
                if (mapping, key) not in self.entries:
                    self.entries[mapping, key] = self._new()
                return self.entries[mapping, key], 0
            case Number(value):
                return self._constant(value), 0
            case Sum(terms):
                return self._chain([(operator.add, x) for x in terms], free)
            case Product(factors):
                return self._chain([(operator.mul, x) for x in factors], free)
            case Quotient(numerator, denominator):
                return self._chain([(operator.mul, numerator), (operator.truediv, denominator)], free)
            case Power(base, exponent):
                return self._chain([(operator.mul, base), (operator.pow, Number(exponent))], free)
            case SmoothCall(name, argument):
                return self._chain([(operator.mul, argument), (partial(_called, name), ONE)], free)
        raise TypeError(f"no expression: {type(node).__name__}")

    def _chain(self, steps: list[tuple[Operation, Expression]], free: int) -> tuple[int, int]:
        """Values combined from left to right; the total stands in ``free``."""
        left, most = self._value(steps[0][1], free)
        base = free if left < free else free + 1
        for operation, node in steps[1:]:
            if operation is operator.add and (positive := without_sign(node)) is not None:
                operation, node = operator.sub, positive
            right, used = self._value(node, base)
            most = max(most, used + base - free)
            self.code.append((operation, left, right, free))
            left, base = free, free + 1
        return free, max(most, 1)

    def _constant(self, value: float) -> int:
        key = type(value), value  # 2 and 2.0 are different constants
        if key not in self.constants:
            self.constants[key] = self._new()
        return self.constants[key]


def _left(left: Any, right: Any) -> Any:
    return left


def smooth(name: str, x: Any) -> Any:
    """exp, log or tanh of numbers of any type: their own method, or their library's function."""
    from importlib import import_module

    if callable(method := getattr(x, name, None)):  # mpmath's exp is the exponent of its number
        return method()
    library = type(x).__module__.partition(".")[0]
    home = {"builtins": "math", "jaxlib": "jax.numpy", "jax": "jax.numpy"}.get(library, library)
    return getattr(import_module(home), name)(x)


def _called(name: str, left: Any, right: Any) -> Any:
    return smooth(name, left)
