"""An `ExactSeries` as lines of Python: a Horner sum in tau of nested polynomials over known factors.

A rational number p/q is written in digits of base 2^52, p = 2^(52 k) (p_k + (p_(k-1) + ...)/2^52), and
q likewise: every integer is exact and below 2^53, and nothing overflows that the coefficient itself does
not. The reciprocals of the factors are r0, r1, ...
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from derive.algebra.exact_series import ExactSeries
from derive.algebra.horner import BASE, INDENT, LARGEST, docstring_lines, nested


def exact_function_source(name: str, series: ExactSeries, docstring: str | None) -> str:
    """Source of ``def name(tau, *symbols)`` returning the truncated sum; symbols in alphabetical order."""
    scalars = series.scalars
    reserved = {"one", "s", *(f"r{k}" for k in range(len(scalars.factors)))} & set(scalars.names)
    end = "_" * (1 + max(len(n) - len(n.rstrip("_")) for n in scalars.names)) if reserved else ""
    one, total = f"one{end}", f"s{end}"
    inverses = [f"r{k}{end}" for k in range(len(scalars.factors))]

    def text(coefficient: Any) -> str:
        groups = scalars.fractions(coefficient)
        terms = {powers + p: c for p, numerator in groups.items() for powers, c in numerator.items()}
        return _polynomial(terms, (*scalars.names, *inverses), one)

    terms = [text(coefficient) for coefficient in series.coefficients]
    sums = [f"{total} = {terms[-1]}" if len(terms) > 1 else f"{total} = ({terms[-1]}) * {one}"]
    for term in reversed(terms[:-1]):
        sums.append(f"{total} = {total} * tau" + (f" + {term}" if term != "0" else ""))
    used = {word for line in sums for word in re.findall(r"\w+", line)}
    divisions = [
        f"{inverse} = {one} / ({_polynomial(factor, scalars.names, one)})"
        for inverse, factor in zip(inverses, scalars.factors, strict=True)
        if inverse in used
    ]
    ones = [f"{one} = ({' * '.join(['tau', *scalars.names])})**0"] if divisions or one in used else []
    lines = [f"def {name}({', '.join(['tau', *scalars.names])}):"]
    lines += docstring_lines(docstring) if docstring else []
    lines += [INDENT + line for line in (*ones, *divisions, *sums)]
    return "\n".join([*lines, f"{INDENT}return {total}"]) + "\n"


def _polynomial(terms: Mapping[tuple[int, ...], Any], variables: tuple[str, ...], one: str) -> str:
    """Nested sums, the first variable outermost; ``terms`` from powers to rational numbers."""
    if not terms:
        return "0"
    if not variables:
        return _number(terms[()], one)
    parts: list[dict[tuple[int, ...], Any]] = [{} for _ in range(1 + max(powers[0] for powers in terms))]
    for powers, coefficient in terms.items():
        parts[powers[0]][powers[1:]] = coefficient
    return nested([_polynomial(part, variables[1:], one) for part in parts], variables[0])


def _number(value: Any, one: str) -> str:
    """p/q: an integer below 2^53 as it is, anything else on the typed ``one``."""
    above, below = abs(int(value.p)), int(value.q)
    if below == 1 and above < LARGEST:
        return str(above) if value.p >= 0 else f"(-{above})"
    (numerator, high), (denominator, low) = _digits(above, one), _digits(below, one)
    text = numerator if one in numerator else f"{one} * {numerator}"
    text += f" / {denominator}" if denominator != "1" else ""
    text += f" {'*' if high > low else '/'} {BASE}" * abs(high - low)
    return text if value.p >= 0 else f"(-{text})"


def _digits(value: int, one: str) -> tuple[str, int]:
    """A text and an exponent: value = text * BASE**exponent."""
    if value < LARGEST:
        return str(value), 0
    digits = []
    while value:
        value, digit = divmod(value, BASE)
        digits.append(digit)
    text = ""
    for digit in digits:
        text = f"({digit} + {text} / {BASE})" if text else f"{one} * {digit}"
    return text, len(digits) - 1
