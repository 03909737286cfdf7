"""Squares in the coefficients of a polynomial, for roots of integers in lowest terms."""

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
