"""Exact scalars at N -> infinity: polynomials in parameters, beta, g^2 and what else a flow starts with.

Beside the parameters the ring has ``beta`` = 1/(1 - g^2), ``square`` = g^2 and one generator for every further
number that is met: a reciprocal 1/f of an irreducible polynomial f, or a function of a starting value (exp(rho)).
They are met while the first orders are worked out: then `NewGenerator` is raised, and all starts again in the
larger ring. Complex numbers are pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from derive.flow.gaussian import Gaussian
from derive.flow.scalar import Call, Imaginary, Number, Parameter, Power, Product, Scalar, Sum
from derive.flow.tokens import FlowProblem

Terms = dict[tuple[int, ...], Any]


@dataclass(frozen=True)
class Generator:
    """What a generator stands for: ``kind`` "reciprocal", "root" or a function's name, of a polynomial.

    ``argument`` is that polynomial over all generators before it, as terms by powers.
    """

    kind: str
    argument: tuple[tuple[tuple[int, ...], Any], ...]


class NewGenerator(Exception):
    """A number outside the ring was met; start again with it."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator


class ExactRing:
    """The ring for given parameters and generators."""

    def __init__(self, parameters: Sequence[str], generators: Sequence[Generator] = ()) -> None:
        self.parameters = tuple(parameters)
        self.generators = tuple(generators)
        self.names = (*self.parameters, "beta", "square", *(f"v{k}" for k in range(len(generators))))
        # flint prints and orders by position; the names inside are neutral
        self.context = fmpq_mpoly_ctx.get([f"x{k}" for k in range(len(self.names))], Ordering.lex)
        self.variables = self.context.gens()
        self.zero, self.one = self.context.constant(0), self.context.constant(1)
        self.imaginary = Gaussian(self.zero, self.one)
        count = len(self.parameters)
        self.beta, self.g_squared = self.variables[count], self.variables[count + 1]
        self.first = count + 2
        self._lookup = {generator: self.first + k for k, generator in enumerate(self.generators)}
        self._relations = [(self.beta, self.beta * self.g_squared - self.beta + 1)]
        for k, generator in enumerate(self.generators):
            variable = self.variables[self.first + k]
            argument = self.polynomial(dict(generator.argument))
            if generator.kind == "reciprocal":
                self._relations.append((variable, variable * argument - 1))
            elif generator.kind == "root":
                self._relations.append((variable, variable * variable - argument))

    def number(self, value: Fraction | int) -> Any:
        return self.context.constant(fmpq(Fraction(value).numerator, Fraction(value).denominator))

    def parameter(self, name: str) -> Any:
        return self.variables[self.parameters.index(name)]

    def polynomial(self, terms: Mapping[tuple[int, ...], Any]) -> Any:
        """An element from terms by powers of the first generators."""
        width = len(self.names)
        return self.context.from_dict({p + (0,) * (width - len(p)): c for p, c in terms.items()})

    def square(self) -> Any:
        return self.g_squared

    def normal(self, value: Any) -> Any:
        """The element with the relations worked in: zero is 0, and beta g^2 = beta - 1."""
        if isinstance(value, Gaussian):
            return Gaussian(self.normal(value.re), self.normal(value.im)).simplified()
        degrees = value.degrees() if value != 0 else ()
        used = [
            relation
            for (_, relation), at in zip(self._relations, self._relation_places, strict=True)
            if any(degrees) and degrees[at]
        ]
        before = None
        while used and value != before:
            before = value
            for relation in used:
                value = divmod(value, relation)[1]
        return value

    @property
    def _relation_places(self) -> list[int]:
        count = len(self.parameters)
        places = [count]
        for k, generator in enumerate(self.generators):
            if generator.kind in ("reciprocal", "root"):
                places.append(self.first + k)
        return places

    def constant(self, scalar: Scalar) -> Any:
        """An expression in parameters as an element."""
        if isinstance(scalar, Number):
            return self.number(scalar.value)
        if isinstance(scalar, Imaginary):
            return self.imaginary
        if isinstance(scalar, Parameter):
            return self.parameter(scalar.name)
        if isinstance(scalar, Sum):
            total = self.zero
            for term in scalar.terms:
                total = total + self.constant(term)
            return total
        if isinstance(scalar, Product):
            result = self.one
            for factor in scalar.factors:
                result = result * self.constant(factor)
            return result
        if isinstance(scalar, Power):
            base = self.constant(scalar.base)
            if scalar.exponent.denominator == 1:
                count = abs(int(scalar.exponent))
                result = self.one
                for _ in range(count):
                    result = result * base
                return result if scalar.exponent > 0 else self.reciprocal(result)
            return self.rational_power(base, scalar.exponent)
        if isinstance(scalar, Call):
            return self.function(scalar.name, self.constant(scalar.argument))
        raise FlowProblem("a word where only numbers and parameters may stand")

    def reciprocal(self, value: Any) -> Any:
        """1/value. Raises ZeroDivisionError for zero."""
        value = self.normal(value)
        if isinstance(value, Gaussian):
            return value.conjugate() * self.reciprocal(value.re * value.re + value.im * value.im)
        if value == 0:
            raise ZeroDivisionError
        content, factors = self._factors(value)
        result = self.one / content
        for factor, exponent in factors:
            inverse = self._inverse(factor)
            for _ in range(int(exponent)):
                result = result * inverse
        return result

    def _factors(self, value: Any) -> tuple[Any, list[tuple[Any, int]]]:
        content, factors = value.factor()
        return content, [(factor, int(exponent)) for factor, exponent in factors]

    def _inverse(self, factor: Any) -> Any:
        """1/f of an irreducible polynomial; of generators by what they stand for."""
        terms = factor.to_dict()
        if factor == self.beta or factor == -self.beta:
            return (self.one - self.g_squared) * (1 if factor == self.beta else -1)
        for scale in (1, -1):
            if factor * scale == self.g_squared - 1:
                return -self.beta * scale
        if len(terms) == 1:
            (powers, coefficient), = terms.items()
            at = next(k for k, n in enumerate(powers) if n)
            if at >= self.first and self.generators[at - self.first].kind == "reciprocal":
                generator = self.generators[at - self.first]
                return self.polynomial(dict(generator.argument)) / coefficient
        return self._generator("reciprocal", factor)

    def function(self, name: str, value: Any) -> Any:
        """exp, log or tanh of a starting value."""
        value = self.normal(value)
        self._real(name, value)
        if value == 0 and name in ("exp", "tanh"):
            return self.one if name == "exp" else self.zero
        if name == "log" and value == 1:
            return self.zero
        if name == "log" and (value == 0 or (value.is_constant() and value.leading_coefficient() < 0)):
            raise ZeroDivisionError
        return self._generator(name, value)

    def rational_power(self, value: Any, exponent: Fraction) -> Any:
        """value**exponent for an exponent p/2; other roots are refused."""
        value = self.normal(value)
        self._real("root", value)
        if exponent.denominator != 2:
            raise FlowProblem(f"the power {exponent}: allowed are integers and halves")
        if value == 0 or (value.is_constant() and value.leading_coefficient() < 0):
            raise ZeroDivisionError
        content, factors = self._factors(value)
        root = self.one
        rest = self.context.constant(content)
        for factor, count in factors:
            for _ in range(count // 2):
                root = root * factor
            rest = rest * factor ** (count % 2)
        if rest.is_constant():
            inside = Fraction(int(content.p), int(content.q))
            above, below = _exact_root(inside.numerator), _exact_root(inside.denominator)
            inner = self.number(Fraction(above, below)) if above and below else self._generator("root", rest)
        else:
            inner = self._generator("root", rest)
        root = root * inner
        result = self.one
        for _ in range(abs(exponent.numerator)):
            result = result * root
        return result if exponent > 0 else self.reciprocal(result)

    def _real(self, name: str, value: Any) -> None:
        if isinstance(value, Gaussian):
            raise FlowProblem(f"{name} of a complex number: allowed are real ones (re, im, abs give them)")

    def _generator(self, kind: str, argument: Any) -> Any:
        terms = {_trimmed(powers, len(self.parameters) + 2): c for powers, c in argument.to_dict().items()}
        generator = Generator(kind, tuple(sorted(terms.items())))
        at = self._lookup.get(generator)
        if at is None:
            raise NewGenerator(generator)
        return self.variables[at]


def _trimmed(powers: Sequence[int], least: int) -> tuple[int, ...]:
    """Powers without the zeros at the end, so that they mean the same in every larger ring."""
    size = len(powers)
    while size > least and powers[size - 1] == 0:
        size -= 1
    return tuple(int(n) for n in powers[:size])


def _exact_root(value: int) -> int | None:
    from math import isqrt

    root = isqrt(value)
    return root if root * root == value else None
