"""Formulas as plain text, for tables and docstrings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from functools import singledispatch

from derive.observables.leading_singular_value import LeadingCoefficient
from derive.observables.outlier_equation import OutlierEquation
from derive.observables.scaling_function import ScalingFunction
from derive.series.polynomial_text import in_g_text, is_polynomial
from derive.series.scaled_terms import Monomial, scaled_terms
from derive.series.series import Series, power_text


def prefactor_text(series: Series) -> str:
    """The factor before the sum over ttilde, e.g. ``zhat/beta``; at g = 0 without beta."""
    zhat = [power_text(_target(series), series.zhat_power)] if series.zhat_power else []
    beta = 0 if series.at_g0 else series.beta_power
    above = "*".join([*zhat, *([power_text("beta", beta)] if beta > 0 else [])]) or "1"
    return above if beta >= 0 else f"{above}/{power_text('beta', -beta)}"


def scaled_text(series: Series, k: int) -> str:
    """What multiplies ``prefactor * ttilde**k``, e.g. ``(1 + 8*zhat**2*beta)/6``; zero: ``0``."""
    if not series.scaled[k]:
        return "0"
    if series.alignment is None and is_polynomial(series.scaled[k]):
        return in_g_text(series.scaled[k], series.at_g0)
    terms = scaled_terms(series.scaled[k])
    numerator, denominator = abs(int(terms.content.p)), int(terms.content.q)
    total = _sum(terms.monomials, series)
    several = len(terms.monomials) > 1
    if several:
        total = f"({total})"
    if numerator != 1:
        total = str(numerator) if total == "1" else f"{numerator}*{total}"
    if denominator != 1:
        total += f"/{denominator}"
    if not (len(terms.denominator) == 1 and terms.denominator[0].u_power == 0):
        total += f"/({_sum(terms.denominator, series)})"
    return f"-{total}" if terms.content < 0 else total


@singledispatch
def line_text(series: object, width: int) -> str:
    """The whole of a series, with its name, on lines of a width."""
    raise TypeError(f"{type(series).__name__}: there is no form on lines of it")


@line_text.register
def _leading_text(leading: LeadingCoefficient, width: int) -> str:
    return f"  s{leading.r} ~ {leading.term_text()}"


@line_text.register
def _series_text(series: Series, width: int) -> str:
    return formula_text(series, width)


def formula_text(series: Series, width: int, variable: str = "tau") -> str:
    """The whole series, ``prefactor*(c0 + c1*ttilde + ...) + O(tau**(K+1))``, wrapped.

    ``variable`` "delta" stands for ttilde, at g = 0 for tau, where the series is one in delta.
    """
    time = variable if series.at_g0 or variable != "tau" else "ttilde"
    text = _polynomial((scaled_text(series, k) for k in range(len(series))), time)
    prefactor = prefactor_text(series)
    constant = "rho + " if series.offset else ""
    total = f"({text})" if prefactor == "1" else f"{prefactor}*({text})"
    return _wrapped(f"{series.symbol} = {constant}{total} + O({variable}**{series.order + 1})", width)


@line_text.register
def scaling_text(function: ScalingFunction, width: int) -> str:
    """A limit g -> 1, ``series/prefactor = c0 + c1*ttilde + ... + O(ttilde**(K+1))``, wrapped."""
    of, texts = function.of, function.texts()
    above = [power_text("beta", -of.beta_power)] if of.beta_power < 0 else []
    below = [power_text("zhat", of.zhat_power)] if of.zhat_power else []
    below += [power_text("beta", of.beta_power)] if of.beta_power > 0 else []
    name = "*".join([*above, of.symbol])
    if below:
        name += f"/({'*'.join(below)})" if len(below) > 1 else f"/{below[0]}"
    total = _polynomial((f"({text})" if " " in text else text for text in texts), function.variable)
    return _wrapped(f"{name} = {total} + O({function.variable}**{function.order + 1})", width)


@line_text.register
def outlier_text(equation: OutlierEquation, width: int) -> str:
    """D as a sum over powers of lambda times the series D1_0, ..., wrapped."""
    terms = []
    for part in equation.parts[1:]:
        above, below = part.powers
        factor = power_text("lam", above) if above else "1"
        factor += f"/{power_text('lam' if equation.at_g0 else '(lam - g**2)', below)}"
        terms.append(f"{factor}*{part.series.symbol}")
    return _wrapped(" + ".join(["D(lam, tau) = 1", *terms, f"O(tau**{equation.order + 1})"]), width)


def _polynomial(values: Iterable[str], variable: str) -> str:
    """The sum of values times rising powers of a variable."""
    text = ""
    for k, value in enumerate(values):
        if value == "0":
            continue
        sign, magnitude = ("-", value[1:]) if value.startswith("-") else ("+", value)
        if k:
            power = power_text(variable, k)
            magnitude = power if magnitude == "1" else f"{magnitude}*{power}"
        text += f" {sign} {magnitude}" if text else (magnitude if sign == "+" else f"-{magnitude}")
    return text or "0"


def _wrapped(line: str, width: int) -> str:
    return "\n".join(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False))


def _target(series: Series) -> str:
    return "zhat" if series.alignment is None else "(zhat - rho)"


def _sum(monomials: tuple[Monomial, ...], series: Series) -> str:
    text = ""
    for monomial in monomials:
        factors = [str(abs(monomial.integer))] if abs(monomial.integer) != 1 else []
        zhat, beta, rho = monomial.powers
        for name, power in ((_target(series), zhat), ("beta", 0 if series.at_g0 else beta), ("rho", rho)):
            if power > 0:
                factors.append(power_text(name, power))
        if monomial.u_power:
            factors.append(power_text("g", 2 * monomial.u_power))
        magnitude = "*".join(factors) or "1"
        if beta < 0 and not series.at_g0:
            magnitude += f"/{power_text('beta', -beta)}"
        if text:
            text += f" {'-' if monomial.integer < 0 else '+'} {magnitude}"
        else:
            text = f"-{magnitude}" if monomial.integer < 0 else magnitude
    return text
