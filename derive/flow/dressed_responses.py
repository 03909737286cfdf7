"""How the readout answers to a change of one overlap at the start, as series in the clock s (THEORY 2, 8).

The dressed moments obey dX_k/ds = sum over i + j = k + 3, i, j >= 2, of X_i X_j (`dressed_moments`), so that
a small change obeys

    d(delta X_k)/ds = 2 sum over i + j = k + 3, i, j >= 2, of X_i delta X_j,

and delta z = delta X_1. A change of X_l reaches z at s^(l-1) first: the coefficient of s^n is a sum of
products of n + 1 moments whose indices, none below 2 but X_1 itself, add up to 1 + 3 n.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.flow.dressed_moments import dressed_hierarchy


def dressed_responses(moments: Sequence[Any], order: int) -> list[list[Any]]:
    """Entry l - 1: the coefficients of s^0..s^order in dz/dX_l(0), l = 1..order + 1.

    ``moments[n]`` is mu_{n+1}, n = 0..order//2 at least. Scalars as in the chain recursion.
    """
    X = dressed_hierarchy(moments, order + 1)
    return [_response(X, which, order) for which in range(1, order + 2)]


def _response(X: list[list[Any]], which: int, order: int) -> list[Any]:
    zero = X[1][0] * 0
    one = zero + 1
    # changed[j][n]: coefficient of s^n in delta X_j; nonzero for j + n >= which of its parity, and needed for
    # j + n <= order + 1
    changed: dict[int, dict[int, Any]] = {which: {0: one}}
    for n in range(order):
        for j in range(1, order + 1 - n):
            if j + n + 1 < which or (j + n + 1 - which) % 2:
                continue
            total = zero
            for other, series in changed.items():
                i = j + 3 - other
                if other < 2 or i < 2:
                    continue
                for power, value in series.items():
                    if power <= n and not X[i][n - power].is_zero():
                        total = total + X[i][n - power] * value
            changed.setdefault(j, {})[n + 1] = total * 2 / (n + 1)
    return [changed.get(1, {}).get(n, zero) for n in range(order + 1)]
