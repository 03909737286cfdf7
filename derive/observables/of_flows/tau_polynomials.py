"""Truncated polynomials in tau over any scalars, and the symmetric sums of a matrix of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from derive.observables.of_flows.flow_observable import MotionScalars

Polynomial = list[Any]
"""Coefficients of tau**0, tau**1, ..., truncated."""


def eigenvalue_sums(M: list[list[Polynomial]], scalars: MotionScalars, count: int) -> list[Polynomial]:
    """e_0, e_1, ..., e_count of the eigenvalues of M(tau), any square matrix; fewer where it is smaller."""
    size, length = len(M), len(M[0][0]) if M else 1
    one: Polynomial = [scalars.one] + [scalars.zero] * (length - 1)
    sums, power = [one], [[list(entry) for entry in row] for row in M]
    for j in range(1, min(size, count) + 1):
        trace = summed([power[i][i] for i in range(size)], scalars, length)
        sign = 1 if j % 2 else -1
        sums.append([scalars.normal(c * sign / j) for c in trace])
        if j == min(size, count):
            break
        shifted = [
            [
                [c - t / j if i == k else c for c, t in zip(power[i][k], trace, strict=True)]
                for k in range(size)
            ]
            for i in range(size)
        ]
        power = [
            [
                summed([times(M[i][n], shifted[n][k], scalars, length) for n in range(size)], scalars, length)
                for k in range(size)
            ]
            for i in range(size)
        ]
    return sums


def determinant(
    M: list[list[Polynomial]], rows: Sequence[int], scalars: MotionScalars, length: int
) -> Polynomial:
    """Of these rows and columns of M, without division: minors of the first row, of the first two, ..."""
    begun = [min((n for k in rows if (n := first_power(M[i][k])) is not None), default=length) for i in rows]
    minors: dict[tuple[int, ...], Polynomial] = {(): [scalars.one]}
    for n, i in enumerate(rows):
        shown = max(length - sum(begun[n + 1 :]), 0)  # what the further rows multiply
        larger = {}
        for columns in combinations(rows, n + 1):
            terms = [
                times(M[i][k], minors[columns[:c] + columns[c + 1 :]], scalars, shown)
                for c, k in enumerate(columns)
            ]
            signed = [[x * -1 for x in term] if (n + c) % 2 else term for c, term in enumerate(terms)]
            larger[columns] = summed(signed, scalars, shown)
        minors = larger
    return minors[tuple(rows)]


def first_power(polynomial: Polynomial) -> int | None:
    """The first power of tau that is there."""
    return next((n for n, c in enumerate(polynomial) if c != 0), None)


def combined(terms: Sequence[tuple[Polynomial, Any]], scalars: MotionScalars, length: int) -> Polynomial:
    """sum of scalar x polynomial."""
    total = [scalars.zero] * length
    for polynomial, factor in terms:
        if factor != 0:
            for n, c in enumerate(polynomial):
                if c != 0:
                    total[n] = total[n] + c * factor
    return [scalars.normal(c) for c in total]


def summed(polynomials: Sequence[Polynomial], scalars: MotionScalars, length: int) -> Polynomial:
    total = [scalars.zero] * length
    for polynomial in polynomials:
        total = [a + b if b != 0 else a for a, b in zip(total, polynomial, strict=True)]
    return [scalars.normal(c) for c in total]


def times(left: Polynomial, right: Polynomial, scalars: MotionScalars, length: int) -> Polynomial:
    total = [scalars.zero] * length
    for i, a in enumerate(left[:length]):
        if a != 0:
            for j, b in enumerate(right[: length - i]):
                if b != 0:
                    total[i + j] = total[i + j] + a * b
    return total
