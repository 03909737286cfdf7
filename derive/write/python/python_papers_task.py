"""Emitted Python functions of what is derived for the paper's task alone: W learns, m and w independent."""

from __future__ import annotations

from collections.abc import Mapping

from derive.document.formulas import formula_text, outlier_text, scaling_text
from derive.document.observables import leading_coefficients, progress_observables, scaling_functions
from derive.observables.scaling_function import ScalingFunction
from derive.series.horner import INDENT, arguments, docstring_lines, function_source
from derive.tasks.expansion import Expansion
from derive.write.python.python_function import (
    WIDTH,
    formulas_docstring,
    function_text,
    returned_tuple,
    together,
)

TRUNCATED = "Valid inside the radius of convergence; truncated after tau**{order}."


def papers_task_functions(expansion: Expansion) -> list[str]:
    """The source of each function."""
    sources = [_leading_singular_values(expansion), _eigenvalues_g0(expansion), _outlier_equation(expansion)]
    sources += _end_of_learning(expansion)
    if functions := scaling_functions(expansion):
        for name, variable in (("universal", "ttilde"), ("universal_end", "delta")):
            chosen = {key: f for key, f in functions.items() if f.variable == variable}
            sources.append(_universal(name, variable, chosen))
    return sources


def _leading_singular_values(expansion: Expansion) -> str:
    """The first term of s_1, s_2, ..., whatever the order."""
    leading = leading_coefficients(expansion)
    body, results = together((f"s{x.r}", x.series) for x in leading)
    docstring = formulas_docstring(
        f"First terms of the singular values s1, ..., s{len(leading)} of W - W0, as a tuple.",
        [f"s{x.r} ~ {x.term_text()}" for x in leading],
        "Each is the limit of s_r at small tau, whatever the order of this module.",
    )
    like = leading[0].series
    lines = [*body, *returned_tuple(results)]
    return function_text("leading_singular_values", arguments(like), docstring, lines, like)


def _eigenvalues_g0(expansion: Expansion) -> str:
    """mean +- split/sqrt(3) at g = 0; the root is taken in the type of the arguments."""
    both = expansion.eigenvalues_g0
    body, results = together((series.symbol, series) for series in both)
    docstring = formulas_docstring(
        "Eigenvalues of W - W0 at g = 0, mean +- split/sqrt(3), larger first (eigenvalues of A, Eq. 9).",
        [formula_text(series, WIDTH - 4) for series in both],
        TRUNCATED.format(order=expansion.order),
    )
    lines = [*body, f"mean = {results[0]}", f"offset = {results[1]} / (one * 3) ** 0.5"]
    lines.append("return mean + offset, mean - offset")
    return function_text("eigenvalues_g0", "tau, zhat", docstring, lines, both[0])


def _outlier_equation(expansion: Expansion) -> str:
    """D as nested sums over m and q."""
    equation = expansion.outlier_equation
    parts = equation.parts[1:]
    body, results = together((part.series.symbol.lower(), part.series) for part in parts)
    named = {(part.m, part.q): part.series.symbol.lower() for part in parts}
    lines = [*body, *(f"{name} = {x}" for name, x in zip(named.values(), results, strict=True))]
    lines += [] if equation.at_g0 or not parts else ["q = lam - u", "p = lam / (q * q)"]
    total, times = "", " / lam" if equation.at_g0 else " * p"
    for m in range(max((m for m, _ in named), default=0), 0, -1):
        row = [name for (power, _), name in named.items() if power == m]
        inner = row[-1]
        for name in row[-2::-1]:
            inner = f"{name} + ({inner}) / q" if " " in inner else f"{name} + {inner} / q"
        lines.append(f"d{m} = {inner}{total}")
        total = f" + d{m}{times}"
    lines.append(f"return 1{total}" if total else "return (lam * tau * zhat * g)**0")
    docstring = formulas_docstring(
        "D(lam, tau), whose roots with |lam| > g are the outliers of W, its eigenvalues outside the disc.",
        [outlier_text(equation, WIDTH - 4), *(formula_text(part.series, WIDTH - 4) for part in parts)],
        f"lam may be complex. {TRUNCATED.format(order=equation.order)}",
    )
    like = equation.parts[0].series
    return function_text("outlier_equation", f"lam, {arguments(like)}", docstring, lines, like)


def _end_of_learning(expansion: Expansion) -> list[str]:
    """Functions of (delta, zhat, g), delta = z/zhat."""
    sources = []
    for o in progress_observables(expansion):
        docstring = formulas_docstring(
            f"{o.title[0].upper()}{o.title[1:]} (delta = z/zhat; Schuessler et al. 2020, Fig. 4).",
            [formula_text(o.series.in_tau, WIDTH - 4, "delta")],
            "At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;\n"
            f"truncated after delta**{o.series.order}.",
        )
        sources.append(function_source(o.name, o.series.in_tau, docstring, "delta"))
    return sources


def _universal(name: str, variable: str, functions: Mapping[str, ScalingFunction]) -> str:
    """A dictionary of the limits g -> 1, by the names of the functions whose limits they are."""
    body, results = together((key, f.in_square_root) for key, f in functions.items())
    docstring = formulas_docstring(
        f"Scaling functions: limits g -> 1 at fixed {variable} and y = zhat**2*beta, as a dictionary.",
        [scaling_text(f, WIDTH - 4) for f in functions.values()],
        "As g -> 1 the curves of one y all collapse on these.",
    )
    lines = [f"t = {variable}"]
    if any(" one" in text for text in (*body, *results)):
        lines.append(f"one = ({variable} * y)**0")
    values = (result.replace("(tau * zhat * g)", f"({variable} * y)") for result in results)
    lines += [*body, "return {"]
    lines += [f'{INDENT}"{key}": {value},' for key, value in zip(functions, values, strict=True)]
    head = [f"def {name}({variable}, y):", *docstring_lines(docstring)]
    return "\n".join([*head, *(INDENT + line for line in (*lines, "}"))]) + "\n"
