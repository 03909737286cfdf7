"""From the clock s to learning time tau.

Along gradient flow ds = eps dtau with eps = zhat - z (THEORY 1), and z is known as a series in s,
so ds/dtau = zhat - z(s). Writing T_kn for the coefficient of tau^k in s^n, d(s^n)/dtau =
n s^(n-1) (zhat - z(s)) gives

    T_kn = (n/k) (zhat T_{k-1,n-1} - sum_j z_j T_{k-1,n-1+j}),      T_00 = 1,

and any F(s) = sum_n F_n s^n has the coefficients sum_n T_kn F_n in tau.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def clock_powers(readout: Sequence[Any], target: Any, order: int) -> list[list[Any]]:
    """The triangle T_kn, 0 <= n <= k <= order, from z's coefficients in s and the target zhat.

    ``readout`` needs the coefficients of s^0..s^(order-1). Scalars as in the chain recursion.
    """
    zero = readout[0] * 0
    drive = [(0, target - readout[0]), *((j, -z) for j, z in enumerate(readout[1:order], 1) if z != 0)]
    triangle = [[zero + 1]]
    for k in range(1, order + 1):
        previous = triangle[-1]
        row = [zero]
        for n in range(1, k + 1):
            total = zero
            for j, d in drive:
                if n - 1 + j >= k:
                    break
                total = total + d * previous[n - 1 + j]
            row.append(total * n / k)
        triangle.append(row)
    return triangle


def in_learning_time(series_in_clock: Sequence[Any], powers: Sequence[Sequence[Any]]) -> list[Any]:
    """Coefficients in tau of F(s(tau)), through the order of ``powers`` (missing F_n are zero)."""
    zero = powers[0][0] * 0
    return [
        sum((t * f for t, f in zip(row, series_in_clock, strict=False) if f != 0), zero) for row in powers
    ]
