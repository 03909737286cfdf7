"""Expressions as text: one printer for every language that writes arithmetic with signs.

A language is a `Syntax`: how it writes numbers, names, entries of mappings and powers, and its signs.
Brackets stand where the order of operations needs them, so that every language computes what Python does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive.series.program import (
    Entry,
    Expression,
    Name,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    product,
    without_sign,
)

INTEGERS = 2**31
"""Below this an integer is written as one; from here on as a float, which 32-bit libraries take too."""

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


def text(node: Expression) -> str:
    """The expression in Python syntax."""
    return PYTHON.text(node)
