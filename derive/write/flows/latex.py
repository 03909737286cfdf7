"""A flow's expansion as LaTeX: a fragment for \\input under amsmath, and a document around it.

Every symbol is one macro, set by \\providecommand. The macro of a parameter or a vector is drv and its name, its
meaning a function of the name, so that two fragments never disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from derive.flow.expansion import FlowExpansion, FlowSeries
from derive.flow.fractions import Fraction, Terms, Variables
from derive.flow.printed import ordered
from derive.flow.product_rule.words import Word
from derive.write.flows.facts import moving_matrices, moving_vectors, statement, validity
from derive.write.latex.latex_document import document, preamble
from derive.write.latex.latex_layout import Group, display, joined, monomial, power

LOWER = "alpha gamma delta epsilon zeta eta theta iota kappa mu nu xi pi rho sigma tau phi chi psi omega"
UPPER = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
GREEK = {"lam": "lambda", "eps": "epsilon"} | {name: name for name in f"{LOWER} {UPPER}".split(" ")}
DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
HATS = {"hat": "hat", "bar": "bar", "tilde": "tilde"}
STANDARD = {r"\drvtau": r"\tau", r"\drvbeta": r"\beta", r"\drvg": "g", r"\drvO": r"\mathcal{O}"}
WORDS = {r"\drvW": "W", r"\drvB": "B", r"\drvBT": r"B^{\top}", r"\drvWZ": "W_0", r"\drvWZT": r"W_0^{\top}"}
MOST_TERMS = 60
"""Terms of one W_k that are printed; JSON has all."""


class _Macros:
    """The macros that a fragment uses, in the order of their first use."""

    def __init__(self) -> None:
        self.used: dict[str, str] = {}

    def standard(self, macro: str) -> str:
        self.used.setdefault(macro, (STANDARD | WORDS)[macro])
        return macro

    def name(self, name: str, transposed: bool = False) -> str:
        """The macro of a parameter, a readout or a vector."""
        letters = "".join(DIGITS[int(c)] if c.isdigit() else c for c in name if c != "_")
        macro = rf"\drv{letters}" + ("T" if transposed else "")
        meaning = name_latex(name)
        self.used.setdefault(macro, rf"{meaning}^{{\top}}" if transposed else meaning)
        return macro


def name_latex(name: str) -> str:
    """zhat as a hat, a Greek name as its letter, digits and what follows _ as an index."""
    if name == "loss":
        return r"\mathcal{L}"
    base, _, index = name.partition("_")
    if match := re.fullmatch(r"([A-Za-z]+?)(\d+)", base):
        base, index = match[1], match[2] + (f",{index}" if index else "")
    for ending, accent in HATS.items():
        if base.endswith(ending) and base != ending:
            text = rf"\{accent}{{{name_latex(base[: -len(ending)])}}}"
            break
    else:
        if base in GREEK:
            text = rf"\{GREEK[base]}"
        else:
            text = base if len(base) == 1 else rf"\mathrm{{{base}}}"
    index = index.replace("_", ",")
    return (
        f"{text}_{{{index if len(index) <= 1 or index.isdigit() else rf'{chr(92)}mathrm{{{index}}}'}}}"
        if index
        else text
    )


def flow_latex(expansion: FlowExpansion, header: str, stem: str, per_line: int) -> str:
    """Macros and one display for each series and each W_k."""
    macros = _Macros()
    label = "eq:" + re.sub(r"[^A-Za-z0-9]+", "-", stem)
    displays = [
        _series_display(name, series, macros, f"{label}-{name.replace('_', '-')}", per_line)
        for name, series in expansion.series.items()
    ]
    for name in moving_matrices(expansion):
        displays += _matrix_displays(expansion, name, macros, label, per_line)
    for name in moving_vectors(expansion):
        displays += _vector_displays(expansion, name, macros, label, per_line)
    said = [f"{left} = {right}" for left, right in statement(expansion)]
    lines = preamble(header, macros.used, *said, validity(expansion))
    return "\n".join([*lines, *displays])


def flow_document(expansion: FlowExpansion, header: str, fragment: str) -> str:
    """A document that compiles by itself."""
    said = r"\\".join(rf"\texttt{{{_typed(f'{a} = {b}')}}}" for a, b in statement(expansion))
    introduction = (
        "\n" + rf"\noindent {said}" + "\n\n" + rf"\medskip\noindent {_typed(validity(expansion))}" + "\n"
    )
    title = _typed(expansion.flow.title or "Flow") + rf": expansion through $\tau^{{{expansion.order}}}$"
    return document(header, title, introduction, fragment)


def _typed(text: str) -> str:
    """Text as it is, for LaTeX."""
    special = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    escaped = "".join(special.get(c, rf"\{c}" if c in "&%$#_{}" else c) for c in text)
    return (
        escaped.replace("<=", r"$\le$")
        .replace("->", r"$\to$")
        .replace("<", "$<$")
        .replace(">", "$>$")
        .replace("|", r"$|$")
    )


def _series_display(name: str, series: FlowSeries, macros: _Macros, label: str, per_line: int) -> str:
    tau = macros.standard(r"\drvtau")
    groups = [
        group
        for k, fraction in enumerate(series.coefficients)
        for group in _groups(fraction, series.variables, macros, power(tau, k))
    ]
    left = f"{macros.name(name)}({tau})"
    rest = rf"{macros.standard(chr(92) + 'drvO')}({power(tau, series.order + 1)})"
    return display(left, groups, label, per_line, remainder=rest)


def _groups(
    fraction: Fraction, variables: Variables, macros: _Macros, suffix: str, prefix: str = ""
) -> list[Group]:
    if not fraction.numerator:
        return []
    terms = _monomials(fraction.numerator, variables, macros)
    below = [
        rf"({joined(_monomials(dict(factor), variables, macros))})" + (f"^{{{n}}}" if n > 1 else "")
        for factor, n in fraction.factors
    ]
    parts = [prefix] if prefix else []
    if fraction.beta_power:
        parts.append(power(macros.standard(r"\drvbeta"), fraction.beta_power))
    if below:
        parts.append(rf"\frac{{1}}{{{''.join(below)}}}")
    return [Group(r"\,".join(parts), tuple(terms), suffix)]


def _monomials(terms: Terms, variables: Variables, macros: _Macros) -> list[tuple[bool, str]]:
    return [monomial(c, _powers(powers, variables, macros)) for powers, c in ordered(terms)]


def _powers(powers: Iterable[int], variables: Variables, macros: _Macros) -> list[tuple[str, int]]:
    found = []
    for position, n in enumerate(powers):
        if not n:
            continue
        if position == variables.square:
            found.append((macros.standard(r"\drvg"), 2 * n))
        elif position == variables.square - 1:
            found.append((macros.standard(r"\drvbeta"), n))
        elif position > variables.square:
            found.append((_function(position - variables.square - 1, variables, macros), n))
        else:
            found.append((macros.name(variables.names[position]), n))
    return found


def _function(number: int, variables: Variables, macros: _Macros) -> str:
    function = variables.functions[number]
    above = joined(_monomials(function.above, variables, macros))
    below = joined(_monomials(function.below, variables, macros))
    argument = above if below == "1" else rf"\frac{{{above}}}{{{below}}}"
    if function.kind == "root":
        return rf"\sqrt{{{argument}}}\,"
    return rf"{{\{function.kind}({argument})}}"


def _matrix_displays(
    expansion: FlowExpansion, name: str, macros: _Macros, label: str, per_line: int
) -> list[str]:
    found = []
    for k, order in enumerate(expansion.change.matrix(name), 1):
        groups: list[Group] = []
        if order.multiple != 0:
            groups += _element_groups(expansion, order.multiple, macros, macros.standard(r"\drvWZ"))
        items = sorted(order.terms.items(), key=lambda item: (sum(len(w[0]) for w in item[0]), item[0]))
        for (left, right), c in items[:MOST_TERMS]:
            word = f"{_column(expansion, left, macros)} {_row(expansion, right, macros)}"
            groups += _element_groups(expansion, c, macros, word)
        rest = rf"\text{{{len(items) - MOST_TERMS} further terms}}" if len(items) > MOST_TERMS else ""
        left_side = rf"{macros.name(name) if name != 'W' else macros.standard(chr(92) + 'drvW')}_{{{k}}}"
        found.append(display(left_side, groups, f"{label}-{name}-{k}", per_line, remainder=rest))
    return found


def _vector_displays(
    expansion: FlowExpansion, name: str, macros: _Macros, label: str, per_line: int
) -> list[str]:
    found = []
    for k, words in enumerate(expansion.change.vector(name), 1):
        groups = [
            group
            for word, c in sorted(words.items(), key=lambda item: (len(item[0][0]), item[0]))
            for group in _element_groups(expansion, c, macros, _column(expansion, word, macros))
        ]
        left_side = rf"{macros.name(name)}^{{({k})}}"
        found.append(display(left_side, groups, f"{label}-{name}-{k}", per_line))
    return found


def _element_groups(expansion: FlowExpansion, value: object, macros: _Macros, word: str) -> list[Group]:
    from derive.flow.fractions import parts

    re_part, im_part = parts(value, expansion.change.ring)
    return [
        *_groups(re_part, expansion.variables, macros, word),
        *_groups(im_part, expansion.variables, macros, word, prefix=r"\mathrm{i}"),
    ]


def _column(expansion: FlowExpansion, word: Word, macros: _Macros) -> str:
    letters, vector = word
    return " ".join([*(_letter(expansion, code, macros) for code in letters), macros.name(vector)])


def _row(expansion: FlowExpansion, word: Word, macros: _Macros) -> str:
    letters, vector = word
    turned = (_letter(expansion, code.swapcase(), macros) for code in reversed(letters))
    return " ".join([macros.name(vector, transposed=True), *turned])


def _letter(expansion: FlowExpansion, code: str, macros: _Macros) -> str:
    if code.lower() == "z":
        return macros.standard(r"\drvWZT" if code.isupper() else r"\drvWZ")
    macro = macros.standard(r"\drvBT" if code.isupper() else r"\drvB")
    number = ord(code.lower()) - ord("a")
    if expansion.points[number] == "1":
        return macro
    return rf"{macro}({_point(expansion, number, macros)})"


def _point(expansion: FlowExpansion, number: int, macros: _Macros) -> str:
    from derive.flow.fractions import parts

    re_part, im_part = parts(expansion.change.scalars.points[number], expansion.change.ring)
    terms = _monomials(re_part.numerator, expansion.variables, macros) if re_part.numerator else []
    if im_part.numerator:
        for sign, body in _monomials(im_part.numerator, expansion.variables, macros):
            terms.append((sign, r"\mathrm{i}" + ("" if body == "1" else rf"\,{body}")))
    return joined(terms)
