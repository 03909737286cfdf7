"""Truncated power series of numbers as arrays of coefficients, lowest power first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Coefficients = NDArray[np.float64]


def power(base: Coefficients, exponent: float) -> Coefficients:
    """base**exponent for base[0] != 0 (J. C. P. Miller's recurrence)."""
    result = np.zeros_like(base)
    result[0] = base[0] ** exponent
    for k in range(1, len(base)):
        i = np.arange(1, k + 1)
        result[k] = ((exponent + 1) * i - k) @ (base[1 : k + 1] * result[k - 1 :: -1][:k]) / (k * base[0])
    return result


def product(left: Coefficients, right: Coefficients) -> Coefficients:
    """left * right, truncated to the length of ``left``."""
    return np.asarray(np.convolve(left, right)[: len(left)])


def powers(x: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """1, x, ..., x^(count - 1), shape x.shape + (count,)."""
    result = np.empty((*x.shape, count))
    result[..., 0], result[..., 1:] = 1, x[..., None]
    return np.multiply.accumulate(result, axis=-1, out=result)


def evaluate(coefficients: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The polynomial at every x, shape x.shape + coefficients.shape[1:]."""
    values = powers(x, len(coefficients)) @ coefficients.reshape(len(coefficients), -1)
    return values.reshape(*x.shape, *coefficients.shape[1:])


def horner(coefficients: Sequence[float], x: float) -> float:
    """The polynomial at one number."""
    total = 0.0
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


def root_between(function: Callable[[float], float], low: float, high: float) -> float:
    """A zero to full precision of a function that changes sign between low and high.

    Regula falsi with the Anderson-Bjorck weights; a bisection whenever it is slow.
    """
    f_low, f_high = function(low), function(high)
    if f_low == 0 or f_high == 0:
        return low if f_low == 0 else high
    for step in range(200):
        middle = high - f_high * (high - low) / (f_high - f_low) if f_high != f_low else low
        if step % 4 == 3 or not min(low, high) < middle < max(low, high):
            middle = (low + high) / 2
        if middle in (low, high):
            break
        value = function(middle)
        if value == 0:
            return middle
        if (value < 0) != (f_high < 0):
            low, f_low = high, f_high
        else:
            shrunk = 1 - value / f_high
            f_low *= shrunk if shrunk > 0 else 0.5
        high, f_high = middle, value
        if abs(high - low) <= 2e-16 * abs(high):
            break
    return high
