"""The little language of emitted code: expressions of seven kinds, assignments, functions.

An expression is a `Name`, an `Entry` of a mapping, a `Number`, a `Sum`, a `Product`, a `Quotient` or a
`Power`; sums and products are taken from left to right. They are built with + - * / ** and read as Python:

>>> x, t = Name("x"), Name("t")
>>> 2 + t * (x - 3 * x**2) / 5
2 + t * (x - 3 * x**2) / 5

A `Function` assigns expressions to names, one after the other, and returns one or several; calling it runs
it (`derive.series.machine`). Which names it needs is found by following them back from the result. Every
language of `derive.write.code` prints functions; numbers are integers below 2^53 in size, or doubles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.series.machine import Machine

LARGEST = 2**53
"""Every integer up to this size is a double."""


@dataclass(frozen=True, repr=False)
class Expression:
    """What all kinds share: arithmetic that builds further expressions, without zeros and ones."""

    def __add__(self, other: Expression | int) -> Expression:
        return total(self, other)

    def __radd__(self, other: int) -> Expression:
        return total(other, self)

    def __sub__(self, other: Expression | int) -> Expression:
        return total(self, -expression(other))

    def __rsub__(self, other: int) -> Expression:
        return total(other, -self)

    def __mul__(self, other: Expression | int) -> Expression:
        return product(self, other)

    def __rmul__(self, other: int) -> Expression:
        return product(other, self)

    def __truediv__(self, other: Expression | int) -> Expression:
        divisor = expression(other)
        return self if divisor == ONE else Quotient(self, divisor)

    def __pow__(self, exponent: float) -> Expression:
        return self if exponent == 1 else Power(self, exponent)

    def __neg__(self) -> Expression:
        return product(-1, self)

    def __repr__(self) -> str:
        from derive.series.program_text import text

        return text(self)


@dataclass(frozen=True, repr=False)
class Name(Expression):
    """An argument, or what was assigned to the name before."""

    name: str


@dataclass(frozen=True, repr=False)
class Entry(Expression):
    """An entry of an argument that is a mapping."""

    mapping: str
    key: str


@dataclass(frozen=True, repr=False)
class Number(Expression):
    """An integer of at most `LARGEST`, or a double."""

    value: float


@dataclass(frozen=True, repr=False)
class Sum(Expression):
    """At least two terms, added from left to right."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, repr=False)
class Product(Expression):
    """At least two factors, multiplied from left to right."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True, repr=False)
class Quotient(Expression):
    """``numerator / denominator``."""

    numerator: Expression
    denominator: Expression


@dataclass(frozen=True, repr=False)
class Power(Expression):
    """``base ** exponent``: an integer >= 0, or 0.5 for the square root."""

    base: Expression
    exponent: float


ZERO: Expression = Number(0)
ONE: Expression = Number(1)


def expression(value: Expression | float) -> Expression:
    """A number as an expression; an expression as itself."""
    return value if isinstance(value, Expression) else Number(value)


def total(*terms: Expression | float) -> Expression:
    """The sum of the terms without zeros; a first term that is a sum is continued."""
    kept: list[Expression] = []
    for term in map(expression, terms):
        if term != ZERO:
            kept += term.terms if isinstance(term, Sum) and not kept else (term,)
    return Sum(tuple(kept)) if len(kept) > 1 else kept[0] if kept else ZERO


def product(*factors: Expression | float) -> Expression:
    """The product without ones; a first factor that is a product is continued, and a sign comes first."""
    kept: list[Expression] = []
    for factor in map(expression, factors):
        if factor == ZERO:
            return ZERO
        if factor != ONE:
            kept += factor.factors if isinstance(factor, Product) and not kept else (factor,)
    if len(kept) > 1 and isinstance(kept[0], Number) and isinstance(kept[1], Number):
        value = kept[0].value * kept[1].value
        if abs(value) <= LARGEST:
            return product(Number(value), *kept[2:])
    if len(kept) == 2 and kept[0] == Number(-1):
        if (positive := without_sign(kept[1])) is not None:
            return positive
        if isinstance(kept[1], Product):
            return product(-1, *kept[1].factors)
    return Product(tuple(kept)) if len(kept) > 1 else kept[0] if kept else ONE


def without_sign(term: Expression) -> Expression | None:
    """What a negative number, product or quotient is the negative of; None for all else."""
    if isinstance(term, Number):
        return Number(-term.value) if term.value < 0 else None
    if isinstance(term, Product) and (first := without_sign(term.factors[0])) is not None:
        return product(first, *term.factors[1:])
    if isinstance(term, Quotient) and (above := without_sign(term.numerator)) is not None:
        return Quotient(above, term.denominator)
    return None


def parts(node: Expression) -> tuple[Expression, ...]:
    """The expressions that an expression is made of."""
    match node:
        case Sum(terms):
            return terms
        case Product(factors):
            return factors
        case Quotient(numerator, denominator):
            return numerator, denominator
        case Power(base, _):
            return (base,)
    return ()


def names(*nodes: Expression) -> Iterator[str]:
    """The names that occur, as often as they do; of an entry, the mapping's."""
    for node in nodes:
        if isinstance(node, Name):
            yield node.name
        elif isinstance(node, Entry):
            yield node.mapping
        else:
            yield from names(*parts(node))


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


def mapped(result: Result, change: Any) -> Result:
    """The result with ``change`` applied to each of its expressions."""
    if isinstance(result, Expression):
        return change(result)
    if isinstance(result, Record):
        return Record(tuple((key, mapped(value, change)) for key, value in result.entries))
    return tuple(mapped(value, change) for value in result)


@dataclass(frozen=True)
class Argument:
    """An argument: a number or an array, or a mapping with ``keys`` to such; ``default`` if it may be left
    out."""

    name: str
    default: int | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assignment:
    """``name = value``."""

    name: str
    value: Expression


@dataclass(frozen=True)
class Function:
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
        from derive.series.machine import Machine

        return Machine.of(self)

    def __call__(self, *values: Any, **named: Any) -> Any:
        return self.machine(*values, **named)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "machine"}


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
    """``one``: 1 in the type of the arguments, of the shape that they broadcast to."""
    plain = [argument.name for argument in arguments if not argument.keys]
    return Assignment(unused("one", plain), product(*map(Name, plain)) ** 0)


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
