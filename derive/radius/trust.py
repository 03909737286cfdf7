"""Where a series in ttilde can be trusted: a formula for its radius, and a wrapper that warns.

The radius of convergence at N = infinity (w.m = 0, W alone learns) is the distance of the real
negative singularity (`derive.radius.singularities`). It depends on zhat and g through
A = zhat sqrt(beta) and g^2 only (the scaling of THEORY 3), and

    radius = (1 + d_1 A + d_2 A^2) / sum_{i=0}^{3} (n_i + m_i g^2) A^i

fits it to ACCURACY over zhat 0.1 to 4 and g 0 to 0.95; ``benchmarks/radius_fit.py`` makes the
coefficients and measures the accuracy.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

NUMERATOR = (1.0, 8.57, 7.4)
DENOMINATOR = ((0.2624, 0.02206), (6.328, 0.1176), (20.8, 1.669), (12.94, 1.592))
ACCURACY = 0.005  # relative; measured 0.0029
ZHAT_RANGE = (0.1, 4.0)
LARGEST_G = 0.95


class OutsideRadius(UserWarning):
    """A truncated series was evaluated where the full series diverges."""


def fitted_radius(zhat: Any, g: Any) -> Any:
    """The radius of convergence in ttilde, to ACCURACY within the stated range of zhat and g."""
    u = g * g
    A = zhat / ((1 - g) * (1 + g)) ** 0.5
    above, below = NUMERATOR[-1], DENOMINATOR[-1][0] + DENOMINATOR[-1][1] * u
    for d in NUMERATOR[-2::-1]:
        above = d + A * above
    for n, m in DENOMINATOR[-2::-1]:
        below = n + m * u + A * below
    return above / below


def radius(zhat: float, g: float) -> float:
    """The radius of convergence in ttilde: the formula within its range, computed outside it."""
    if ZHAT_RANGE[0] <= zhat <= ZHAT_RANGE[1] and 0 <= g <= LARGEST_G:
        return float(fitted_radius(zhat, g))
    from derive.radius.singularities import singularities

    return singularities(g, zhat).radius


def checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of (tau, zhat, g), a series or an emitted one, with a warning outside its radius.

    Warns with `OutsideRadius` when beta^2 tau reaches the radius of convergence for any entry of tau.
    zhat and g are single numbers here.
    """

    if not callable(function):
        raise TypeError(f"function {function!r}: allowed is a function of (tau, zhat, g)")

    def inside(tau: Any, zhat: Any, g: Any = 0.0) -> Any:
        limit = radius(float(zhat), float(g))
        largest = tau.max() if hasattr(tau, "max") else tau
        ttilde = float(largest) / ((1 - float(g)) * (1 + float(g))) ** 2
        if ttilde >= limit:
            warnings.warn(
                f"ttilde = {ttilde:.4g} lies outside the radius of convergence {limit:.4g} at zhat = "
                f"{float(zhat):g}, g = {float(g):g}: more orders do not help there; derive.limit.curve does",
                OutsideRadius,
                stacklevel=2,
            )
        return function(tau, zhat, g)

    return inside
