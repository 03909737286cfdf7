"""Numerators in g^2 without cancellation: Bernstein's form, for what a program works out in doubles.

With u = g^2 and t = u/(1 - u), of degree n,

    N(u) = sum_i c_i u^i = (1 - u)^n sum_i d_i t^i,    d_i = sum_{j<=i} binomial(n - j, i - j) c_j.

Over products of |c|^2 - u and the like the c_i alternate, and N(u) has lost all digits of a double at g = .6
already where there are a hundred; the d_i are of one sign where N is all along 0 <= u < 1 and n large enough.
"""

from __future__ import annotations

from typing import Any

from flint import fmpq_poly

from derive.flow.expanded.fractions import Terms

GAIN = 1000
"""This form is taken where powers of g^2 lose so many times more at u = 1/2: three digits."""


def positive_form(terms: Terms, place: int) -> dict[tuple[int, ...], Any]:
    """Terms with the powers of 1 - u and t behind all others, u at ``place``; what is no better has none."""
    groups: dict[tuple[int, ...], dict[int, Any]] = {}
    for powers, c in terms.items():
        rest = (*powers[:place], 0, *powers[place + 1 :])
        groups.setdefault(rest, {})[int(powers[place])] = c
    found: dict[tuple[int, ...], Any] = {}
    for rest, polynomial in groups.items():
        degree = max(polynomial)
        plain = [polynomial.get(i, 0) for i in range(degree + 1)]
        positive = _shifted(plain)
        if _cancellation([c * 2 ** (degree - i) for i, c in enumerate(plain)]) > GAIN * _cancellation(
            positive
        ):
            found |= {(*rest, degree, i): c for i, c in enumerate(positive) if c}
        else:
            found |= {(*rest[:place], i, *rest[place + 1 :], 0, 0): c for i, c in polynomial.items()}
    return found


def _shifted(plain: list[Any]) -> list[Any]:
    """The d_i: of N's coefficients in falling order, around 1."""
    around = fmpq_poly(plain[::-1])(fmpq_poly([1, 1]))
    return [around[i] for i in range(len(plain))][::-1]


def _cancellation(summands: list[Any]) -> Any:
    """The sum of absolute values beside the absolute value of the sum; 0 where there is no such number."""
    total = abs(sum(summands))
    return sum(map(abs, summands)) / total if total else 0
