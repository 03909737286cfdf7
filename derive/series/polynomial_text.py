"""Polynomials as text in Python syntax: coefficients of series, written straight from flint's numbers.

High orders print hundreds of thousands of terms: none becomes an object here. What has a denominator, and
what is derived for overlapping m and w, is written from `derive.series.coefficient.Term` instead; the
tests hold the two ways against each other.
"""

from __future__ import annotations

from functools import cache
from math import gcd, lcm

from flint import fmpq_mpoly, fmpq_poly, fmpz

from derive.series.coefficient import ONE, Coefficient

INVERSE_BETA = fmpq_poly([1, -1])
"""g^2 in 1/beta, and the other way round."""


@cache
def _power(name: str, power: int) -> str:
    return "" if power == 0 else name if power == 1 else f"{name}**{power}"


@cache
def _monomial(zhat: int, beta: int, g: int = 0) -> str:
    factors = (_power("zhat", zhat), _power("beta", beta), _power("g", g))
    return "*".join(factor for factor in factors if factor)


def is_polynomial(coefficient: Coefficient) -> bool:
    """Whether this file can write it."""
    return not coefficient.aligned and (coefficient.denominator is ONE or coefficient.denominator == ONE)


def in_beta_text(coefficient: Coefficient, zhat_power: int, beta_power: int, factor: int, at_g0: bool) -> str:
    """``factor`` zhat^zhat_power beta^beta_power sum_j (zhat^2 beta)^j c_j(1 - 1/beta), expanded.

    E.g. ``zhat*beta**6/6 + 4*zhat**3*beta**7/3``. zhat_power >= 0.
    """
    pieces: list[str] = []
    for j, polynomial in enumerate(coefficient.numerators):
        if not polynomial:
            continue
        zhat, beta = zhat_power + 2 * j, 0 if at_g0 else beta_power + j
        in_inverse_beta = (polynomial * factor if factor != 1 else polynomial)(INVERSE_BETA)
        for number in map(str, in_inverse_beta.coeffs()):
            if number != "0":
                _append(pieces, number, zhat, beta)
            if not at_g0:
                beta -= 1
    return "".join(pieces) or "0"


def _append(pieces: list[str], number: str, zhat: int, beta: int) -> None:
    sign = " + " if pieces else ""
    if number[0] == "-":
        sign, number = " - " if pieces else "-", number[1:]
    above, slash, below = number.partition("/")
    symbols = _monomial(zhat, beta if beta > 0 else 0)
    if symbols:
        above = symbols if above == "1" else f"{above}*{symbols}"
    end = f"/{_power('beta', -beta)}" if beta < 0 else ""
    pieces.append(f"{sign}{above}{slash}{below}{end}")


def in_g_text(coefficient: Coefficient, at_g0: bool) -> str:
    """sum_j (zhat^2 beta)^j c_j(g^2) as a rational number times integers, e.g. ``(1 + 8*zhat**2*beta)/6``."""
    present = [(j, polynomial) for j, polynomial in enumerate(coefficient.numerators) if polynomial]
    common = lcm(*(int(polynomial.denom()) for _, polynomial in present))
    integers = [(j, p.numer() * (common // int(p.denom()))) for j, p in present]
    divisor = fmpz(gcd(*(int(p.content()) for _, p in integers)))
    lowest = next(c for c in integers[0][1].coeffs() if c)
    terms = []
    for j, polynomial in integers:
        for i, c in enumerate((polynomial // (divisor if lowest > 0 else -divisor)).coeffs()):
            if c:
                terms.append((str(c), _monomial(2 * j, 0 if at_g0 else j, 2 * i)))
    below = common // gcd(common, int(divisor))
    above = int(divisor) // gcd(common, int(divisor))
    total = _sum(terms)
    if len(terms) > 1:
        total = f"({total})"
    if above != 1:
        total = str(above) if total == "1" else f"{above}*{total}"
    if below != 1:
        total += f"/{below}"
    return total if lowest > 0 else f"-{total}"


def _sum(terms: list[tuple[str, str]]) -> str:
    pieces: list[str] = []
    for number, symbols in terms:
        sign = " + " if pieces else ""
        if number[0] == "-":
            sign, number = " - " if pieces else "-", number[1:]
        pieces.append(sign + (number if not symbols else symbols if number == "1" else f"{number}*{symbols}"))
    return "".join(pieces)


def flint_text(polynomial: fmpq_mpoly) -> str:
    """A polynomial of flint in Python syntax, expanded: what sympy reads, not for numbers.

    >>> from flint import Ordering, fmpq_mpoly_ctx
    >>> x, y = fmpq_mpoly_ctx.get(["x", "y"], Ordering.lex).gens()
    >>> flint_text((x - y / 2) ** 2)
    'x**2 - x*y + 1/4*y**2'
    """
    return str(polynomial).replace("^", "**")
