"""From any series to the sums that stand behind its equals sign in LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch

from derive.observables.leading_singular_value import LeadingCoefficient
from derive.observables.learning_end import ProgressSeries
from derive.observables.outlier_equation import OutlierEquation
from derive.observables.scaling_function import ScalingFunction
from derive.series.series import Series
from derive.write.latex.latex_layout import Group, fraction, joined, power
from derive.write.latex.latex_series import RHO, TAU, in_tau, in_ttilde, latex_terms, prefactor, remainder

DELTA, LAMBDA, BETA = r"\drvdelta", r"\drvlambda", r"\drvbeta"


@dataclass(frozen=True)
class Sum:
    """``bracket`` [ groups ] + remainder; ``end`` is added to the label."""

    groups: Sequence[Group]
    remainder: str
    bracket: str = ""
    end: str = ""


@singledispatch
def sums(series: object) -> list[Sum]:
    """The forms in which a series is printed, one display each."""
    raise TypeError(f"{type(series).__name__}: there is no LaTeX of it")


@sums.register
def _series(series: Series) -> list[Sum]:
    """In tau and, for general g, in ttilde."""
    rest = remainder(TAU, series.order)
    found = [Sum(in_tau(series), rest)]
    if not series.at_g0:
        bracket = (f"{RHO} + " * series.offset) + prefactor(series)
        found.append(Sum(in_ttilde(series), rest, bracket, "-scaled"))
    return found


@sums.register
def _progress(series: ProgressSeries) -> list[Sum]:
    """In delta = z/zhat."""
    groups = [
        Group("", tuple(latex_terms(series.terms(k))), power(DELTA, k))
        for k, coefficient in enumerate(series.in_tau.scaled)
        if coefficient
    ]
    return [Sum(groups, remainder(DELTA, series.order))]


@sums.register
def _scaling(series: ScalingFunction) -> list[Sum]:
    """In ttilde or delta, with coefficients in y."""
    time = scaling_time(series)
    groups = [
        Group("", tuple(latex_terms(terms, r"\drvy")), power(time, k))
        for k in range(len(series))
        if (terms := series.terms(k))
    ]
    return [Sum(groups, remainder(time, series.order))]


def scaling_time(series: ScalingFunction) -> str:
    """The macro of the variable of a limit g -> 1."""
    return DELTA if series.variable == "delta" else r"\drvttilde"


@sums.register
def _outliers(equation: OutlierEquation) -> list[Sum]:
    """D as a sum over powers of lambda times the series D_mq."""
    groups = []
    below = LAMBDA if equation.at_g0 else rf"({LAMBDA} - \drvg^{{2}})"
    for part in equation.parts:
        above, divisor = part.powers
        if part.m == 0:
            groups.append(Group("", ((False, "1"),), ""))
            continue
        factor = rf"\frac{{{power(LAMBDA, above) or '1'}}}{{{power(below, divisor)}}}"
        groups.append(Group(factor, ((False, outlier_series(part.m, part.q)),), ""))
    return [Sum(groups, remainder(TAU, equation.order))]


def outlier_series(m: int, q: int) -> str:
    """The left side of the series D_mq."""
    return rf"\drvD_{{{m}{q}}}(\drvtau)" if q < 10 else rf"\drvD_{{{m},{q}}}(\drvtau)"


@sums.register
def _leading(leading: LeadingCoefficient) -> list[Sum]:
    """The first term of s_r, factored."""
    if not leading.number:
        return [Sum([Group("0", ((False, "1"),), "")], "")]
    parts = [fraction(int(leading.number.p), int(leading.number.q))]
    parts += [power(r"\drvzhat", 2 * leading.r - 1), power(BETA, leading.beta_power)]
    parts += [power(f"({joined(latex_terms(terms))})", exponent) for terms, exponent in leading.factors]
    exponent = 2 * leading.r - 1
    factored = r"\,".join(part for part in parts if part)
    return [Sum([Group(factored, ((False, "1"),), power(TAU, exponent))], remainder(TAU, exponent))]
