"""The little language of emitted code: a function assigns expressions to names and returns some.

Calling a `Function` runs it (`derive.series.machine`). Which names it needs is found by following them back
from the result. Every language of `derive.write.code` prints functions; numbers are integers below 2^53 in
size, or doubles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from derive.reading.fields import Fields
from derive.series.assignment import Argument, Assignment, Result, leaves, mapped
from derive.series.expression import (
    ONE,
    ZERO,
    Entry,
    Expression,
    Name,
    Product,
    Quotient,
    names,
    parts,
    product,
)
from derive.series.machine import Machine, Translation
from derive.series.scalar_machine import PLAIN, ScalarMachine, scalar_machine


@dataclass(frozen=True)
class Function(Fields):
    """A function of numbers or arrays: assignments in order, then the result.

    ``doc`` says what it returns. Calling it runs it on any type that has + - * / and **.
    """

    name: str
    arguments: tuple[Argument, ...]
    doc: str
    body: tuple[Assignment, ...]
    result: Result

    @cached_property
    def machine(self) -> Machine:
        """The function as a flat list of operations."""
        return Translation(self.arguments).machine(self.name, self.body, self.result)

    @cached_property
    def scalars(self) -> ScalarMachine | None:
        """The same on plain numbers, where the function takes and returns nothing else."""
        return scalar_machine(self.machine)

    def __call__(self, *values: Any, **named: Any) -> Any:
        plain = not named and len(values) == len(self.arguments) and type(values[0]) is float
        if plain and PLAIN.issuperset(map(type, values)) and self.scalars is not None:
            return self.scalars(*values)
        return self.machine(*values, **named)


def function(
    name: str, arguments: Sequence[Argument], doc: str, body: Iterable[Assignment], result: Result
) -> Function:
    """A function with the assignments that its result needs, and no others.

    Where ``body`` defines ``one`` (`typed_one`), a result that does not depend on every argument in it is
    multiplied by it: every result has the shape that the arguments broadcast to.
    """
    assignments = tuple(body)
    wanted = {argument.name for argument in arguments if not argument.keys}
    wanted |= {key for argument in arguments for key in argument.keys}
    reached: dict[str, frozenset[str]] = {name: frozenset({name}) for name in wanted}
    one = unused("one", wanted)

    def reach(node: Expression) -> frozenset[str]:
        if isinstance(node, Entry):
            return frozenset({node.key})
        found = (reached.get(name, frozenset()) for name in names(node)) if not parts(node) else ()
        return frozenset().union(*found, *map(reach, parts(node)))

    for assignment in assignments:
        reached[assignment.name] = reach(assignment.value)
    needed = reached.get(one, frozenset()) if one not in wanted else frozenset()

    def shaped(value: Expression) -> Expression:
        if needed <= reach(value):
            return value
        return Product((value, Name(one))) if value == ZERO else product(value, Name(one))

    return pruned(Function(name, tuple(arguments), doc, assignments, mapped(result, shaped)))


def typed_one(arguments: Sequence[Argument]) -> Assignment:
    """``one``: 1 in the type of the arguments, exact or floating, of the shape that they broadcast to."""
    plain = [argument.name for argument in arguments if not argument.keys]
    return Assignment(unused("one", plain), Quotient(Product((ZERO, *map(Name, plain))) ** 0, ONE))


def pruned(program: Function) -> Function:
    """The function without the assignments that its result does not need."""
    live = {name for leaf in leaves(program.result) for name in names(leaf)}
    kept: list[Assignment] = []
    for assignment in reversed(program.body):
        if assignment.name in live:
            live.discard(assignment.name)
            live.update(names(assignment.value))
            kept.append(assignment)
    return replace(program, body=tuple(reversed(kept)))


def unused(name: str, taken: Iterable[str]) -> str:
    """The name, with as many ``_`` behind it as make it none of those taken."""
    taken = set(taken)
    while name in taken:
        name += "_"
    return name
