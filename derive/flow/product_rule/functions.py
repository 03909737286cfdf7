"""Smooth functions of power series: each coefficient from the lower ones by the function's own equation."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from derive.series.power_series import PowerSeries

Start = Callable[[Any], Any]


def integer_power(base: PowerSeries, exponent: int, one: Any) -> PowerSeries:
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
        if n == 0:
            return start(x[0])
        total = x[n] * y[0] * n
        for i in range(1, n):
            total = total + x[i] * y[n - i] * i
        return total / n

    y = _new(x, rule)
    return y


def logarithm(x: PowerSeries, start: Start, reciprocal: Start) -> PowerSeries:
    """y = log(x), x y' = x'."""

    def rule(n: int) -> Any:
        if n == 0:
            return start(x[0])
        total = x[n] * n
        for i in range(1, n):
            total = total - y[i] * x[n - i] * i
        return total * inverse() / n

    known: list[Any] = []

    def inverse() -> Any:
        if not known:
            known.append(reciprocal(x[0]))
        return known[0]

    y = _new(x, rule)
    return y


def hyperbolic_tangent(x: PowerSeries, start: Start) -> PowerSeries:
    """y = tanh(x), y' = (1 - y^2) x'."""

    def rule(n: int) -> Any:
        if n == 0:
            return start(x[0])
        total = x[n] * n
        for i in range(n):
            total = total - square[i] * x[n - i] * (n - i)
        return total / n

    y = _new(x, rule)
    square = y * y
    return y


def rational_power(x: PowerSeries, exponent: Fraction, start: Start, reciprocal: Start) -> PowerSeries:
    """y = x**p, x y' = p x' y."""
    p, q = exponent.numerator, exponent.denominator

    def rule(n: int) -> Any:
        if n == 0:
            return start(x[0])
        total = x[n] * y[0] * (p * n)
        for i in range(1, n):
            total = total + x[i] * y[n - i] * (p * i - q * (n - i))
        return total * inverse() / (q * n)

    known: list[Any] = []

    def inverse() -> Any:
        if not known:
            known.append(reciprocal(x[0]))
        return known[0]

    y = _new(x, rule)
    return y


def _new(like: PowerSeries, rule: Callable[[int], Any]) -> PowerSeries:
    return PowerSeries(rule, like._reciprocal)
