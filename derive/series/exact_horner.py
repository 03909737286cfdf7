"""An `ExactSeries` as lines of Python: a Horner sum in tau of nested polynomials over known factors.

The reciprocals of the factors are r0, r1, ...; numbers are exact, as `polynomial_text` writes them.
"""

from __future__ import annotations

import re
from typing import Any

from derive.series.exact_series import ExactSeries
from derive.series.horner import INDENT, docstring_lines
from derive.series.polynomial_text import polynomial_text, sum_lines


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
        return polynomial_text(terms, (*scalars.names, *inverses), one)

    terms = [text(coefficient) for coefficient in series.coefficients]
    if len(terms) == 1:
        terms = [f"({terms[0]}) * {one}"]
    sums = sum_lines(terms, "tau", total)
    used = {word for line in sums for word in re.findall(r"\w+", line)}
    divisions = [
        f"{inverse} = {one} / ({polynomial_text(factor, scalars.names, one)})"
        for inverse, factor in zip(inverses, scalars.factors, strict=True)
        if inverse in used
    ]
    ones = [f"{one} = ({' * '.join(['tau', *scalars.names])})**0"] if divisions or one in used else []
    lines = [f"def {name}({', '.join(['tau', *scalars.names])}):"]
    lines += docstring_lines(docstring) if docstring else []
    lines += [INDENT + line for line in (*ones, *divisions, *sums)]
    return "\n".join([*lines, f"{INDENT}return {total}"]) + "\n"
