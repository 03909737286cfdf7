"""The variance of any observable between networks of size N, as a series in learning time (THEORY 8).

An observable states its series once, on any scalars; on those of `derive.flow.fluctuating` the same
statement gives its derivatives by every overlap that differs between networks, and N Var follows from the
overlaps' covariance. Covariances of two observables come the same way.
"""

from __future__ import annotations

from fractions import Fraction

from derive.flow.fluctuating import FluctuatingLimit
from derive.observables.observable import Observable
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
    responses = limit.responses(left.expanded, right.expanded)
    scaled = limit.contracted(*responses)
    zhat_power, beta_power = left.zhat_power + right.zhat_power - 2, left.beta_power + right.beta_power + 1
    if all(power >= 2 for c in scaled for power in c.target_powers):
        scaled = tuple(c.over_target() for c in scaled)
        zhat_power, beta_power = zhat_power + 2, beta_power + 1
    symbol = f"N Var {left.symbol}" if left == right else f"N Cov({left.symbol}, {right.symbol})"
    return Series(symbol, zhat_power, beta_power, scaled, limit.g0, alignment)
