"""The readout's Taylor coefficients to high order as balls (flint arb), for given numbers (THEORY 5).

The dressed moments (`dressed_moments`) have the generating function

    f(lambda, s) = sum_{k >= 1} X_k(s) lambda^(k-1),      df/ds = ((f(lambda) - f(0))/lambda)^2,

one polynomial product per pair of orders, and z(s) = f(0, s). From there

    ds/dz = 1/h(z)  by reversion,      tau(z) = integral of (ds/dz)/(zhat - z) dz,

and z(tau) by reversion again.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb, arb_poly, arb_series, fmpq

from derive.reading.read_number import rational
from derive.series.balls import working_precision
from derive.words.overlap_moments import overlap_moments

Number = float | Fraction | str


def readout_in_clock(g: Number, order: int, alignment: Number = 0) -> list[arb]:
    """Coefficients of z in the clock s, through s^order, at flint's working precision."""
    moments = overlap_moments(as_ball(g), as_ball(alignment), order + 2)
    f = [arb_poly(moments[1:])]
    quotients: list[arb_poly] = []
    for n in range(order):
        quotients.append(arb_poly(f[n].coeffs()[1:]))
        total = arb_poly()
        for i in range((n + 1) // 2):
            total += 2 * quotients[i] * quotients[n - i]
        if n % 2 == 0:
            total += quotients[n // 2] * quotients[n // 2]
        f.append(arb_poly(total.coeffs()[: order - n]) * (arb(1) / (n + 1)))
    return [p[0] for p in f]


def readout_coefficients(
    g: Number, zhat: Number, order: int, *, alignment: Number = 0, bits: int | None = None
) -> list[arb]:
    """Coefficients of z in ttilde = beta^2 tau, through ttilde^order, as balls.

    Numbers are taken exactly: floats as the binary numbers they are, fractions and decimal strings
    as such. ``bits`` is the working precision (default: balls of relative radius below 1e-60 at the orders
    100 and 200, as measured). Raises ValueError for order < 1.
    """
    if order < 1:
        raise ValueError(f"order {order}: allowed are integers >= 1")
    with working_precision(bits or enough_bits(order), order + 2):
        in_clock = arb_series(readout_in_clock(g, order, alignment), order + 1)
        target, beta = as_ball(zhat), 1 / (1 - as_ball(g) ** 2)
        tau = beta**2 * (1 / (target - in_clock)).integral()
        clock = arb_series(tau.coeffs()[: order + 1], order + 1).reversion()
        return padded(in_clock(clock).coeffs(), order + 1)


def clock_by_readout(g: Number, order: int) -> list[arb]:
    """Coefficients of ds/dz = 1/h in z, through z^(order-1): even, the same for every zhat."""
    with working_precision(enough_bits(order), order + 2):
        in_clock = arb_series(readout_in_clock(g, order), order + 1)
        return padded(in_clock.reversion().derivative().coeffs(), order)


def enough_bits(order: int) -> int:
    """Working precision for series and approximants of this order."""
    return 256 + 12 * order


def as_ball(value: Number) -> arb:
    """A float as the binary number it is; a fraction or a decimal string as such."""
    if isinstance(value, arb):
        return value
    if isinstance(value, float):
        return arb(value)
    exact = rational(value) if isinstance(value, str) else Fraction(value)
    return arb(fmpq(exact.numerator, exact.denominator))


def padded(coefficients: Sequence[arb], count: int) -> list[arb]:
    """Exactly ``count`` coefficients: flint drops zeros at the end."""
    return [*coefficients[:count], *[arb(0)] * (count - len(coefficients))]
