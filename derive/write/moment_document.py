"""The moment of one word, printed for a paper (LaTeX) and for use (Python).

Words in B and B^T are polynomials in beta. With resolvents (l - W0)^-1 the result is a quotient, here
in g^2 and the l, whose denominators are 1 - g^2, l - g^2 and l k - g^2 (THEORY 3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from flint import fmpq, fmpz_poly

from derive.document.request import HEADER, TERMS_PER_LINE
from derive.series.horner import INDENT
from derive.series.polynomial_text import by_power, polynomial_text, sum_lines
from derive.words.letters import Letter, points
from derive.words.resolvent_moments import resolvent_quotient
from derive.words.word_moments import plain_moment
from derive.write.latex.latex import MACROS
from derive.write.latex.latex_document import preamble
from derive.write.latex.latex_layout import LINE_GLYPHS, Group, display, glyphs, joined, monomial, power

Terms = Mapping[tuple[int, ...], Any]

PHI = {r"\drvphi": r"\varphi"}
USED = (r"\drvB", r"\drvBT", r"\drvbeta", r"\drvg")
LOWER = "alpha gamma delta epsilon zeta eta theta iota kappa mu nu xi pi rho sigma tau phi chi psi omega"
GREEK = {"lam": "lambda"} | {name: name for name in LOWER.split(" ")}
SHORT = 30  # glyphs of a numerator that stands in the fraction
LONGEST = LINE_GLYPHS - 10  # glyphs of a denominator, or of a part of the word

MODULE = '''\
# {header}
# Do not edit: the command above makes it again.
"""phi(WORD) = lim (1/N) tr(WORD) at N -> infinity, exactly.

B = (I - W0)^-1{resolvents}, W0 of i.i.d. entries of variance g**2/N, 0 <= g < 1; a prime is the
transpose. Only + - * / ** are used, so that numbers, numpy arrays, torch tensors and mpmath all pass.
"""

SYSTEM = "fixed-point"
WORD = "{word}"


def moment({arguments}):
    """phi(WORD){range}."""
'''


@dataclass(frozen=True)
class _Formula:
    """numerator/(scale * product of factors**power): terms from powers of ``variables`` to numbers."""

    variables: tuple[str, ...]
    numerator: Terms
    scale: int
    factors: tuple[tuple[Terms, int], ...]


def moment_latex(letters: Sequence[Letter]) -> str:
    """Macros and one display, phi(word) = ..., for \\input under amsmath."""
    plain = _is_plain(letters)
    formula = _in_beta(letters) if plain else _in_square(letters)
    names = [r"\drvbeta" if plain else r"\drvg", *(_point_latex(name) for name in formula.variables[1:])]

    def terms(polynomial: Terms) -> list[tuple[bool, str]]:
        step = 1 if plain else 2  # the first variable is beta, or g^2
        return [
            monomial(c, zip(names, (step * powers[0], *powers[1:]), strict=True))
            for powers, c in _ordered(polynomial, plain)
        ]

    numerator = terms(formula.numerator)
    factors = [(str(formula.scale), 1)] if formula.scale != 1 else []
    for factor, exponent in formula.factors:
        text = joined(terms(factor))
        alone = exponent == 1 and (len(factor) == 1 or (not factors and len(formula.factors) == 1))
        factors.append((text if alone else f"({text})", exponent))
    groups = _quotient(numerator, factors)
    lines = preamble(
        _header(letters, "latex"),
        PHI | {macro: MACROS[macro] for macro in USED},
        r"\varphi(word) = lim (1/N) tr(word) at N -> infinity, B = (I - W_0)^{-1}, B_l = (l - W_0)^{-1},",
        "beta = 1/(1 - g^2), W_0 of independent entries of variance g^2/N.",
    )
    return "\n".join([*lines, display(_word_latex(letters), groups, _label(letters), TERMS_PER_LINE)])


def moment_python(letters: Sequence[Letter]) -> str:
    """Source of a module whose function ``moment`` takes g and the names of the resolvents' points.

    Raises ValueError for a point named g, the function's own argument.
    """
    named = [point for point in points(letters) if isinstance(point, str)]
    if "g" in named:
        raise ValueError("B[g]: allowed as names of points in Python are others than g")
    end = ""
    while {f"{name}{end}" for name in ("u", "x", "s", "one")} & set(named):
        end += "_"
    u, x, total, one = (f"{name}{end}" for name in ("u", "x", "s", "one"))
    formula = _in_square(letters)
    parts = [polynomial_text(part, named, one) for part in by_power(formula.numerator)]
    lines = sum_lines(parts, u, total) if len(parts) > 1 else [f"{total} = ({parts[0]}) * {one}"]
    divisors = [str(formula.scale)] if formula.scale != 1 else []
    for factor, exponent in formula.factors:
        text = x if _is_x(factor) else polynomial_text(factor, [u, *named], one)
        divisors.append((f"({text})" if " " in text else text) + f"**{exponent}" * (exponent > 1))
    lines.append(f"return {' / '.join([total, *divisors])}")
    definitions = {one: f"({' * '.join(['g', *named])})**0", u: "g * g", x: "(1 - g) * (1 + g)"}
    used = set(re.findall(r"\w+", " ".join(lines)))
    lines = [f"{name} = {value}" for name, value in definitions.items() if name in used] + lines
    head = MODULE.format(
        header=_header(letters, "python"),
        resolvents="" if _is_plain(letters) else ", B[l] = (l - W0)^-1",
        word=_text(letters),
        arguments=", ".join(["g", *named]),
        range=" for 0 <= g < 1" + (" and |l| > g" if not _is_plain(letters) else ""),
    )
    return head + "".join(f"{INDENT}{line}\n" for line in lines)


def _quotient(numerator: list[tuple[bool, str]], factors: list[tuple[str, int]]) -> list[Group]:
    """One fraction, 1/denominator times the numerator, or negative powers, as the lengths ask for."""
    if not factors:
        return [Group("", (term,), "") for term in numerator]
    denominator = r"\,".join(power(text, exponent) for text, exponent in factors)
    if glyphs(denominator) > LONGEST:
        lines = _broken([f"{text}^{{-{exponent}}}" for text, exponent in factors], r"\,")
        return [Group(_rows([*lines, r"\times "]), tuple(numerator), "")]
    if glyphs(joined(numerator)) > SHORT:
        return [Group(rf"\frac{{1}}{{{denominator}}}", tuple(numerator), "")]
    negative = numerator[0][0]
    above = joined((sign != negative, body) for sign, body in numerator)
    return [Group("", ((negative, rf"\frac{{{above}}}{{{denominator}}}"),), "")]


def _broken(factors: Sequence[str], product: str) -> list[str]:
    """Factors joined into lines of at most about LONGEST glyphs."""
    lines = [factors[0]]
    for factor in factors[1:]:
        if glyphs(lines[-1]) + glyphs(factor) > LONGEST:
            lines.append(factor)
        else:
            lines[-1] += product + factor
    return lines


def _rows(lines: Sequence[str]) -> str:
    """Lines of one align environment."""
    return " \\notag \\\\\n  &\\qquad ".join(lines)


def _is_plain(letters: Sequence[Letter]) -> bool:
    return all(letter.point == 1 for letter in letters)


def _in_beta(letters: Sequence[Letter]) -> _Formula:
    coefficients = plain_moment([letter.transposed for letter in letters]).coeffs()
    return _Formula(("beta",), _univariate(coefficients), 1, ())


def _in_square(letters: Sequence[Letter]) -> _Formula:
    """The signs of the denominators such that they are positive at g = 0."""
    if _is_plain(letters):
        polynomial = plain_moment([letter.transposed for letter in letters])
        scaled = fmpz_poly(polynomial.coeffs()[::-1])(fmpz_poly([1, -1]))  # over beta^degree
        below = ((_univariate([1, -1]), polynomial.degree()),) if polynomial.degree() else ()
        return _Formula(("square",), _univariate(scaled.coeffs()), 1, below)
    quotient = resolvent_quotient(letters, in_beta=False)
    numerator, factors = quotient.numerator, []
    for factor, exponent in quotient.factors:
        terms = factor.to_dict()
        if terms[min(terms)] < 0:  # the term without g^2
            terms, numerator = (-factor).to_dict(), numerator * (-1) ** exponent
        factors.append((terms, exponent))
    return _Formula(quotient.variables, numerator.to_dict(), quotient.scale, tuple(factors))


def _is_x(factor: Terms) -> bool:
    """Whether it is 1 - g^2."""
    return sorted((powers[0], sum(powers[1:]), c) for powers, c in factor.items()) == [(0, 0, 1), (1, 0, -1)]


def _univariate(coefficients: Sequence[Any]) -> Terms:
    return {(n,): fmpq(c) for n, c in enumerate(coefficients) if c != 0}


def _ordered(polynomial: Terms, falling: bool) -> list[tuple[tuple[int, ...], Any]]:
    """Terms by falling powers of beta, or by rising powers of g^2 and falling ones of the l."""
    return sorted(
        polynomial.items(),
        key=lambda term: (-term[0][0] if falling else term[0][0], [-n for n in term[0][1:]]),
    )


def _point_latex(point: Fraction | str) -> str:
    """A point of a resolvent: a Greek name, a letter, or the name upright, with digits as an index."""
    if not isinstance(point, str):
        return str(point)
    match = re.fullmatch(r"(.*?)_?(\d*)", point)
    name, index = (match[1], match[2]) if match and match[1] else (point, "")
    if name in GREEK:
        text = rf"\{GREEK[name]}"
    else:
        text = name if len(name) == 1 else rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"
    return f"{text}_{{{index}}}" if index else text


def _word_latex(letters: Sequence[Letter]) -> str:
    """phi of the word, equal neighbours as powers, broken into lines where it is long."""
    factors = []
    for letter, run in groupby(letters):
        base = r"\drvBT" if letter.transposed else r"\drvB"
        base += "" if letter.point == 1 else f"_{{{_point_latex(letter.point)}}}"
        count = len(list(run))
        factors.append(power(f"({base})" if letter.transposed and count > 1 else base, count))
    return rf"\drvphi({_rows(_broken(factors, ''))})"


def _text(letters: Sequence[Letter]) -> str:
    return " ".join(str(letter) for letter in letters)


def _header(letters: Sequence[Letter], form: str) -> str:
    return f'{HEADER} derive moment "{_text(letters)}" --format {form}'


def _label(letters: Sequence[Letter]) -> str:
    plain = _text(letters).replace("'", "T").replace("/", "over").replace("-", "minus")
    return "eq:moment-" + re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")
