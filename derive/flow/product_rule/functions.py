"""Smooth functions of power series: each coefficient from the lower ones by the function's own equation."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

from derive.series.power_series import PowerSeries

Start = Callable[[Any], Any]


def integer_power(base: PowerSeries, exponent: int) -> PowerSeries:
    """base**exponent, exponent >= 1, by squaring."""
    result: PowerSeries | None = None
    square = base
    while exponent:
        if exponent % 2:
            result = square if result is None else result * square
        exponent //= 2
        square = square * square if exponent else square
    assert result is not None
    return result


def exponential(x: PowerSeries, start: Start) -> PowerSeries:
    """y = exp(x), y' = x' y; ``start`` gives the function of x_0, here and below."""

    def rule(n: int) -> Any:
        total = x[n] * y[0] * n
        for i in range(1, n):
            total = total + x[i] * y[n - i] * i
        return total / n

    y = _function(x, start, rule)
    return y


def logarithm(x: PowerSeries, start: Start, reciprocal: Start) -> PowerSeries:
    """y = log(x), x y' = x'."""
    inverse = cache(lambda: reciprocal(x[0]))

    def rule(n: int) -> Any:
        total = x[n] * n
        for i in range(1, n):
            total = total - y[i] * x[n - i] * i
        return total * inverse() / n

    y = _function(x, start, rule)
    return y


def hyperbolic_tangent(x: PowerSeries, start: Start) -> PowerSeries:
    """y = tanh(x), y' = (1 - y^2) x'."""

    def rule(n: int) -> Any:
        total = x[n] * n
        for i in range(n):
            total = total - square[i] * x[n - i] * (n - i)
        return total / n

    y = _function(x, start, rule)
    square = y * y
    return y


def rational_power(x: PowerSeries, exponent: Fraction, start: Start, reciprocal: Start) -> PowerSeries:
    """y = x**p, x y' = p x' y."""
    p, q = exponent.numerator, exponent.denominator
    inverse = cache(lambda: reciprocal(x[0]))

    def rule(n: int) -> Any:
        total = x[n] * y[0] * (p * n)
        for i in range(1, n):
            total = total + x[i] * y[n - i] * (p * i - q * (n - i))
        return total * inverse() / (q * n)

    y = _function(x, start, rule)
    return y


def _function(x: PowerSeries, start: Start, rule: Callable[[int], Any]) -> PowerSeries:
    """The series whose coefficients are start(x_0) and, from n = 1 on, rule(n)."""
    return PowerSeries(lambda n: rule(n) if n else start(x[0]), x._reciprocal)
