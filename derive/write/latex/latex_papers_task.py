"""LaTeX of what is derived for the paper's task alone: W learns, m and w independent."""

from __future__ import annotations

from derive.document.observables import leading_coefficients, progress_observables, scaling_functions
from derive.observables.leading_singular_value import LeadingCoefficient
from derive.series.series import Series
from derive.tasks.expansion import Expansion
from derive.write.latex.latex_layout import Group, display, fraction, joined, power
from derive.write.latex.latex_series import TAU, latex_terms, remainder, series_displays

DELTA, LAMBDA, BETA = r"\drvdelta", r"\drvlambda", r"\drvbeta"

PAPERS_SYMBOLS = r"""

$\lambda_\pm$ are the eigenvalues of $\Delta W$ at $g = 0$. The eigenvalues of $W$ that have left the disc
$|\lambda| \le g$ are the roots of $D(\lambda, \tau) = \det(1 - C\,\Gamma(\lambda))$ outside of it, where
$\Delta W = \sum_{ij} C_{ij}\, a_i b_j^{\top}$ and $\Gamma_{ji} = b_j^{\top} (\lambda - W_0)^{-1} a_i$.

The series in $\delta = z/\hat z$, the part of the way that is done, tell of the end of learning: the time
$\tau^*$ at which $\delta$ is reached, $\Delta W$ there, the mean $\gamma$ of the gradient norm until then,
and the loss $\mathcal{L}_{\mathrm{s}}$ after $W_0$ is shuffled, over the initial loss $\mathcal{L}_0$."""
LIMITS = r"""
The limits $g \to 1$ are taken at fixed $y = \hat z^2 \beta$ and fixed $\tilde\tau$ or $\delta$."""

MACROS = {
    "readout": r"\drvz",
    "loss": r"\drvloss",
    "gradient_norm": r"\drvgradient",
    "frobenius_norm": r"\drvnorm",
    "sharpness": r"\drvh",
    "learning_time": r"\drvtaustar",
    "weight_change": r"\drvnorm",
    "mean_gradient_norm": r"\drvmeangradient",
    "shuffled_loss": r"\drvshuffled",
}


def papers_task_displays(expansion: Expansion, label: str, per_line: int) -> list[str]:
    """All of it, in the order of the text tables."""
    displays = _leading_singular_values(expansion, label, per_line)
    displays += _eigenvalues_g0(expansion, label, per_line)
    displays += _outlier_equation(expansion, label, per_line)
    displays += _end_of_learning(expansion, label, per_line)
    displays += _scaling_functions(expansion, label, per_line)
    return displays


def _leading_singular_values(expansion: Expansion, label: str, per_line: int) -> list[str]:
    """The first term of s_1, s_2, ..., factored."""
    displays = []
    for leading in leading_coefficients(expansion):
        suffix = power(TAU, 2 * leading.r - 1) if leading.number else ""
        group = Group(_factored(leading), ((False, "1"),), suffix)
        rest = remainder(TAU, 2 * leading.r - 1) if leading.number else ""
        name = f"{label}-s{leading.r}-leading"
        displays.append(display(rf"\drvs_{{{leading.r}}}", [group], name, per_line, remainder=rest))
    return displays


def _factored(leading: LeadingCoefficient) -> str:
    if not leading.number:
        return "0"
    parts = [fraction(int(leading.number.p), int(leading.number.q))]
    parts += [power(r"\drvzhat", 2 * leading.r - 1), power(BETA, leading.beta_power)]
    parts += [power(f"({joined(latex_terms(terms))})", exponent) for terms, exponent in leading.factors]
    return r"\,".join(part for part in parts if part)


def _eigenvalues_g0(expansion: Expansion, label: str, per_line: int) -> list[str]:
    """Half the sum of the two eigenvalues of W - W0 at g = 0, and sqrt(3)/2 times their difference."""
    mean, split = expansion.eigenvalues_g0
    plus, minus = rf"{LAMBDA}_{{+}}", rf"{LAMBDA}_{{-}}"
    sides = (rf"\tfrac{{1}}{{2}}({plus} + {minus})", rf"\tfrac{{\sqrt{{3}}}}{{2}}({plus} - {minus})")
    displays = []
    for left, series in zip(sides, (mean, split), strict=True):
        displays += series_displays(left, series, f"{label}-eigenvalues-{series.symbol}", per_line)
    return displays


def _outlier_equation(expansion: Expansion, label: str, per_line: int) -> list[str]:
    """D as a sum over powers of lambda, and then the series that multiply them."""
    equation, groups, displays = expansion.outlier_equation, [], []
    below = LAMBDA if equation.at_g0 else rf"({LAMBDA} - \drvg^{{2}})"
    for part in equation.parts:
        above, divisor = part.powers
        name = rf"\drvD_{{{part.m}{part.q}}}" if part.q < 10 else rf"\drvD_{{{part.m},{part.q}}}"
        if part.m == 0:
            groups.append(Group("", ((False, "1"),), ""))
            continue
        factor = rf"\frac{{{power(LAMBDA, above) or '1'}}}{{{power(below, divisor)}}}"
        groups.append(Group(factor, ((False, rf"{name}(\drvtau)"),), ""))
        end = f"{label}-outlier-equation-{part.m}-{part.q}"
        displays += series_displays(rf"{name}(\drvtau)", part.series, end, per_line)
    left, rest = rf"\drvD({LAMBDA}, \drvtau)", remainder(TAU, equation.order)
    return [display(left, groups, f"{label}-outlier-equation", per_line, remainder=rest), *displays]


def _end_of_learning(expansion: Expansion, label: str, per_line: int) -> list[str]:
    """The series in delta = z/zhat."""
    displays = []
    for observable in progress_observables(expansion):
        series = observable.series.in_tau
        groups = [
            Group("", tuple(latex_terms(observable.series.terms(k))), power(DELTA, k))
            for k, coefficient in enumerate(series.scaled)
            if coefficient
        ]
        left = MACROS[observable.name]
        if observable.name in ("learning_time", "mean_gradient_norm"):
            left += f"({DELTA})"
        name = f"{label}-{observable.name.replace('_', '-')}"
        displays.append(display(left, groups, name, per_line, remainder=remainder(DELTA, series.order)))
    return displays


def _scaling_functions(expansion: Expansion, label: str, per_line: int) -> list[str]:
    """The limits g -> 1."""
    displays = []
    for name, function in scaling_functions(expansion).items():
        time = DELTA if function.variable == "delta" else r"\drvttilde"
        groups = [
            Group("", tuple(latex_terms(terms, r"\drvy")), power(time, k))
            for k in range(len(function))
            if (terms := function.terms(k))
        ]
        symbol = MACROS.get(name) or rf"\drvs_{{{name[1:]}}}"
        left = rf"\lim_{{\drvg \to 1}} {_over_prefactor(symbol, function.of)}"
        end = f"{label}-universal-{name.replace('_', '-')}"
        rest = remainder(time, function.order)
        displays.append(display(left, groups, end, per_line, remainder=rest))
    return displays


def _over_prefactor(symbol: str, series: Series) -> str:
    """symbol/(zhat^p beta^q)."""
    above = [power(BETA, max(-series.beta_power, 0)), symbol]
    below = [power(r"\drvzhat", series.zhat_power), power(BETA, max(series.beta_power, 0))]
    numerator = r"\,".join(part for part in above if part)
    denominator = r"\,".join(part for part in below if part)
    if not denominator:
        return numerator
    return rf"\frac{{{numerator}}}{{{denominator}}}"
