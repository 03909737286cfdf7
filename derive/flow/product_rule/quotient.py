"""Quotients over products of known factors: numerator / (f_0**e_0 f_1**e_1 ...), the factors held by the
ring.

Sums go over the least common denominator; a common factor of numerator and denominator is divided out when
`Denominators.lowest` is asked to. Numerator and factors may be complex (`Gaussian`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flint.utils.flint_exceptions import DomainError

from derive.flow.product_rule.gaussian import Gaussian

Powers = tuple[int, ...]
MOST_PRODUCTS = 4096
"""Products of factors that are remembered: at high orders there are millions of them."""


class Denominators:
    """The factors that have been divided by, each once, and their powers."""

    def __init__(self, one: Any) -> None:
        self.one = one
        self.factors: list[Any] = []
        self._powers: list[list[Any]] = []
        self._products = lru_cache(maxsize=MOST_PRODUCTS)(self._product)

    def number(self, factor: Any) -> int:
        """The number of a factor, added where it is new."""
        for number, known in enumerate(self.factors):
            if known == factor:
                return number
        self.factors.append(factor)
        self._powers.append([self.one])
        return len(self.factors) - 1

    def inverse(self, number: int, power: int = 1) -> FactoredQuotient:
        """1/factor**power."""
        return FactoredQuotient(self, self.one, (0,) * number + (power,))

    def product(self, powers: Powers) -> Any:
        """The product of the factors' powers."""
        size = len(powers)
        while size and not powers[size - 1]:
            size -= 1
        return self._products(powers[:size]) if size else self.one

    def _product(self, powers: Powers) -> Any:
        known = self._powers[len(powers) - 1]
        while len(known) <= powers[-1]:
            known.append(self.factors[len(powers) - 1] * known[-1])
        return _times(known[powers[-1]], self.product(powers[:-1]))

    def lowest(self, value: FactoredQuotient) -> FactoredQuotient:
        """The quotient in lowest terms."""
        numerator, below = value.numerator, list(value.below)
        if numerator == 0:
            return FactoredQuotient(self, numerator, ())
        for number, power in enumerate(below):
            while power:
                smaller = divided(numerator, self.factors[number])
                if smaller is None:
                    break
                numerator, power = smaller, power - 1
            below[number] = power
        while below and not below[-1]:
            below.pop()
        return FactoredQuotient(self, numerator, tuple(below))


def divided(value: Any, factor: Any) -> Any:
    """value/factor where it divides, else None."""
    if isinstance(factor, Gaussian):
        square = factor.re * factor.re + factor.im * factor.im
        return divided(factor.conjugate() * value, square)
    if isinstance(value, Gaussian):
        re = divided(value.re, factor)
        im = None if re is None else divided(value.im, factor)
        return None if im is None else Gaussian(re, im)
    try:
        return value / factor
    except DomainError:
        return None


class FactoredQuotient:
    """numerator over a product of the ring's factors."""

    __slots__ = ("below", "numerator", "ring")

    def __init__(self, ring: Denominators, numerator: Any, below: Powers = ()) -> None:
        self.ring, self.numerator, self.below = ring, numerator, below

    def __add__(self, other: Any) -> FactoredQuotient:
        if not isinstance(other, FactoredQuotient):
            if other == 0:
                return self
            return self + FactoredQuotient(self.ring, other)
        mine, its = self.below, other.below
        if mine == its:
            return FactoredQuotient(self.ring, self.numerator + other.numerator, mine)
        size = max(len(mine), len(its))
        mine, its = mine + (0,) * (size - len(mine)), its + (0,) * (size - len(its))
        common = tuple(map(max, mine, its))
        left = self.ring.product(tuple(c - e for c, e in zip(common, mine, strict=True)))
        right = self.ring.product(tuple(c - e for c, e in zip(common, its, strict=True)))
        return FactoredQuotient(
            self.ring, _times(left, self.numerator) + _times(right, other.numerator), common
        )

    def __neg__(self) -> FactoredQuotient:
        return FactoredQuotient(self.ring, -self.numerator, self.below)

    def __sub__(self, other: Any) -> FactoredQuotient:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> FactoredQuotient:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> FactoredQuotient:
        if not isinstance(other, FactoredQuotient):
            return FactoredQuotient(self.ring, _times(other, self.numerator), self.below)
        mine, its = self.below, other.below
        if len(mine) < len(its):
            mine, its = its, mine
        below = tuple(a + b for a, b in zip(mine, its, strict=False)) + mine[len(its) :]
        return FactoredQuotient(self.ring, _times(self.numerator, other.numerator), below)

    def __truediv__(self, divisor: Any) -> FactoredQuotient:
        return FactoredQuotient(self.ring, self.numerator / divisor, self.below)

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FactoredQuotient):
            return bool((self - other).numerator == 0)
        if other == 0:
            return bool(self.numerator == 0)
        return bool((self - other).numerator == 0)

    __hash__ = None  # type: ignore[assignment]


def _times(left: Any, right: Any) -> Any:
    """A product in which a pair may stand on either side."""
    return right * left if isinstance(right, Gaussian) else left * right
