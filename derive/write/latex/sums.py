"""From any series to the sums that stand behind its equals sign in LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import singledispatch

from derive.document.moment import FactoredMoment
from derive.document.network_series import NumberSeries, OverlapSeries
from derive.flow.expanded.flow_series import FlowSeries
from derive.observables.leading_singular_value import LeadingCoefficient
from derive.observables.learning_end import ProgressSeries
from derive.observables.outlier_equation import OutlierEquation
from derive.observables.scaling_function import ScalingFunction
from derive.series.exact_series import ExactSeries
from derive.series.series import Series
from derive.tasks.flow_words import OrderSeries
from derive.write.latex.exact_latex import exact_groups
from derive.write.latex.flow_latex import order_groups, series_groups
from derive.write.latex.latex_layout import Group, Page, fraction, joined, monomial, power
from derive.write.latex.latex_series import RHO, TAU, in_tau, in_ttilde, latex_terms, prefactor, remainder
from derive.write.latex.moment_latex import moment_groups, word_pieces

DIGITS = 8  # of coefficients that are floats
DELTA, LAMBDA, BETA = r"\drvdelta", r"\drvlambda", r"\drvbeta"


@dataclass(frozen=True)
class SeriesSum:
    """``bracket`` [ groups ] + remainder; ``end`` is added to the label.

    ``left`` is the left side, in pieces, where the series alone says what it is.
    """

    groups: Sequence[Group]
    remainder: str
    bracket: str = ""
    end: str = ""
    left: Sequence[str] = ()


@singledispatch
def sums(series: object, on: Page) -> list[SeriesSum]:
    """The forms in which a series is printed on a page, one display each."""
    raise TypeError(f"{type(series).__name__}: there is no LaTeX of it")


@sums.register
def _series(series: Series, on: Page) -> list[SeriesSum]:
    """In tau and, for general g, in ttilde."""
    rest = remainder(TAU, series.order)
    found = [SeriesSum(in_tau(series), rest)]
    if not series.at_g0:
        bracket = (f"{RHO} + " * series.offset) + prefactor(series)
        found.append(SeriesSum(in_ttilde(series), rest, bracket, "-scaled"))
    return found


@sums.register
def _progress(series: ProgressSeries, on: Page) -> list[SeriesSum]:
    """In delta = z/zhat."""
    groups = [
        Group("", tuple(latex_terms(series.terms(k))), power(DELTA, k))
        for k, coefficient in enumerate(series.in_tau.scaled)
        if coefficient
    ]
    return [SeriesSum(groups, remainder(DELTA, series.order))]


@sums.register
def _scaling(series: ScalingFunction, on: Page) -> list[SeriesSum]:
    """In ttilde or delta, with coefficients in y."""
    time = scaling_time(series)
    groups = [
        Group("", tuple(latex_terms(terms, r"\drvy")), power(time, k))
        for k in range(len(series))
        if (terms := series.terms(k))
    ]
    return [SeriesSum(groups, remainder(time, series.order))]


def scaling_time(series: ScalingFunction) -> str:
    """The macro of the variable of a limit g -> 1."""
    return DELTA if series.variable == "delta" else r"\drvttilde"


@sums.register
def _outliers(equation: OutlierEquation, on: Page) -> list[SeriesSum]:
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
    return [SeriesSum(groups, remainder(TAU, equation.order))]


def outlier_series(m: int, q: int) -> str:
    """The left side of the series D_mq."""
    return rf"\drvD_{{{m}{q}}}(\drvtau)" if q < 10 else rf"\drvD_{{{m},{q}}}(\drvtau)"


@sums.register
def _leading(leading: LeadingCoefficient, on: Page) -> list[SeriesSum]:
    """The first term of s_r, factored."""
    if not leading.number:
        return [SeriesSum([Group("0", ((False, "1"),), "")], "")]
    parts = [fraction(int(leading.number.p), int(leading.number.q))]
    parts += [power(r"\drvzhat", 2 * leading.r - 1), power(BETA, leading.beta_power)]
    parts += [power(f"({joined(latex_terms(terms))})", exponent) for terms, exponent in leading.factors]
    exponent = 2 * leading.r - 1
    factored = r"\,".join(part for part in parts if part)
    return [SeriesSum([Group(factored, ((False, "1"),), power(TAU, exponent))], remainder(TAU, exponent))]


@sums.register
def _overlaps(series: OverlapSeries, on: Page) -> list[SeriesSum]:
    """In the overlaps of one network, in flint's lexicographic order."""
    symbols = [_overlap(name) for name in series.names]
    groups = [
        Group(
            "",
            tuple(
                monomial(coefficient, zip(symbols, powers, strict=True))
                for powers, coefficient in zip(c.monoms(), c.coeffs(), strict=True)
            ),
            power(TAU, k),
        )
        for k, c in enumerate(series.coefficients)
        if not c.is_zero()
    ]
    return [SeriesSum(groups, remainder(TAU, series.order))]


def _overlap(name: str) -> str:
    family, _, index = name.partition("_")
    return rf"\drv{family}{{{index}}}" if index else r"\drverror"


@sums.register
def _numbers(series: NumberSeries, on: Page) -> list[SeriesSum]:
    """With DIGITS digits."""
    groups = [
        Group("", ((c < 0, _decimal(abs(c))),), power(TAU, k))
        for k, c in enumerate(series.coefficients)
        if c != 0
    ]
    return [SeriesSum(groups, remainder(TAU, series.order) if groups else "")]


def _decimal(value: float) -> str:
    digits, _, exponent = f"{Decimal(value):.{DIGITS - 1}e}".partition("e")
    power_of_ten = int(exponent)
    if -3 <= power_of_ten < DIGITS:
        return f"{value:.{DIGITS - 1 - power_of_ten}f}"
    return rf"{digits} \cdot 10^{{{power_of_ten}}}"


@sums.register
def _moment(moment: FactoredMoment, on: Page) -> list[SeriesSum]:
    """phi(word), which ends."""
    return [SeriesSum(moment_groups(moment, on), "", left=word_pieces(moment.letters))]


@sums.register
def _exact(series: ExactSeries, on: Page) -> list[SeriesSum]:
    """In tau, with coefficients in the user's symbols."""
    return [SeriesSum(exact_groups(series, on), remainder(TAU, series.order))]


@sums.register
def _flow(series: FlowSeries, on: Page) -> list[SeriesSum]:
    """In tau, coefficients in a flow's own parameters."""
    return [SeriesSum(series_groups(series), remainder(TAU, series.order))]


@sums.register
def _flow_order(series: OrderSeries, on: Page) -> list[SeriesSum]:
    """One order of what moves, as a sum of words."""
    return [SeriesSum(order_groups(series), "")]
