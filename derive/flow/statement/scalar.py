"""Scalars of a flow as immutable expressions: numbers, parameters, overlaps, smooth functions of these.

Built by the functions `add`, `multiply`, `power`, `call` and `conjugate`, which fold numbers and leave no
complex conjugate standing: it is pushed down to I and to the points of resolvents, so that every expression
is analytic in its overlaps, and dL = sum over the overlaps o of (dL/do) do, conjugated ones among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

FUNCTIONS = ("exp", "log", "tanh")


@dataclass(frozen=True)
class ScalarNumber:
    """An exact rational number."""

    value: Fraction


@dataclass(frozen=True)
class Imaginary:
    """The imaginary unit I."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of the flow, or ``g``; real."""

    name: str


@dataclass(frozen=True)
class FlowLetter:
    """A letter of a word: a matrix by its name, or a resolvent R(c) = (c - W)^-1 with its ``point`` c."""

    name: str
    transposed: bool = False
    point: Scalar | None = None


@dataclass(frozen=True)
class Overlap:
    """left^T (letters) right of two vectors."""

    left: str
    letters: tuple[FlowLetter, ...]
    right: str


@dataclass(frozen=True)
class ScalarSum:
    terms: tuple[Scalar, ...]


@dataclass(frozen=True)
class ScalarProduct:
    factors: tuple[Scalar, ...]


@dataclass(frozen=True)
class ScalarPower:
    base: Scalar
    exponent: Fraction


@dataclass(frozen=True)
class ScalarCall:
    """A smooth function of one scalar: one of FUNCTIONS."""

    name: str
    argument: Scalar


Scalar = ScalarNumber | Imaginary | Parameter | Overlap | ScalarSum | ScalarProduct | ScalarPower | ScalarCall

ZERO, ONE, UNIT = ScalarNumber(Fraction(0)), ScalarNumber(Fraction(1)), Imaginary()


def number(value: int | Fraction) -> ScalarNumber:
    """An exact number."""
    return ScalarNumber(Fraction(value))


def add(*terms: Scalar) -> Scalar:
    """The sum, flat, numbers folded into one."""
    flat = [part for term in terms for part in (term.terms if isinstance(term, ScalarSum) else (term,))]
    constant = sum((part.value for part in flat if isinstance(part, ScalarNumber)), Fraction(0))
    rest: list[Scalar] = [part for part in flat if not isinstance(part, ScalarNumber)]
    if constant or not rest:
        rest.insert(0, ScalarNumber(constant))
    return rest[0] if len(rest) == 1 else ScalarSum(tuple(rest))


def multiply(*factors: Scalar) -> Scalar:
    """The product, flat, numbers folded into one, I I = -1."""
    flat = [
        part for term in factors for part in (term.factors if isinstance(term, ScalarProduct) else (term,))
    ]
    constant = Fraction(1)
    for part in flat:
        constant *= part.value if isinstance(part, ScalarNumber) else 1
    imaginary = sum(isinstance(part, Imaginary) for part in flat)
    constant *= (-1) ** (imaginary // 2)
    rest: list[Scalar] = [part for part in flat if not isinstance(part, ScalarNumber | Imaginary)]
    if not constant:
        return ZERO
    if imaginary % 2:
        rest.insert(0, UNIT)
    if constant != 1 or not rest:
        rest.insert(0, ScalarNumber(constant))
    return rest[0] if len(rest) == 1 else ScalarProduct(tuple(rest))


def power(base: Scalar, exponent: Fraction) -> Scalar:
    """base**exponent; a number to an integer power is folded, and (x**(1/2))**2 is x."""
    if exponent == 0:
        return ONE
    if exponent == 1:
        return base
    if isinstance(base, ScalarPower) and (exponent.denominator == 1 or base.exponent.denominator != 1):
        return power(base.base, base.exponent * exponent)
    if isinstance(base, Imaginary) and exponent.denominator == 1:
        return (ONE, UNIT, number(-1), multiply(number(-1), UNIT))[int(exponent) % 4]
    if isinstance(base, ScalarNumber) and exponent.denominator == 1 and (base.value or exponent > 0):
        return ScalarNumber(base.value ** int(exponent))
    return ScalarPower(base, exponent)


def call(name: str, argument: Scalar) -> Scalar:
    """exp, log, tanh, sqrt, re, im, conj or abs of a scalar."""
    if name == "sqrt":
        return power(argument, Fraction(1, 2))
    if name == "conj":
        return conjugate(argument)
    if name == "re":
        return multiply(number(Fraction(1, 2)), add(argument, conjugate(argument)))
    if name == "im":
        difference = add(argument, multiply(number(-1), conjugate(argument)))
        return multiply(number(Fraction(-1, 2)), UNIT, difference)
    if name == "abs":
        return power(multiply(argument, conjugate(argument)), Fraction(1, 2))
    return ScalarCall(name, argument)


def conjugate(scalar: Scalar) -> Scalar:
    """The complex conjugate; parameters and vectors are real."""
    if isinstance(scalar, Imaginary):
        return multiply(number(-1), UNIT)
    if isinstance(scalar, Overlap):
        return replace(scalar, letters=conjugate_letters(scalar.letters))
    return rebuilt(scalar, conjugate)


def conjugate_letters(letters: tuple[FlowLetter, ...]) -> tuple[FlowLetter, ...]:
    """The letters with the points of resolvents conjugated; matrices are real."""
    return tuple(
        letter if letter.point is None else replace(letter, point=conjugate(letter.point))
        for letter in letters
    )


def transposed_letters(letters: tuple[FlowLetter, ...]) -> tuple[FlowLetter, ...]:
    """The letters of the transposed word."""
    return tuple(replace(letter, transposed=not letter.transposed) for letter in reversed(letters))


def rebuilt(scalar: Scalar, of: Callable[[Scalar], Scalar]) -> Scalar:
    """The expression with ``of`` applied to its immediate parts."""
    if isinstance(scalar, ScalarSum):
        return add(*(of(term) for term in scalar.terms))
    if isinstance(scalar, ScalarProduct):
        return multiply(*(of(factor) for factor in scalar.factors))
    if isinstance(scalar, ScalarPower):
        return power(of(scalar.base), scalar.exponent)
    if isinstance(scalar, ScalarCall):
        return ScalarCall(scalar.name, of(scalar.argument))
    return scalar


def parts(scalar: Scalar) -> tuple[Scalar, ...]:
    """The immediate parts of an expression; points of resolvents are left out."""
    if isinstance(scalar, ScalarSum):
        return scalar.terms
    if isinstance(scalar, ScalarProduct):
        return scalar.factors
    if isinstance(scalar, ScalarPower):
        return (scalar.base,)
    return (scalar.argument,) if isinstance(scalar, ScalarCall) else ()


def inside(scalar: Scalar) -> Iterator[Scalar]:
    """An expression and all expressions in it; points of resolvents are left out."""
    yield scalar
    for part in parts(scalar):
        yield from inside(part)


def leaves(scalar: Scalar) -> Iterator[Scalar]:
    """All numbers, units, parameters and overlaps of an expression, points of resolvents included."""
    for leaf in inside(scalar):
        if not parts(leaf):
            yield leaf
        if isinstance(leaf, Overlap):
            for letter in leaf.letters:
                if letter.point is not None:
                    yield from leaves(letter.point)


def holds_imaginary(scalar: Scalar) -> bool:
    """Whether I stands anywhere in it."""
    return any(isinstance(leaf, Imaginary) for leaf in leaves(scalar))


def derivative(scalar: Scalar, overlap: Overlap) -> Scalar:
    """d(scalar)/d(overlap), every other overlap held fixed."""

    def of(part: Scalar) -> Scalar:
        return derivative(part, overlap)

    if isinstance(scalar, ScalarSum):
        return add(*(of(term) for term in scalar.terms))
    if isinstance(scalar, ScalarProduct):
        factors = scalar.factors
        return add(
            *(multiply(of(factor), *factors[:i], *factors[i + 1 :]) for i, factor in enumerate(factors))
        )
    if isinstance(scalar, ScalarPower):
        outer = multiply(ScalarNumber(scalar.exponent), power(scalar.base, scalar.exponent - 1))
        return multiply(outer, of(scalar.base))
    if isinstance(scalar, ScalarCall):
        return multiply(_outer_derivative(scalar), of(scalar.argument))
    return ONE if scalar == overlap else ZERO


def _outer_derivative(function: ScalarCall) -> Scalar:
    if function.name == "exp":
        return function
    if function.name == "log":
        return power(function.argument, Fraction(-1))
    return add(ONE, multiply(number(-1), power(function, Fraction(2))))
