"""How the readout answers to a change of one overlap at the start, as series in the clock s (THEORY 2, 8).

The dressed moments obey dX_k/ds = sum over i + j = k + 3, i, j >= 2, of X_i X_j (`dressed_moments`), so that
a small change obeys

    d(delta X_k)/ds = 2 sum over i + j = k + 3, i, j >= 2, of X_i delta X_j,

and delta z = delta X_1. A change of X_l reaches z at s^(l-1) first: the coefficient of s^n is a sum of
products of n + 1 moments whose indices, none below 2 but X_1 itself, add up to 1 + 3 n.

All X_l are followed at once: delta X_j at s^n answers to those with j + n - l even, polynomials in g^2 of
degree (j + n - l)/2 at most, packed one behind the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq_poly

from derive.flow.dressed_moments import dressed_hierarchy
from derive.flow.packing import ZERO
from derive.series.coefficient import ONE


def dressed_responses(moments: Sequence[fmpq_poly], order: int) -> list[list[fmpq_poly]]:
    """Entry l - 1: the coefficients of s^0..s^order in dz/dX_l(0), l = 1..order + 1.

    ``moments[n]`` is mu_{n+1} as a polynomial of degree n at most, n = 0..order//2 at least.
    """
    stride = (order + 1) // 2 + 1
    X = dressed_hierarchy(moments, order + 1)
    # changed[j][n]: coefficient of s^n in delta X_j, needed for j + n <= order + 1; X_l at place l//2
    changed = [[ZERO], *([ONE.left_shift(stride * (j // 2))] for j in range(1, order + 2))]
    for n in range(order):
        for j in range(1, order + 1 - n):
            total = ZERO
            for other in range(2, j + 2):
                factors, i = X[j + 3 - other], j + 3 - other
                for power in range((i + n) % 2, n + 1, 2):
                    total += factors[n - power] * changed[other][power]
            changed[j].append(total * 2 / (n + 1))
    answers = [[ZERO] * (order + 1) for _ in range(order + 1)]
    for n, value in enumerate(changed[1]):
        coefficients = value.coeffs()
        for place, start in enumerate(range(0, len(coefficients), stride)):
            which = 2 * place + (n + 1) % 2
            if which:
                answers[which - 1][n] = fmpq_poly(coefficients[start : start + stride])
    return answers
