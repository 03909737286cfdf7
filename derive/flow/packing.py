"""Polynomials in y and g^2 packed into one variable, g^2 = X and y = X^stride (Kronecker substitution)."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq_poly

from derive.series.coefficient import ONE, Coefficient

ZERO = fmpq_poly([0])


def packed(values: Sequence[fmpq_poly], stride: int, first: int = 0) -> list[fmpq_poly]:
    """F_n y^((n - first)//2) with y = X^stride."""
    return [
        value.left_shift(stride * ((n - first) // 2)) if not value.is_zero() else ZERO
        for n, value in enumerate(values)
    ]


def unpacked(
    series: Sequence[fmpq_poly], stride: int, denominator: fmpq_poly = ONE
) -> tuple[Coefficient, ...]:
    """Split every coefficient into its powers of y; ``denominator`` is cancelled where it can be."""
    result = []
    for value in series:
        common = value.gcd(denominator) if denominator == ONE else _content(value, stride, denominator)
        coefficients = value.coeffs()
        parts = [fmpq_poly(coefficients[i : i + stride]) for i in range(0, len(coefficients), stride)]
        below = denominator // common
        lead = below.leading_coefficient()
        result.append(Coefficient(tuple(p // common / lead for p in parts), below / lead))
    return tuple(result)


def _content(value: fmpq_poly, stride: int, denominator: fmpq_poly) -> fmpq_poly:
    """The common divisor of the denominator and of every power of y in a packed value."""
    coefficients, common = value.coeffs(), denominator
    for i in range(0, len(coefficients), stride):
        common = common.gcd(fmpq_poly(coefficients[i : i + stride]))
    return common
