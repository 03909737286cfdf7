"""The Taylor series of overlaps and loss in learning time as LaTeX, laid out as the other fragments."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd, lcm

from derive.document.learning_series_request import LearningSeriesRequest
from derive.overlaps.series_trust import SeriesTrust
from derive.series.exact_scalars import Polynomial, Powers
from derive.series.exact_series import ExactSeries
from derive.write.latex.latex_document import document, preamble
from derive.write.latex.latex_layout import Group, display, joined, monomial, power
from derive.write.latex.latex_series import TAU, remainder
from derive.write.tables.learning_series_text import validity

MACROS = {
    r"\drvsigma": r"\sigma_{#1}",
    r"\drvloss": r"\mathcal{L}",
    r"\drvtau": r"\tau",
    r"\drvO": r"\mathcal{O}",
}

INTRODUCTION = r"""
Gradient flow of the overlaps $\sigma_{{ab}} = a^{{\top}} b / N$ of a network
$h' = -h + \frac1N u v^{{\top}} h + m x$, $y = \frac1N z^{{\top}} h$, towards the impulse response
$y^*(t) = A e^{{-Ct}} \cos(Ft)$ with $A = {A}$, $C = {C}$, $F = {F}$;
$\mathcal{{L}} = \int_0^\infty (y - y^*)^2\,\mathrm{{d}}t$ (Ger and Barak 2026).
"""


def learning_series_latex(
    series: Mapping[str, ExactSeries], request: LearningSeriesRequest, trust: SeriesTrust | None = None
) -> str:
    """Macros and one display for the loss and for each overlap; a whole document if asked."""
    lines = preamble(request.header("latex"), MACROS, validity(request.order, trust))
    rest = remainder(TAU, request.order)
    displays = [
        display(
            r"\drvloss(\drvtau)" if name == "loss" else rf"\drvsigma{{{name}}}(\drvtau)",
            _groups(s),
            f"eq:overlap-series-{request.order}-{name}",
            request.terms_per_line,
            remainder=rest,
        )
        for name, s in series.items()
    ]
    fragment = "\n".join(["\n".join(lines) + "\n", *displays])
    if not request.standalone:
        return fragment
    import sympy

    from derive.series.exact_scalars import exact

    letters = (("A", request.amplitude), ("C", request.decay), ("F", request.frequency))
    target = {letter: sympy.latex(exact(value)) for letter, value in letters}
    introduction = INTRODUCTION.format(**target)
    title = f"Learning of the rank-1 filter task through order {request.order}"
    return document(request.header("latex"), title, introduction, fragment)


def _groups(series: ExactSeries) -> list[Group]:
    """One group per power of tau and denominator: a fraction times a sum with integer coefficients."""
    import sympy

    scalars = series.scalars
    names = [sympy.latex(sympy.Symbol(name)) for name in scalars.names]

    def monomials(terms: Mapping[Powers, int]) -> tuple[tuple[bool, str], ...]:
        return tuple(monomial(integer, zip(names, powers, strict=True)) for powers, integer in terms.items())

    factors = [sorted(monomials({p: int(c.p) for p, c in f.items()})) for f in scalars.factors]
    groups = []
    for k, coefficient in enumerate(series.coefficients):
        for powers, numerator in scalars.fractions(coefficient).items():
            integers, above, below = _integers(numerator)
            bottom = [str(below)] if below != 1 else []
            for factor, p in zip(factors, powers, strict=True):
                if p:
                    bottom.append(power(joined(factor) if len(factor) == 1 else rf"({joined(factor)})", p))
            prefix = (
                rf"\frac{{{above}}}{{{' '.join(bottom)}}}" if bottom else str(above) if above != 1 else ""
            )
            groups.append(Group(prefix, monomials(integers), power(TAU, k)))
    return groups


def _integers(terms: Polynomial) -> tuple[dict[Powers, int], int, int]:
    """Integers without a common divisor, and numerator and denominator of what they are multiplied by."""
    pairs = {powers: (int(c.p), int(c.q)) for powers, c in terms.items()}
    above, below = gcd(*(p for p, _ in pairs.values())), lcm(*(q for _, q in pairs.values()))
    return {powers: p // above * (below // q) for powers, (p, q) in pairs.items()}, above, below
