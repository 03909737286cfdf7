"""Expressions of eight kinds, and how languages write them.

An expression is a `Name`, an `Entry` of a mapping, a `Number`, a `Sum`, a `Product`, a `Quotient`, a
`Power` or a `SmoothCall`; sums and products are taken from left to right. They are built with + - * / **
and read as Python:

>>> x, t = Name("x"), Name("t")
>>> 2 + t * (x - 3 * x**2) / 5
2 + t * (x - 3 * x**2) / 5

A language is a `Syntax`: how it writes numbers, names, entries of mappings and powers, and its signs.
Brackets stand where the order of operations needs them, so that every language computes what Python does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

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
        return PYTHON.text(self)


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


@dataclass(frozen=True, repr=False)
class SmoothCall(Expression):
    """exp, log or tanh of an expression (`derive.series.machine.smooth`)."""

    function: str
    argument: Expression


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


_PARTS: dict[type, Callable[[Any], tuple[Expression, ...]]] = {  # looked up, as every sum is walked often
    Sum: lambda node: node.terms,
    Product: lambda node: node.factors,
    Quotient: lambda node: (node.numerator, node.denominator),
    Power: lambda node: (node.base,),
    SmoothCall: lambda node: (node.argument,),
}


def parts(node: Expression) -> tuple[Expression, ...]:
    """The expressions that an expression is made of."""
    of = _PARTS.get(type(node))
    return of(node) if of else ()


def atoms(node: Expression) -> Iterator[Expression]:
    """The names, entries and numbers of an expression, from left to right."""
    left = [node]
    while left:
        inner = left.pop()
        if inside := parts(inner):
            left += inside[::-1]
        else:
            yield inner


def names(*nodes: Expression) -> Iterator[str]:
    """The names that occur, as often as they do; of an entry, the mapping's."""
    for node in nodes:
        for leaf in atoms(node):
            if isinstance(leaf, Name):
                yield leaf.name
            elif isinstance(leaf, Entry):
                yield leaf.mapping


def is_wide(node: Expression, width: int) -> bool:
    """Whether an expression takes more places than ``width`` in Python; names and numbers mostly tell."""
    places = 0
    for leaf in atoms(node):
        if isinstance(leaf, Name):
            places += len(leaf.name)
        elif isinstance(leaf, Number):
            places += 1 if abs(leaf.value) == 1 else len(python_number(abs(leaf.value)))
        if places > width:
            return True
    return len(str(node)) > width


INTEGERS = 2**31  # from here on integers are written as floats, which 32-bit libraries take too

SUM, PRODUCT, POWER, ATOM = range(4)  # how tightly an expression holds together


def python_number(value: float) -> str:
    """A number in Python.

    >>> python_number(-7), python_number(2**40), python_number(0.1)
    ('-7', '1099511627776.0', '0.1')
    """
    if isinstance(value, int) and abs(value) < INTEGERS:
        return str(value)
    return f"{value}.0" if isinstance(value, int) else repr(value)


def python_power(base: str, exponent: float) -> str:
    """A power in Python."""
    return f"{base}**{exponent:g}"


@dataclass(frozen=True)
class Syntax:
    """How a language writes what expressions are made of.

    ``power`` is given a base that holds together; where it is a call, ``power_is_atom``.
    """

    number: Callable[[float], str] = python_number
    name: Callable[[str], str] = str
    entry: Callable[[str, str], str] = '{}["{}"]'.format
    power: Callable[[str, float], str] = python_power
    times: str = " * "
    over: str = " / "
    call: Callable[[str, str], str] = 'smooth("{}", {})'.format

    def text(self, node: Expression) -> str:
        """The expression in the language."""
        return self._text(node)[0]

    def _text(self, node: Expression) -> tuple[str, int]:
        match node:
            case Name(name):
                return self.name(name), ATOM
            case Entry(mapping, key):
                return self.entry(mapping, key), ATOM
            case Number(value):
                return self.number(value), ATOM if value >= 0 else SUM
            case Sum(terms):
                return self._sum(terms), SUM
            case Product(factors):
                return self._product(factors)
            case Quotient(numerator, denominator):
                above = self._bracketed(numerator, PRODUCT)
                if (positive := without_sign(numerator)) is not None:
                    above = f"-{self._bracketed(positive, PRODUCT)}"
                return f"{above}{self.over}{self._bracketed(denominator, POWER)}", PRODUCT
            case Power(base, exponent):
                return self.power(self._bracketed(base, ATOM), exponent), POWER
            case SmoothCall(function, argument):
                return self.call(function, self.text(argument)), ATOM
        raise TypeError(f"no expression: {type(node).__name__}")

    def _sum(self, terms: tuple[Expression, ...]) -> str:
        text = self.text(terms[0])
        for term in terms[1:]:
            positive = without_sign(term)
            if positive is None:
                text += f" + {self._bracketed(term, PRODUCT)}"
            else:
                text += f" - {self._bracketed(positive, PRODUCT)}"
        return text

    def _product(self, factors: tuple[Expression, ...]) -> tuple[str, int]:
        first, *rest = factors
        if first == Number(-1):
            inner = product(*rest)
            return f"-{self._bracketed(inner, PRODUCT)}", PRODUCT
        start = self._bracketed(first, PRODUCT)
        if (positive := without_sign(first)) is not None:
            start = f"-{self._bracketed(positive, PRODUCT)}"
        return self.times.join([start, *(self._bracketed(x, POWER) for x in rest)]), PRODUCT

    def _bracketed(self, node: Expression, least: int) -> str:
        text, strength = self._text(node)
        if strength >= least and not (least > PRODUCT and text.startswith("-")):
            return text
        return f"({text})"


PYTHON = Syntax()
