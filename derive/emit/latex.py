"""The expansion as LaTeX: fragments for \\input under amsmath, and a document that stands alone.

Every symbol of the field is one macro, set by \\providecommand, so that a paper changes its notation
in one place. Long sums are broken after a given number of terms.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import factorial

from derive.algebra.coefficient import Term
from derive.algebra.scaled_terms import Monomial, scaled_terms
from derive.algebra.series import Series
from derive.emit.latex_layout import Group, display, fraction, joined, power
from derive.emit.observables import is_papers_task, progress_observables, validity
from derive.emit.request import Request
from derive.fixed_point.expansion import Expansion

MACROS = {
    r"\drvtau": r"\tau",
    r"\drvttilde": r"\tilde{\tau}",
    r"\drvzhat": r"\hat{z}",
    r"\drvbeta": r"\beta",
    r"\drvg": "g",
    r"\drvz": "z",
    r"\drvloss": r"\mathcal{L}",
    r"\drvgradient": r"\left\lVert \mathrm{d}W/\mathrm{d}\tau \right\rVert",
    r"\drvnorm": r"\left\lVert \Delta W \right\rVert",
    r"\drvs": "s",
    r"\drvA": "A",
    r"\drvW": "W",
    r"\drvB": "B",
    r"\drvBT": r"B^{\top}",
    r"\drvw": "w",
    r"\drvwT": r"w^{\top}",
    r"\drvm": "m",
    r"\drvmT": r"m^{\top}",
    r"\drvO": r"\mathcal{O}",
    r"\drvh": "h",
    r"\drvlambda": r"\lambda",
    r"\drvdelta": r"\delta",
    r"\drvtaustar": r"\tau^{*}",
    r"\drvmeangradient": r"\gamma",
    r"\drvshuffled": r"\mathcal{L}_{\mathrm{s}}/\mathcal{L}_0",
}
TAU = r"\drvtau"
RHO = r"\drvrho"
WORD_MACROS = {
    "B": r"\drvB",
    "B'": r"\drvBT",
    "w": r"\drvw",
    "w'": r"\drvwT",
    "m": r"\drvm",
    "m'": r"\drvmT",
}

PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[a4paper, margin=25mm]{geometry}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage{amsmath, amssymb}
\allowdisplaybreaks
"""

DOCUMENT = r"""%% {header}
{preamble}\begin{{document}}
\section*{{The fixed-point task through order {order}{limit}}}
Gradient flow $\mathrm{{d}}W/\mathrm{{d}}\tau = (\hat z - z)\, R^{{\top}} w\, m^{{\top}} R^{{\top}}$ of a
linear network with $R = (I - W)^{{-1}}$, readout $z = w^{{\top}} R\, m$ and loss
$\mathcal{{L}} = (\hat z - z)^2/2$, from $W(0) = W_0$ with independent entries of variance $g^2/N$, in the
limit $N \to \infty$ (Schuessler et al.\ 2020, section~3).
Here $B = (I - W_0)^{{-1}}$, $\beta = 1/(1 - g^2)$, $\tilde\tau = \beta^2 \tau$, $\Delta W = W - W_0$, and
$W(\tau) = W_0 + \sum_{{k \ge 1}} W_k \tau^k / k!$.{symbols}

{fragment}\end{{document}}
"""

PAPERS_SYMBOLS = r"""
$\lambda_\pm$ are the eigenvalues of $\Delta W$ at $g = 0$. The series in $\delta = z/\hat z$, the part of
the way that is done, tell of the end of learning: the time $\tau^*$ at which $\delta$ is reached, $\Delta W$
there, the mean $\gamma$ of the gradient norm until then, and the loss $\mathcal{L}_{\mathrm{s}}$ after $W_0$
is shuffled, over the initial loss $\mathcal{L}_0$."""


def latex_fragment(expansion: Expansion, request: Request) -> str:
    """Macros and displayed formulas, for \\input into a document that loads amsmath."""
    per_line, order = request.terms_per_line, expansion.order
    label = f"eq:{request.stem.replace('_', '-')}"
    remainder = rf"\drvO\bigl({power(TAU, order + 1)}\bigr)"
    named = [
        (r"\drvz(\drvtau)", "readout", expansion.readout),
        (r"\drvloss(\drvtau)", "loss", expansion.loss),
        (r"\drvgradient", "gradient-norm", expansion.gradient_norm),
        (r"\drvnorm", "frobenius-norm", expansion.frobenius_norm),
        *((rf"\drvs_{{{r}}}", f"s{r}", s) for r, s in enumerate(expansion.singular_values, 1)),
        (r"\drvh(\drvtau)", "sharpness", expansion.sharpness),
    ]
    displays = [text for each in named for text in series_displays(*each, label, per_line)]
    for i, row in enumerate(expansion.a_matrix, 1):
        for j, series in enumerate(row, 1):
            left, name = rf"\drvA_{{{i}{j}}}", f"{label}-A{i}{j}"
            displays.append(display(left, _in_tau(series), name, per_line, remainder=remainder))
    if is_papers_task(expansion.task):
        displays += _eigenvalues_g0(expansion, label, per_line, remainder)
        displays += _end_of_learning(expansion, label, per_line)
    changes = [(r"\drvW", "W", expansion.W)]
    changes += [(rf"\drv{x}", x, expansion.vector(x)) for x in expansion.task.train if x != "W"]
    for macro, name, change in changes:
        for k in range(1, order + 1):
            groups = [
                Group("", tuple(_terms(series.terms(k, factorial(k))[0], series)), product.latex(WORD_MACROS))
                for product, series in change.present(k)
            ]
            displays.append(display(rf"{macro}_{{{k}}}", groups, f"{label}-{name}{k}", per_line))
    return "\n".join([_preamble(request, expansion), *displays])


def series_displays(left: str, name: str, series: Series, label: str, per_line: int) -> list[str]:
    """``left`` = the series in tau and, unless g = 0, in ttilde, each a display."""
    remainder = rf"\drvO\bigl({power(TAU, series.order + 1)}\bigr)"
    displays = [display(left, _in_tau(series), f"{label}-{name}", per_line, remainder=remainder)]
    if not series.at_g0:
        scaled, bracket = _in_ttilde(series), (f"{RHO} + " * series.offset) + _prefactor(series)
        name = f"{label}-{name}-scaled"
        displays.append(display(left, scaled, name, per_line, bracket=bracket, remainder=remainder))
    return displays


def standalone_document(expansion: Expansion, request: Request) -> str:
    """A complete document around the fragment; compiles with pdflatex."""
    return DOCUMENT.format(
        header=request.header,
        preamble=PREAMBLE,
        order=expansion.order,
        limit=_conditions(expansion),
        symbols=PAPERS_SYMBOLS if is_papers_task(expansion.task) else "",
        fragment=latex_fragment(expansion, replace(request, standalone=False)),
    )


def _conditions(expansion: Expansion) -> str:
    """What the title of the document adds where the task is not the paper's."""
    task, conditions = expansion.task, ""
    if task.g0:
        conditions += " at $g = 0$"
    if task.alignment != 0:
        value = r"\rho" if isinstance(task.alignment, str) else rf"\rho = {task.alignment}"
        conditions += rf", $w^{{\top}} m = {value}$"
    if task.train != ("W",):
        conditions += f", learning: ${', '.join(task.train)}$"
    return conditions


def _preamble(request: Request, expansion: Expansion) -> str:
    lines = [f"% {request.header}", "% Do not edit: the command above makes it again. Needs amsmath."]
    lines += [f"% {validity(expansion)}"]
    macros = MACROS if expansion.task.alignment == 0 else MACROS | {RHO: r"\rho"}
    lines += [rf"\providecommand{{{macro}}}{{{meaning}}}" for macro, meaning in macros.items()]
    return "\n".join(lines) + "\n"


def _eigenvalues_g0(expansion: Expansion, label: str, per_line: int, remainder: str) -> list[str]:
    """Half the sum of the two eigenvalues of W - W0 at g = 0, and sqrt(3)/2 times their difference."""
    mean, split = expansion.eigenvalues_g0
    plus, minus = r"\drvlambda_{+}", r"\drvlambda_{-}"
    sides = (rf"\tfrac{{1}}{{2}}({plus} + {minus})", rf"\tfrac{{\sqrt{{3}}}}{{2}}({plus} - {minus})")
    return [
        display(left, _in_tau(series), f"{label}-eigenvalues-{series.symbol}", per_line, remainder=remainder)
        for left, series in zip(sides, (mean, split), strict=True)
    ]


PROGRESS_MACROS = {
    "learning_time": r"\drvtaustar(\drvdelta)",
    "weight_change": r"\drvnorm",
    "mean_gradient_norm": r"\drvmeangradient(\drvdelta)",
    "shuffled_loss": r"\drvshuffled",
}


def _end_of_learning(expansion: Expansion, label: str, per_line: int) -> list[str]:
    """The series in delta = z/zhat."""
    displays = []
    for observable in progress_observables(expansion):
        series = observable.series.in_tau
        groups = [
            Group("", tuple(_terms(observable.series.terms(k), series)), power(r"\drvdelta", k))
            for k, coefficient in enumerate(series.scaled)
            if coefficient
        ]
        left = PROGRESS_MACROS[observable.name]
        remainder = rf"\drvO\bigl({power(chr(92) + 'drvdelta', series.order + 1)}\bigr)"
        name = f"{label}-{observable.name.replace('_', '-')}"
        displays.append(display(left, groups, name, per_line, remainder=remainder))
    return displays


def _in_tau(series: Series) -> list[Group]:
    """One group per power of tau, in zhat and beta."""
    groups = [Group("", ((False, _overlap(series)[1]),), "")] if series.offset else []
    for k, coefficient in enumerate(series.scaled):
        if coefficient:
            numerator, denominator = series.terms(k)
            below = "" if len(denominator) == 1 else rf"\frac{{1}}{{{joined(_terms(denominator, series))}}}"
            groups.append(Group(below, tuple(_terms(numerator, series)), power(TAU, k)))
    return groups


def _in_ttilde(series: Series) -> list[Group]:
    """One group per power of ttilde: a rational number times integers in zhat^2 beta and g^2."""
    groups = []
    for k, coefficient in enumerate(series.scaled):
        if not coefficient:
            continue
        terms = scaled_terms(coefficient)
        negative = terms.content < 0
        numerator, denominator = abs(int(terms.content.p)), int(terms.content.q)
        scale = fraction(numerator, denominator)
        if len(terms.denominator) > 1:
            scale += rf"\frac{{1}}{{{joined(_scaled_monomial(x, series) for x in terms.denominator)}}}"
        suffix = power(r"\drvttilde", k)
        if len(terms.monomials) == 1:
            _, body = _scaled_monomial(terms.monomials[0], series)
            groups.append(Group(scale, ((negative, body),), suffix))
        else:
            monomials = tuple(_scaled_monomial(x, series) for x in terms.monomials)
            groups.append(Group(scale, monomials, suffix, negative))
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


def _terms(terms: Iterable[Term], series: Series) -> list[tuple[bool, str]]:
    """Terms in zhat and beta as (negative, LaTeX)."""
    result, target = [], _overlap(series)[0]
    for term in terms:
        scale = fraction(abs(int(term.coefficient.p)), int(term.coefficient.q))
        powers = [power(target, term.zhat_power), power(r"\drvbeta", term.beta_power)]
        powers.append(power(RHO, term.rho_power))
        body = r"\,".join(part for part in (scale, *powers) if part)
        result.append((bool(term.coefficient < 0), body or "1"))
    return result


def _scaled_target(series: Series) -> str:
    return r"\drvzhat" if series.alignment is None else rf"(\drvzhat - {RHO})"


def _scaled_monomial(monomial: Monomial, series: Series) -> tuple[bool, str]:
    integer = abs(monomial.integer)
    zhat, beta, rho = monomial.powers
    parts = [
        str(integer) if integer != 1 else "",
        power(_scaled_target(series), zhat),
        power(r"\drvbeta", beta),
        power(RHO, rho),
        power(r"\drvg", 2 * monomial.u_power),
    ]
    return monomial.integer < 0, r"\,".join(part for part in parts if part) or "1"


def _prefactor(series: Series) -> str:
    """LaTeX of zhat^p beta^q."""
    above = [power(_scaled_target(series), series.zhat_power), power(r"\drvbeta", max(series.beta_power, 0))]
    numerator = r"\,".join(part for part in above if part)
    if series.beta_power >= 0:
        return numerator
    return rf"\frac{{{numerator or '1'}}}{{{power(chr(92) + 'drvbeta', -series.beta_power)}}}"
