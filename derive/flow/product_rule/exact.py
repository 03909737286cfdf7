"""Exact scalars at N -> infinity: polynomials in parameters, beta, g^2 and what else a flow starts with.

Where nothing is divided by but 1 - g^2 (words of B, B^T, W0 only), elements are polynomials in the
parameters, ``beta`` = 1/(1 - g^2) and ``square`` = g^2, beta g^2 = beta - 1. Otherwise they are quotients:
`NewStart` is raised and all starts again, as for a function of a starting value such as exp(rho), which
becomes a variable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isqrt, lcm
from typing import TYPE_CHECKING, Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from derive.flow.product_rule.gaussian import Gaussian
from derive.flow.product_rule.new_start import Generator, NewStart, Terms
from derive.flow.product_rule.quotient import Denominators, FactoredQuotient
from derive.flow.product_rule.square_roots import is_odd, split_squares, square_content
from derive.flow.statement.scalar import (
    Imaginary,
    Parameter,
    Scalar,
    ScalarCall,
    ScalarNumber,
    ScalarPower,
    ScalarProduct,
    ScalarSum,
)
from derive.flow.statement.tokens import FlowProblem

if TYPE_CHECKING:
    from derive.flow.product_rule.overlap_book import NamedOverlap


class ExactRing:
    """The ring for given parameters and further variables, with ``quotients`` or without.

    ``names`` are the variables' names: the parameters, beta, square (g^2), f0, f1, ... for the generators.
    The first ``slots`` of one network's ``overlaps``, a list that grows, stand behind the parameters.
    """

    def __init__(
        self,
        parameters: Sequence[str],
        generators: Sequence[Generator] = (),
        quotients: bool = False,
        overlaps: Sequence[NamedOverlap] = (),
        slots: int = 0,
    ) -> None:
        self.overlaps, self.slots = overlaps, slots
        self.parameters = (*parameters, *(f"overlap {k}" for k in range(slots)))
        self.generators, self.quotients = tuple(generators), quotients
        self.names = (*self.parameters, "beta", "square", *(f"f{k}" for k in range(len(generators))))
        self.context = fmpq_mpoly_ctx.get([f"x{k}" for k in range(len(self.names))], Ordering.lex)
        self.variables = self.context.gens()
        self.first = len(self.parameters) + 2
        self.beta, self.g_squared = self.variables[self.first - 2 : self.first]
        self.denominators = Denominators(self.context.constant(1))
        self.zero, self.one = self._lifted(self.context.constant(0)), self._lifted(self.context.constant(1))
        self.imaginary = self._lifted(Gaussian(self.context.constant(0), self.context.constant(1)))
        self._relation = self.beta * self.g_squared - self.beta + 1
        self._roots = [
            (k, self.variables[self.first + k], self.polynomial(dict(generator.above)))
            for k, generator in enumerate(self.generators)
            if generator.kind == "root"
        ]

    def _lifted(self, value: Any) -> Any:
        return FactoredQuotient(self.denominators, value) if self.quotients else value

    def number(self, value: Fraction | int) -> Any:
        exact = Fraction(value)
        return self._lifted(self.context.constant(fmpq(exact.numerator, exact.denominator)))

    def parameter(self, name: str) -> Any:
        return self._lifted(self.variables[self.parameters.index(name)])

    def overlap(self, place: int) -> Any:
        """The variable of an overlap of one network."""
        return self._lifted(self.variables[len(self.parameters) - self.slots + place])

    def square(self) -> Any:
        """g^2."""
        return self._lifted(self.g_squared)

    def polynomial(self, terms: Mapping[tuple[int, ...], Any]) -> Any:
        """A polynomial from terms by powers of the first variables."""
        width = len(self.names)
        return self.context.from_dict({p + (0,) * (width - len(p)): c for p, c in terms.items()})

    def normal(self, value: Any) -> Any:
        """The element in lowest terms, zero as 0."""
        if isinstance(value, FactoredQuotient):
            numerator = self._reduced(value.numerator)
            return self.denominators.lowest(FactoredQuotient(self.denominators, numerator, value.below))
        return self._reduced(value)

    def _reduced(self, value: Any) -> Any:
        if isinstance(value, Gaussian):
            return Gaussian(self._reduced(value.re), self._reduced(value.im)).simplified()
        if value == 0:
            return value
        degrees = value.degrees()
        if degrees[self.first - 2] and degrees[self.first - 1]:
            value = divmod(value, self._relation)[1]
        for k, variable, square in self._roots:
            if degrees[self.first + k] > 1:
                value = self._without_squares(value, self.first + k, variable, square)
        return value

    def _without_squares(self, value: Any, position: int, root: Any, square: Any) -> Any:
        """The polynomial with root**2 replaced by what the root is of."""
        groups: dict[int, dict[tuple[int, ...], Any]] = {}
        for powers, c in value.to_dict().items():
            rest = (*powers[:position], 0, *powers[position + 1 :])
            groups.setdefault(int(powers[position]), {})[rest] = c
        total = self.context.constant(0)
        for power, terms in groups.items():
            total += self.context.from_dict(terms) * square ** (power // 2) * root ** (power % 2)
        return total

    def constant(self, scalar: Scalar) -> Any:
        """An expression in parameters as an element."""
        if isinstance(scalar, ScalarNumber):
            return self.number(scalar.value)
        if isinstance(scalar, Imaginary):
            return self.imaginary
        if isinstance(scalar, Parameter):
            return self.parameter(scalar.name)
        if isinstance(scalar, ScalarSum):
            total = self.zero
            for term in scalar.terms:
                total = total + self.constant(term)
            return total
        if isinstance(scalar, ScalarProduct):
            result = self.one
            for factor in scalar.factors:
                result = self.constant(factor) * result
            return result
        if isinstance(scalar, ScalarPower):
            base = self.constant(scalar.base)
            if scalar.exponent.denominator == 1:
                result = self.one
                for _ in range(abs(int(scalar.exponent))):
                    result = base * result
                return result if scalar.exponent > 0 else self.reciprocal(result)
            return self.rational_power(base, scalar.exponent)
        if isinstance(scalar, ScalarCall):
            return self.function(scalar.name, self.constant(scalar.argument))
        raise FlowProblem("a word where only numbers and parameters may stand")

    def reciprocal(self, value: Any) -> Any:
        """1/value. Raises ZeroDivisionError for zero."""
        value = self.normal(value)
        if value == 0:
            raise ZeroDivisionError
        if not self.quotients:
            return self._polynomial_reciprocal(value)
        result = FactoredQuotient(self.denominators, self.denominators.product(value.below))
        numerator = value.numerator
        if isinstance(numerator, Gaussian):
            if numerator.re.is_constant() and numerator.im.is_constant():
                square = numerator.re * numerator.re + numerator.im * numerator.im
                inverse = FactoredQuotient(self.denominators, numerator.conjugate())
                return inverse * result / square.leading_coefficient()
            return self.denominators.inverse(self.denominators.number(numerator)) * result
        content, factors = numerator.factor()
        for factor, power in factors:
            lead = factor.leading_coefficient()
            content, factor = content * lead ** int(power), factor / lead
            root = next((found for found in self._roots if found[1] == factor), None)
            if root is not None:  # 1/sqrt(f) = sqrt(f)/f
                over = self._lifted(root[1]) * self.reciprocal(self._lifted(root[2]))
                for _ in range(int(power)):
                    result = result * over
                continue
            result = result * self.denominators.inverse(self.denominators.number(factor), int(power))
        return result / content

    def conjugate(self, value: Any) -> Any:
        """The complex conjugate."""
        if isinstance(value, Gaussian):
            return value.conjugate()
        if not isinstance(value, FactoredQuotient):
            return value
        numerator = value.numerator
        result = self._lifted(numerator.conjugate() if isinstance(numerator, Gaussian) else numerator)
        for number, power in enumerate(value.below):
            factor = self.denominators.factors[number]
            if isinstance(factor, Gaussian):
                number = self.denominators.number(factor.conjugate())
            result = result * self.denominators.inverse(number, power)
        return result

    def _polynomial_reciprocal(self, value: Any) -> Any:
        if isinstance(value, Gaussian):
            if value.re.is_constant() and value.im.is_constant():
                square = (value.re * value.re + value.im * value.im).leading_coefficient()
                return value.conjugate() / square
            raise NewStart
        result = self.one
        content, factors = value.factor()
        for factor, power in factors:
            if factor in (self.g_squared - 1, 1 - self.g_squared):
                inverse = self.beta * (1 if factor == 1 - self.g_squared else -1)
            elif factor == self.beta:
                inverse = 1 - self.g_squared
            else:
                raise NewStart
            result = result * inverse ** int(power)
        return result / content

    def function(self, name: str, value: Any) -> Any:
        """exp, log or tanh of a starting value; ZeroDivisionError where it is not smooth there."""
        above, below = self.fraction(name, value)
        if above == 0 and name in ("exp", "tanh"):
            return self.one if name == "exp" else self.zero
        if name == "log":
            if above == below:
                return self.zero
            if above == 0 or _negative(above, below):
                raise ZeroDivisionError
        return self._generator(name, above, below)

    def rational_power(self, value: Any, exponent: Fraction) -> Any:
        """value**exponent for half-integer exponents, of positive values."""
        if exponent.denominator != 2:
            raise FlowProblem(f"the power {exponent}: allowed are integers and halves such as 1/2 and -3/2")
        above, below = self.fraction("a root", value)
        if above == 0 or _negative(above, below):
            raise ZeroDivisionError
        outside, inside = split_squares(above * below, self.g_squared - 1)  # sqrt(a/b) = sqrt(a b)/b
        scale = lcm(*(int(c.q) for c in inside.coeffs()))  # a root of integers: sqrt(x/q) = sqrt(x q)/q
        content, inside = square_content(inside * scale * scale)
        root = self._lifted(outside * fmpq(content, scale)) * self._square_root(inside)
        if below != 1:
            odd = is_odd(below, self.g_squared - 1)
            root = root * self.reciprocal(self._lifted(-below if odd else below))
        result = self.one
        for _ in range(abs(exponent.numerator)):
            result = result * root
        return result if exponent > 0 else self.reciprocal(result)

    def _square_root(self, inside: Any) -> Any:
        if inside.is_constant():
            content = inside.leading_coefficient()
            above, below = isqrt(int(content.p)), isqrt(int(content.q))
            if (above * above, below * below) == (int(content.p), int(content.q)):
                return self.number(Fraction(above, below))
        return self._generator("root", inside, self.context.constant(1))

    def fraction(self, name: str, value: Any) -> tuple[Any, Any]:
        """Numerator and denominator of a real element; ``name`` says what asks for them."""
        value = self.normal(value)
        numerator = value.numerator if isinstance(value, FactoredQuotient) else value
        below = self.context.constant(1)
        if isinstance(value, FactoredQuotient):
            below = self.denominators.product(value.below)
            if isinstance(below, Gaussian):
                numerator = below.conjugate() * numerator
                below = below.re * below.re + below.im * below.im
                numerator = numerator.simplified()
        if isinstance(numerator, Gaussian):
            raise FlowProblem(f"{name} of a complex number: allowed are real ones (re, im, abs give them)")
        return numerator, below

    def _generator(self, kind: str, above: Any, below: Any) -> Any:
        generator = Generator(kind, self._terms(above), self._terms(below))
        if generator not in self.generators:
            raise NewStart(generator)
        return self._lifted(self.variables[self.first + self.generators.index(generator)])

    def _terms(self, polynomial: Any) -> Terms:
        """Terms whose powers mean the same in every larger ring."""
        width = len(self.parameters) + 2
        found = {}
        for powers, c in polynomial.to_dict().items():
            size = len(powers)
            while size > width and powers[size - 1] == 0:
                size -= 1
            found[tuple(int(n) for n in powers[:size])] = c
        return tuple(sorted(found.items()))


def _negative(above: Any, below: Any) -> bool:
    """Whether a quotient is a number below 0."""
    return bool(above.is_constant() and below.is_constant() and (above / below).leading_coefficient() < 0)
