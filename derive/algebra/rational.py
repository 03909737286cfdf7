"""Exact scalars in g^2: polynomials over the rationals, and quotients where a division leaves one.

Almost everything the engine derives is a polynomial in g^2; `Rational` keeps it one (a plain flint
``fmpq_poly``, no greatest common divisors) until a division is inexact.
"""

from __future__ import annotations

from typing import Any

from flint import fmpq, fmpq_poly


class Rational:
    """The quotient ``numerator/denominator`` of two polynomials in lowest terms, denominator monic."""

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: Any, denominator: Any = None) -> None:
        self.numerator = fmpq_poly(numerator)
        self.denominator = fmpq_poly([1])
        if denominator is not None and denominator != 1:
            common = self.numerator.gcd(denominator)
            lead = fmpq_poly(denominator).leading_coefficient()
            self.numerator = self.numerator // common / lead
            self.denominator = fmpq_poly(denominator) // common / lead

    def __add__(self, other: Any) -> Rational:
        other = as_rational(other)
        if self.denominator == other.denominator:
            total = self.numerator + other.numerator
            return Rational(total, None if self.denominator.is_one() else self.denominator)
        return Rational(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )

    def __mul__(self, other: Any) -> Rational:
        other = as_rational(other)
        if self.denominator.is_one() and other.denominator.is_one():
            return Rational(self.numerator * other.numerator)
        return Rational(self.numerator * other.numerator, self.denominator * other.denominator)

    def __truediv__(self, other: Any) -> Rational:
        other = as_rational(other)
        return Rational(self.numerator * other.denominator, self.denominator * other.numerator)

    def __neg__(self) -> Rational:
        return self * -1

    def __sub__(self, other: Any) -> Rational:
        return self + -as_rational(other)

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rational | fmpq_poly | fmpq | int):
            return NotImplemented
        other = as_rational(other)
        return bool(self.numerator == other.numerator and self.denominator == other.denominator)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Rational({self.numerator}, {self.denominator})"


def as_rational(value: Any) -> Rational:
    """A polynomial, rational number or integer as a `Rational`; a `Rational` as itself."""
    return value if isinstance(value, Rational) else Rational(value)
