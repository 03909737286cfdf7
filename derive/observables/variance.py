"""The variance of any observable between networks of size N, as a series in learning time (THEORY 8).

An observable states its series once, on any scalars; on those of `derive.flow.fluctuating` the same
statement gives its derivatives by every overlap that differs between networks, and N Var follows from the
overlaps' covariance. Covariances of two observables come the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derive.flow.fluctuating import FluctuatingLimit
from derive.observables.observable import Observable
from derive.series.coefficient import Coefficient
from derive.series.series import Series

PRINTED_ORDER = 10
"""Variances but that of the readout grow as order^5: above this order they are derived when asked for."""


def variance_name(observable: str) -> str:
    """Of the emitted function and the JSON key, for an observable's name."""
    return f"{observable}_variance"


def covariance_series(
    left: Observable, right: Observable, limit: FluctuatingLimit, alignment: Fraction | str | None = None
) -> Series:
    """N Cov of two observables at one learning time to leading order in 1/N, exact in zhat, beta and rho.

    m and w have norm 1. Raises ValueError for an observable without a series.
    """
    symbol = f"N Var {left.symbol}" if left == right else f"N Cov({left.symbol}, {right.symbol})"
    rows = [limit.contracted(*limit.responses(left.expanded, right.expanded))]
    return _in_tau(symbol, left, right, rows, limit.g0, alignment)[0]


def covariance_between_times(
    left: Observable, right: Observable, limit: FluctuatingLimit, alignment: Fraction | str | None = None
) -> tuple[Series, ...]:
    """N Cov of two observables, ``left`` at tau and ``right`` at tau': series in tau, the j-th times tau'^j.

    Raises ValueError as `covariance_series` does.
    """
    symbol = f"N Cov({left.symbol}, {right.symbol}')"
    first, second = limit.responses(left.expanded, right.expanded)
    return _in_tau(symbol, left, right, limit.contracted_between(second, first), limit.g0, alignment)


def _in_tau(
    symbol: str,
    left: Observable,
    right: Observable,
    rows: Sequence[tuple[Coefficient, ...]],
    g0: bool,
    alignment: Fraction | str | None,
) -> tuple[Series, ...]:
    """Row j, in ttilde, with the powers of zhat and beta that were left out, and those of ttilde'^j."""
    zhat_power, beta_power = left.zhat_power + right.zhat_power - 2, left.beta_power + right.beta_power + 1
    if all(power >= 2 for row in rows for c in row for power in c.target_powers):
        rows = [tuple(c.over_target() for c in row) for row in rows]
        zhat_power, beta_power = zhat_power + 2, beta_power + 1
    return tuple(
        Series(symbol, zhat_power, beta_power + 2 * j, row, g0, alignment) for j, row in enumerate(rows)
    )
