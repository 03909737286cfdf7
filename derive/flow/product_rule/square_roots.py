"""Squares in a polynomial, for its square root; ``negative`` is a factor that is so, such as g^2 - 1."""

from __future__ import annotations

from math import gcd
from typing import Any


def square_content(polynomial: Any) -> tuple[int, Any]:
    """The largest small integer whose square divides all coefficients, and what is left."""
    common, root = gcd(*(int(c.p) for c in polynomial.coeffs())), 1
    for prime in range(2, 1000):
        while common % (prime * prime) == 0:
            common //= prime * prime
            root *= prime
    return root, polynomial / root**2


def split_squares(polynomial: Any, negative: Any) -> tuple[Any, Any]:
    """(a, b) with a^2 b the polynomial; of the two signs of a the one with -negative in it."""
    content, factors = polynomial.factor()
    outside, inside = polynomial * 0 + 1, polynomial * 0 + content
    for factor, power in factors:
        if factor == negative:
            factor, inside = -factor, inside * (-1) ** int(power)
        outside = outside * factor ** (int(power) // 2)
        inside = inside * factor ** (int(power) % 2)
    return outside, inside


def is_odd(polynomial: Any, negative: Any) -> bool:
    """Whether it holds an odd power of the factor."""
    return any(factor == negative and int(power) % 2 for factor, power in polynomial.factor()[1])


def is_simple(polynomial: Any, negative: Any) -> bool:
    """Whether its root is one of a square times numbers, single variables and -negative."""
    factors = (factor for factor, power in polynomial.factor()[1] if int(power) % 2)
    return all(len(factor.coeffs()) == 1 or factor in (negative, -negative) for factor in factors)
