"""One series in LaTeX: in tau with powers of beta, and in ttilde with integers."""

from __future__ import annotations

from collections.abc import Iterable

from derive.series.coefficient import Term
from derive.series.scaled_terms import Monomial, scaled_terms
from derive.series.series import Series
from derive.write.latex.latex_layout import Group, fraction, monomial, power

TAU = r"\drvtau"
RHO = r"\drvrho"


def remainder(variable: str, order: int) -> str:
    """What a series through ``variable``^order leaves out."""
    return rf"\drvO\bigl({power(variable, order + 1)}\bigr)"


def in_tau(series: Series) -> list[Group]:
    """One group per power of tau, in zhat and beta."""
    groups = [Group("", ((False, _overlap(series)[1]),), "")] if series.offset else []
    for k, coefficient in enumerate(series.scaled):
        if coefficient:
            numerator, denominator = series.terms(k)
            target = latex_target(series)
            below = tuple(latex_terms(denominator, target)) if len(denominator) > 1 else ()
            groups.append(Group("", tuple(latex_terms(numerator, target)), power(TAU, k), below=below))
    return groups


def in_ttilde(series: Series) -> list[Group]:
    """One group per power of ttilde: a rational number times integers in zhat^2 beta and g^2."""
    groups = []
    for k, coefficient in enumerate(series.scaled):
        if not coefficient:
            continue
        terms = scaled_terms(coefficient)
        negative = terms.content < 0
        numerator, denominator = abs(int(terms.content.p)), int(terms.content.q)
        scale = fraction(numerator, denominator)
        several = len(terms.denominator) > 1
        below = tuple(_scaled_monomial(x, series) for x in terms.denominator) if several else ()
        suffix = power(r"\drvttilde", k)
        if len(terms.monomials) == 1:
            _, body = _scaled_monomial(terms.monomials[0], series)
            groups.append(Group(scale, ((negative, body),), suffix, below=below))
        else:
            monomials = tuple(_scaled_monomial(x, series) for x in terms.monomials)
            groups.append(Group(scale, monomials, suffix, negative, below))
    return groups


def _overlap(series: Series) -> tuple[str, str]:
    """LaTeX of zhat - rho and of rho, with a number for rho where it is one."""
    if series.alignment is None:
        return r"\drvzhat", "0"
    if isinstance(series.alignment, str):
        return rf"(\drvzhat - {RHO})", RHO
    number = series.alignment
    size = fraction(abs(number.numerator), number.denominator) or "1"
    target = rf"\bigl(\drvzhat {'+' if number < 0 else '-'} {size}\bigr)"
    return target, f"{'-' * (number < 0)}{size}"


def latex_target(series: Series) -> str:
    """What the powers of zhat are powers of."""
    return _overlap(series)[0]


def latex_terms(terms: Iterable[Term], target: str = r"\drvzhat") -> list[tuple[bool, str]]:
    """Terms in zhat, or what stands for it, and beta as (negative, LaTeX)."""
    return [
        monomial(
            term.coefficient,
            ((target, term.zhat_power), (r"\drvbeta", term.beta_power), (RHO, term.rho_power)),
        )
        for term in terms
    ]


def _scaled_target(series: Series) -> str:
    return r"\drvzhat" if series.alignment is None else rf"(\drvzhat - {RHO})"


def _scaled_monomial(scaled: Monomial, series: Series) -> tuple[bool, str]:
    zhat, beta, rho = scaled.powers
    symbols = (
        (_scaled_target(series), zhat),
        (r"\drvbeta", beta),
        (RHO, rho),
        (r"\drvg", 2 * scaled.u_power),
    )
    return monomial(scaled.integer, symbols)


def prefactor(series: Series) -> str:
    """LaTeX of zhat^p beta^q."""
    above = [power(_scaled_target(series), series.zhat_power), power(r"\drvbeta", max(series.beta_power, 0))]
    numerator = r"\,".join(part for part in above if part)
    if series.beta_power >= 0:
        return numerator
    return rf"\frac{{{numerator or '1'}}}{{{power(chr(92) + 'drvbeta', -series.beta_power)}}}"
