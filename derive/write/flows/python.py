"""A flow's series as a self-contained Python module: one function a readout, and ``loss``."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from derive.flow.expansion import FlowExpansion, FlowSeries
from derive.flow.fractions import Fraction, Function
from derive.flow.printed import function_text
from derive.series.horner import INDENT, docstring_lines
from derive.series.polynomial_text import polynomial_text, sum_lines
from derive.write.flows.facts import statement, validity

WIDTH = 92
MODULE = '''\
# {header}
# Do not edit: the command above makes it again.
"""{title}: gradient flow or learning rule through tau**{order}, N -> infinity.

{statement}

{validity}

Arguments: learning time ``tau`` (learning rate times epochs), {parameters}connectivity strength ``g``.
{operators} All quantities are
dimensionless.
"""

ORDER = {order}
SYSTEM = "flow"
ROUTE = "{route}"
PARAMETERS = {values}
'''
PLAIN = "Only + - * / ** are used, so that numbers, numpy arrays, torch tensors, mpmath and ball arithmetic all pass."
SPECIAL = (
    "Beside + - * / ** functions of the arguments are used: their own methods, numpy's or those of math."
)
HELPER = '''

def _function(name, value):
    """exp, log, tanh or sqrt of a number, an array or a tensor."""
    method = getattr(value, name, None)
    if method is not None:
        return method()
    if hasattr(value, "context"):  # mpmath
        return getattr(value.context, name)(value)
    if hasattr(value, "__array__"):
        import numpy

        return getattr(numpy, name)(value)
    import math

    return getattr(math, name)(value)
'''


def flow_python(expansion: FlowExpansion, header: str) -> str:
    """Source of the module; the same bytes on every machine."""
    flow = expansion.flow
    functions = bool(expansion.variables.functions)
    said = "\n".join(f"    {left} = {right}" for left, right in statement(expansion))
    names = "".join(f"``{name}``, " for name in flow.parameters)
    head = MODULE.format(
        header=header,
        title=(flow.title or "A flow").replace("\\", "/").replace('"', "'"),
        order=expansion.order,
        statement=said.replace("\\", "/").replace('"', "'"),
        validity=textwrap.fill(validity(expansion), WIDTH),
        parameters=names,
        operators=textwrap.fill(SPECIAL if functions else PLAIN, WIDTH),
        route=expansion.route,
        values={name: str(value) for name, value in flow.values.items()},
    )
    parts = [head + HELPER * functions]
    parts += [series_source(name, series) for name, series in expansion.series.items()]
    return "\n\n".join(parts)


def series_source(name: str, series: FlowSeries) -> str:
    """One function, nested in tau, its coefficients nested in the other variables."""
    variables = series.variables
    arguments = ["tau", *variables.parameters, "g"]
    taken = {*variables.names, "tau", "g"}

    def free(wanted: str) -> str:
        while wanted in taken:
            wanted += "_"
        taken.add(wanted)
        return wanted

    one, total = free("one"), free("s")
    square = free("u")
    names = [*variables.names]
    names[variables.square] = square
    factors: dict[object, str] = {}
    terms = [_coefficient(c, names, one, factors, free) for c in series.coefficients]
    sums = sum_lines(terms, "tau", total)
    if len(terms) == 1 or not any("tau" in line for line in sums):
        sums[-1] = f"{sums[-1]} + tau * 0 * {one}"
    needed = set(re.findall(r"\w+", " ".join(sums)))
    lines: list[str] = []
    for factor, variable in reversed(factors.items()):
        text = polynomial_text(dict(factor), names, one)  # type: ignore[call-overload]
        lines.insert(0, f"{variable} = {text}")
        needed |= set(re.findall(r"\w+", text))
    for function in reversed(variables.functions):
        if function.name in needed:
            text = _function_line(function, names, one)
            lines.insert(0, f"{function.name} = {text}")
            needed |= set(re.findall(r"\w+", text))
    if "beta" in needed:
        lines.insert(0, f"beta = {one} / ((1 - g) * (1 + g))")
    if square in needed:
        lines.insert(0, f"{square} = g * g")
    lines.insert(0, f"{one} = ({' * '.join(arguments)})**0")
    docstring = "\n".join(
        [f"{name} through tau**{series.order}.", "", "Valid inside the radius of convergence."]
    )
    body = [*docstring_lines(docstring), *(INDENT + line for line in [*lines, *sums, f"return {total}"])]
    return "\n".join([f"def {name}({', '.join(arguments)}):", *body]) + "\n"


def _coefficient(
    value: Fraction, names: Sequence[str], one: str, factors: dict[object, str], free: object
) -> str:
    if not value.numerator:
        return "0"
    text = polynomial_text(value.numerator, names, one)
    if not (value.beta_power or value.factors):
        return f"({text})" if " " in text else text
    text = f"({text})"
    if value.beta_power:
        text += f" * beta**{value.beta_power}"
    for factor, power in value.factors:
        if factor not in factors:
            factors[factor] = free(f"d{len(factors)}")  # type: ignore[operator]
        text += f" / {factors[factor]}" + (f"**{power}" if power > 1 else "")
    return text


def _function_line(function: Function, names: Sequence[str], one: str) -> str:
    above = polynomial_text(function.above, names[: _width(function)], one)
    below = polynomial_text(function.below, names[: _width(function, below=True)], one)
    kind = "sqrt" if function.kind == "root" else function.kind
    argument = f"({above}) * {one}" + (f" / ({below})" if below != "1" else "")
    return f'_function("{kind}", {argument})'


def _width(function: Function, below: bool = False) -> int:
    return max((len(powers) for powers in (function.below if below else function.above)), default=0)


__all__ = ["flow_python", "function_text", "series_source"]
