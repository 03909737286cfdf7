"""A formula as plain data: a tree of numbers, names, sums, products, powers and named functions.

`derive.reading.parse` reads it from text; here it is worked out, on any scalars or as sympy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Numeral:
    value: Fraction


@dataclass(frozen=True)
class Identifier:
    name: str


@dataclass(frozen=True)
class Addition:
    terms: tuple[Tree, ...]


@dataclass(frozen=True)
class Multiplication:
    factors: tuple[Tree, ...]


@dataclass(frozen=True)
class Exponentiation:
    base: Tree
    exponent: int


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Tree, ...]


Tree = Numeral | Identifier | Addition | Multiplication | Exponentiation | Call

MINUS = Numeral(Fraction(-1))


def names_in(expression: Tree) -> set[str]:
    """The names of a formula, functions left out."""
    if isinstance(expression, Identifier):
        return {expression.name}
    return set().union(*(names_in(part) for part in _parts(expression)))


def evaluate(
    expression: Tree,
    names: Mapping[str, Any] | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    number: Callable[[Fraction], Any] = lambda value: value,
) -> Any:
    """The value of a formula on any scalars with + * ** : what ``names``, ``functions`` and ``number`` give.

    Raises ZeroDivisionError where the scalars do.

    >>> evaluate(Addition((Exponentiation(Identifier("x"), 2), MINUS)), {"x": Fraction(1, 2)})
    Fraction(-3, 4)
    """

    def worth(node: Tree) -> Any:
        if isinstance(node, Numeral):
            return number(node.value)
        if isinstance(node, Identifier):
            return (names or {})[node.name]
        parts = [worth(part) for part in _parts(node)]
        if isinstance(node, Exponentiation):
            return parts[0] ** node.exponent
        if isinstance(node, Call):
            return (functions or {})[node.function](*parts)
        total = parts[0]
        for part in parts[1:]:
            total = total + part if isinstance(node, Addition) else total * part
        return total

    return worth(expression)


def as_sympy(
    expression: Tree,
    symbols: Mapping[str, Any] | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> sympy.Expr:
    """The formula as a sympy expression; names that ``symbols`` lacks become plain symbols.

    Raises ZeroDivisionError for a quotient of zero.
    """
    import sympy

    given = symbols or {}

    def built(node: Tree) -> Any:
        if isinstance(node, Numeral):
            return sympy.Rational(node.value.numerator, node.value.denominator)
        if isinstance(node, Identifier):
            return given[node.name] if node.name in given else sympy.Symbol(node.name)
        parts = [built(part) for part in _parts(node)]
        if isinstance(node, Exponentiation):
            if parts[0] == 0 and node.exponent < 0:
                raise ZeroDivisionError("division by zero")
            return parts[0] ** node.exponent
        if isinstance(node, Call):
            return (functions or {})[node.function](*parts)
        return sympy.Add(*parts) if isinstance(node, Addition) else sympy.Mul(*parts)

    expression_built: sympy.Expr = built(expression)
    return expression_built


def _parts(node: Tree) -> tuple[Tree, ...]:
    if isinstance(node, Addition):
        return node.terms
    if isinstance(node, Multiplication):
        return node.factors
    if isinstance(node, Exponentiation):
        return (node.base,)
    return node.arguments if isinstance(node, Call) else ()


def product(*factors: Tree) -> Tree:
    """A product, or its only factor."""
    return Multiplication(factors) if len(factors) > 1 else factors[0]
