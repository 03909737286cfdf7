"""Exact scalars: polynomials over the rationals, and quotients where a division leaves one.

Almost everything the engine derives is a polynomial in g^2 (or, with overlapping m and w, in g^2
and a second variable); `Rational` keeps it one (a plain flint polynomial, no greatest common
divisors) until a division is inexact.
"""

from __future__ import annotations

from typing import Any

from flint import fmpq, fmpq_mpoly, fmpq_poly

_ONE = fmpq_poly([1])
"""The denominator of every polynomial in one variable: one object, so that it is known without a look."""


class Rational:
    """The quotient ``numerator/denominator`` of two polynomials in lowest terms, denominator monic.

    Both are flint ``fmpq_poly``, or both ``fmpq_mpoly``.
    """

    __slots__ = ("denominator", "numerator")
    numerator: Any
    denominator: Any

    def __init__(self, numerator: Any, denominator: Any = None) -> None:
        self.numerator = numerator if isinstance(numerator, fmpq_mpoly | fmpq_poly) else fmpq_poly(numerator)
        self.denominator = _ONE if isinstance(self.numerator, fmpq_poly) else self.numerator * 0 + 1
        if denominator is not None and denominator != 1:
            denominator = denominator + self.numerator * 0
            common = self.numerator.gcd(denominator)
            lead = denominator.leading_coefficient()
            self.numerator = self.numerator // common / lead
            self.denominator = denominator // common / lead

    def __add__(self, other: Any) -> Rational:
        other = self._as_rational(other)
        if self.denominator is other.denominator is _ONE:  # both polynomials in one variable
            return Rational(self.numerator + other.numerator)
        if self.denominator == other.denominator:
            total = self.numerator + other.numerator
            return Rational(total, None if self.denominator.is_one() else self.denominator)
        return Rational(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )

    def __mul__(self, other: Any) -> Rational:
        other = self._as_rational(other)
        if self.denominator is other.denominator is _ONE:
            return Rational(self.numerator * other.numerator)
        if self.denominator.is_one() and other.denominator.is_one():
            return Rational(self.numerator * other.numerator)
        return Rational(self.numerator * other.numerator, self.denominator * other.denominator)

    def __truediv__(self, other: Any) -> Rational:
        other = self._as_rational(other)
        return Rational(self.numerator * other.denominator, self.denominator * other.numerator)

    def __neg__(self) -> Rational:
        return self * -1

    def __sub__(self, other: Any) -> Rational:
        return self + -self._as_rational(other)

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if other.__class__ is int and other == 0:
            return bool(self.numerator.is_zero())
        if not isinstance(other, Rational | fmpq_poly | fmpq_mpoly | fmpq | int):
            return NotImplemented
        other = self._as_rational(other)
        return bool(self.numerator == other.numerator and self.denominator == other.denominator)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Rational({self.numerator}, {self.denominator})"

    def _as_rational(self, value: Any) -> Rational:
        return value if isinstance(value, Rational) else Rational(self.numerator * 0 + value)


def as_rational(value: Any) -> Rational:
    """A polynomial, rational number or integer as a `Rational`; a `Rational` as itself."""
    return value if isinstance(value, Rational) else Rational(value)
