"""Truncated power series of numbers as arrays of coefficients, lowest power first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from derive.arrays import Array

MOST_STEPS = 100  # of Newton's method and bisections
ROUNDING, SMALL = 1e-17, 1e-10  # steps that end it, the second where they no longer shrink

Coefficients = Array


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


def powers(x: Array, count: int) -> Array:
    """1, x, ..., x^(count - 1), shape x.shape + (count,)."""
    result = np.empty((*x.shape, count))
    result[..., 0], result[..., 1:] = 1, x[..., None]
    return np.multiply.accumulate(result, axis=-1, out=result)


def evaluate(coefficients: Array, x: Array) -> Array:
    """The polynomial at every x, shape x.shape + coefficients.shape[1:]."""
    values = powers(x, len(coefficients)) @ coefficients.reshape(len(coefficients), -1)
    return values.reshape((*x.shape, *coefficients.shape[1:]))


def horner(coefficients: Sequence[float], x: float) -> float:
    """The polynomial at one number."""
    total = 0.0
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


@lru_cache(maxsize=16)
def gauss_legendre(count: int) -> tuple[Array, Array]:
    """Nodes and weights (count,) on [-1, 1], kept."""
    x, weights = np.polynomial.legendre.leggauss(count)
    return np.asarray(x), np.asarray(weights)


def integral(
    function: Callable[[Array], Array],
    edges: Array,
    count: int = 40,
) -> float:
    """From the first edge to the last: ``count`` Legendre nodes between each two of the ``edges``."""
    x, weights = gauss_legendre(count)
    half = np.diff(edges)[:, None] / 2
    return float(np.sum(half * weights * function(edges[:-1, None] + half * (1 + x))))


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


def increasing_inverse(
    function: Callable[[Array], tuple[Array, Array]],
    values: Array,
    grid: Array,
) -> Array:
    """Where an increasing function takes ``values`` (T,), between the ends of ``grid`` (G,), ascending.

    ``function`` returns itself and its slope. Newton's method within the interval of the grid that holds the
    value, a bisection where it would leave; values outside give the ends.
    """
    table = np.maximum.accumulate(np.nan_to_num(function(grid)[0], nan=-np.inf))
    index = np.minimum(np.searchsorted(table[1:-1], values, side="right"), len(grid) - 2)
    low, high = grid[index], grid[index + 1]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        part = (values - table[index]) / (table[index + 1] - table[index])
        x = np.where((part >= 0) & (part <= 1), low + part * (high - low), (low + high) / 2)
        before = np.inf
        for _ in range(MOST_STEPS):
            there, slope = function(x)
            low, high = np.where(there < values, x, low), np.where(there < values, high, x)
            moved = x - (there - values) / slope
            moved = np.where((moved >= low) & (moved <= high), moved, (low + high) / 2)
            step, x = float(np.max(np.abs(moved - x), initial=0.0)), moved
            if step <= ROUNDING * grid[-1] or (step < SMALL * grid[-1] and step > before / 2):
                break
            before = step
    return np.asarray(np.where(values <= table[0], grid[0], np.where(values >= table[-1], grid[-1], x)))
