"""Series and sums of words of a flow as the sums of LaTeX's displays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from derive.document.variables import latex_name
from derive.flow.expanded.flow_series import FlowSeries
from derive.flow.expanded.fractions import Fraction, Terms, Variables, parts
from derive.flow.expanded.printed import ordered
from derive.flow.product_rule.overlap_book import NamedOverlap
from derive.flow.product_rule.words import Word, letter_number
from derive.tasks.flow_words import OrderSeries
from derive.write.latex.latex_layout import Group, joined, monomial, power
from derive.write.latex.latex_series import TAU

HOUSE = {"zhat": r"\drvzhat", "beta": r"\drvbeta", "rho": r"\drvrho"}
START, STRENGTH, IMAGINARY = "W_0", r"\drvg", r"\mathrm{i}"


def series_groups(series: FlowSeries) -> list[Group]:
    """One group for each power of tau."""
    return [
        group
        for k, fraction in enumerate(series.coefficients)
        for group in _groups(fraction, series.variables, power(TAU, k))
    ]


def order_groups(order: OrderSeries) -> list[Group]:
    """One group for each word."""
    groups: list[Group] = []
    if order.multiple is not None and order.multiple != 0:
        groups += _element(order, order.multiple, START)
    for words, value in order.terms:
        word = _column(order, words[0])
        if len(words) > 1:
            word += " " + _row(order, words[1])
        groups += _element(order, value, word)
    return groups


def _element(order: OrderSeries, value: Any, word: str) -> list[Group]:
    re_part, im_part = parts(value, order.ring)
    return [
        *_groups(re_part, order.variables, word),
        *_groups(im_part, order.variables, word, IMAGINARY),
    ]


def _groups(fraction: Fraction, variables: Variables, suffix: str, prefix: str = "") -> list[Group]:
    if not fraction.numerator:
        return []
    before = [prefix] if prefix else []
    if fraction.beta_power:
        before.append(power(HOUSE["beta"], fraction.beta_power))
    below = [power(f"({joined(_monomials(dict(factor), variables))})", -n) for factor, n in fraction.factors]
    behind = r"\,".join([*below, *([suffix] if suffix else [])])
    return [Group(r"\,".join(before), tuple(_monomials(fraction.numerator, variables)), behind)]


def _monomials(terms: Terms, variables: Variables) -> list[tuple[bool, str]]:
    return [monomial(c, _powers(powers, variables)) for powers, c in ordered(terms)]


def _powers(powers: Iterable[int], variables: Variables) -> list[tuple[str, int]]:
    found = []
    for position, n in enumerate(powers):
        if not n:
            continue
        if position == variables.square:
            found.append((STRENGTH, 2 * n))
        elif position > variables.square:
            found.append((_function(position - variables.square - 1, variables), n))
        elif position >= len(variables.plain) and position < len(variables.parameters):
            found.append((_overlap(variables.overlaps[position - len(variables.plain)]), n))
        else:
            name = variables.names[position]
            found.append((HOUSE.get(name, latex_name(name)), n))
    return found


def _overlap(overlap: NamedOverlap) -> str:
    """The overlap as what it is, in brackets."""
    letters = [_numbered(code) for code in overlap.letters]
    word = " ".join([rf"{{{latex_name(overlap.left)}}}^{{\top}}", *letters, latex_name(overlap.right)])
    part = {"re": r"\operatorname{Re}", "im": r"\operatorname{Im}"}.get(overlap.part, "")
    return rf"{{{part}({word})}}"


def _numbered(code: str) -> str:
    """W0, B, B2 of a name, as the words of one network are named."""
    number = letter_number(code)
    stem = START if code.lower() == "z" else "B" if not number else rf"B_{{{number + 1}}}"
    return rf"{{{stem}}}^{{\top}}" if code.isupper() else stem


def _function(number: int, variables: Variables) -> str:
    function = variables.functions[number]
    above = joined(_monomials(function.above, variables))
    below = joined(_monomials(function.below, variables))
    argument = above if below == "1" else rf"\frac{{{above}}}{{{below}}}"
    return rf"{{\sqrt{{{argument}}}}}" if function.kind == "root" else rf"{{\{function.kind}({argument})}}"


def _column(order: OrderSeries, word: Word) -> str:
    letters, vector = word
    return " ".join([*(_letter(order, code) for code in letters), latex_name(vector)])


def _row(order: OrderSeries, word: Word) -> str:
    letters, vector = word
    turned = (_letter(order, code.swapcase()) for code in reversed(letters))
    return " ".join([rf"{{{latex_name(vector)}}}^{{\top}}", *turned])


def _letter(order: OrderSeries, code: str) -> str:
    if code.lower() == "z":
        return rf"{START}^{{\top}}" if code.isupper() else START
    macro = r"\drvBT" if code.isupper() else r"\drvB"
    number = letter_number(code)
    re_part, im_part = parts(order.points[number], order.ring)
    terms = _monomials(re_part.numerator, order.variables) if re_part.numerator else []
    for negative, body in _monomials(im_part.numerator, order.variables) if im_part.numerator else []:
        terms.append((negative, IMAGINARY + ("" if body == "1" else rf"\,{body}")))
    point = joined(terms)
    return macro if point == "1" else f"{macro}({point})"
