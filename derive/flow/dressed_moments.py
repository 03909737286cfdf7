"""The readout alone, without the chain coordinates: a closed hierarchy for dressed moments.

Replace B by R(s) = (I - W(s))^-1 in the overlaps of THEORY 2 and count the letters R, R^T:

    X_{2n}   = m^T (R^T R)^n m = w^T (R R^T)^n w,       X_{2n+1} = w^T R (R^T R)^n m,

equal in pairs at N -> infinity for independent m and w. From dR/ds = R a b^T R,

    dX_k/ds = sum over i + j = k + 3, i, j >= 2, of X_i X_j,     z = X_1,   |a|^2 = |b|^2 = X_2,

with X_{2n}(0) = mu_n and X_{2n+1}(0) = 0. X_k has the parity of k in s. Through s^order this needs
about order^2/4 scalars where the chain needs order^3/12.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def dressed_moments(moments: Sequence[Any], order: int) -> tuple[list[Any], list[Any]]:
    """Coefficients in s of X_1 = z (through s^order) and of X_2 = |a|^2 (through s^(order-1)).

    ``moments[n]`` is mu_{n+1}, n = 0..(order+1)//2 - 1 at least. Scalars as in the chain recursion.
    """
    X = dressed_hierarchy(moments, order)
    return X[1], X[2]


def dressed_hierarchy(moments: Sequence[Any], order: int) -> list[list[Any]]:
    """X[k][n], the coefficient of s^n in X_k, k >= 1, n <= order + 1 - k at least, n <= order."""
    zero = moments[0] * 0
    # X[k][n]: coefficient of s^n in X_k; only k <= order + 1 - n is ever needed
    X: list[list[Any]] = [[]]
    X += [[moments[k // 2 - 1] if k % 2 == 0 else zero] for k in range(1, order + 2)]
    for n in range(order):
        rates = [_product_sum(X, k + 3, n, zero) for k in range(1, order + 1 - n)]
        for k, rate in enumerate(rates, 1):
            X[k].append(rate / (n + 1))
    return X


def _product_sum(X: list[list[Any]], total: int, n: int, zero: Any) -> Any:
    """Coefficient of s^n in the sum of X_i X_j over i + j = total, i, j >= 2."""
    result = zero
    for i in range(2, total // 2 + 1):
        j = total - i
        pair = zero
        for power in range(i % 2, n + 1, 2):
            if (n - power - j) % 2 == 0:
                pair = pair + X[i][power] * X[j][n - power]
        result = result + (pair if i == j else pair * 2)
    return result
