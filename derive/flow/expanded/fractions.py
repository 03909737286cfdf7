"""An exact scalar of a flow taken apart for printing: polynomials, known denominators, and what variables
mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, gcd, lcm
from typing import Any

from flint import fmpq

from derive.flow.product_rule.exact import ExactRing
from derive.flow.product_rule.gaussian import Gaussian
from derive.flow.product_rule.overlap_book import NamedOverlap
from derive.flow.product_rule.quotient import FactoredQuotient, divided

Terms = Mapping[tuple[int, ...], Any]


@dataclass(frozen=True)
class Fraction:
    """numerator beta**beta_power / (product of factors**power): terms by powers of ``variables``.

    The factors have coprime integer coefficients, the constant or else the first one in print positive.
    """

    numerator: Terms
    beta_power: int = 0
    factors: tuple[tuple[tuple[tuple[tuple[int, ...], Any], ...], int], ...] = ()

    def __hash__(self) -> int:
        return hash((frozenset(self.numerator.items()), self.beta_power, self.factors))


@dataclass(frozen=True)
class StartFunction:
    """A variable that is a function of the others: kind exp, log, tanh or root, of above/below."""

    name: str
    kind: str
    above: Terms
    below: Terms

    def __hash__(self) -> int:
        return hash((self.name, self.kind, *(frozenset(part.items()) for part in (self.above, self.below))))


@dataclass(frozen=True)
class Variables:
    """Names by position: parameters, beta, g (its square stands in the terms), functions of these.

    The last of the parameters are ``overlaps`` of one network, with room for more.
    """

    names: tuple[str, ...]
    parameters: tuple[str, ...]
    functions: tuple[StartFunction, ...]
    overlaps: tuple[NamedOverlap, ...] = ()

    @property
    def plain(self) -> tuple[str, ...]:
        """The parameters that are no overlaps."""
        return self.parameters[: len(self.parameters) - len(self.overlaps)]

    @property
    def square(self) -> int:
        """The position of g^2."""
        return len(self.parameters) + 1


def variables_of(ring: ExactRing) -> Variables:
    """What the ring's variables are called and mean."""
    functions = tuple(
        StartFunction(f"f{k}", generator.kind, dict(generator.above), dict(generator.below))
        for k, generator in enumerate(ring.generators)
    )
    if not ring.slots:
        return Variables(ring.names, ring.parameters, functions)
    known = tuple(ring.overlaps[: ring.slots])
    blank = NamedOverlap("", "", "", "")
    overlaps = (*known, *([blank] * (ring.slots - len(known))))
    plain = ring.parameters[: len(ring.parameters) - ring.slots]
    parameters = (*plain, *(overlap.name for overlap in overlaps))
    return Variables((*parameters, *ring.names[len(parameters) :]), parameters, functions, overlaps)


def parts(value: Any, ring: ExactRing) -> tuple[Fraction, Fraction]:
    """Real and imaginary part of an element."""
    value = ring.normal(value)
    if not isinstance(value, FactoredQuotient):
        re, im = _split(value)
        return Fraction(_terms(re)), Fraction(_terms(im))
    numerator, real_below = value.numerator, []
    for number, power in enumerate(value.below):
        factor = ring.denominators.factors[number]
        if isinstance(factor, Gaussian):
            for _ in range(power):
                numerator = factor.conjugate() * numerator
            factor = factor.re * factor.re + factor.im * factor.im
        real_below.append((factor, power))
    re, im = _split(numerator)
    return _lowest(re, real_below, ring), _lowest(im, real_below, ring)


def _split(value: Any) -> tuple[Any, Any]:
    return (value.re, value.im) if isinstance(value, Gaussian) else (value, value * 0)


def _terms(polynomial: Any) -> dict[tuple[int, ...], Any]:
    return {tuple(int(n) for n in powers): c for powers, c in polynomial.to_dict().items()}


def _lowest(numerator: Any, below: Sequence[tuple[Any, int]], ring: ExactRing) -> Fraction:
    if numerator == 0:
        return Fraction({})
    factors: dict[Any, int] = {}
    square = len(ring.parameters) + 1
    beta_power = 0
    for factor, power in below:
        if not power:
            continue
        content, irreducible = factor.factor()
        numerator = numerator / content**power
        for prime, count in irreducible:
            times = power * int(count)
            while times and (smaller := divided(numerator, prime)) is not None:
                numerator, times = smaller, times - 1
            if not times:
                continue
            scale = _scale(prime)
            prime = prime * scale
            numerator = numerator * scale**times
            if prime == 1 - ring.g_squared:
                beta_power += times
                continue
            key = tuple(sorted(_terms(prime).items()))
            factors[key] = factors.get(key, 0) + times
    terms = _terms(numerator)
    if beta_power >= max(powers[square] for powers in terms):
        terms, beta_power = _in_beta(terms, beta_power, square), 0
    return Fraction(terms, beta_power, tuple(sorted(factors.items())))


def _in_beta(terms: Terms, power: int, square: int) -> dict[tuple[int, ...], Any]:
    """beta**power x the polynomial as one in beta alone, by g^2 = 1 - 1/beta."""
    found: dict[tuple[int, ...], Any] = {}
    for powers, c in terms.items():
        n = powers[square]
        for k in range(n + 1):
            key = (*powers[: square - 1], power - k, 0, *powers[square + 1 :])
            found[key] = found.get(key, 0) + c * comb(n, k) * (-1) ** k
    return {key: c for key, c in found.items() if c != 0}


def _scale(polynomial: Any) -> Any:
    """What makes the coefficients coprime integers, the constant or else the first one in print positive."""
    coefficients = polynomial.coeffs()
    scale = fmpq(lcm(*(int(c.q) for c in coefficients)), gcd(*(int(c.p) for c in coefficients)))
    terms = _terms(polynomial)
    first = max(terms, key=lambda powers: (not any(powers), sum(powers), powers))
    return -scale if terms[first] < 0 else scale
