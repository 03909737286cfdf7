"""A self-contained Python module per order: the observables as functions of (tau, zhat, g)."""

from __future__ import annotations

import textwrap

from derive.algebra.horner import (
    INDENT,
    arguments,
    docstring_lines,
    function_source,
    horner_lines,
    preparation,
)
from derive.algebra.series import Series
from derive.emit.formulas import formula_text
from derive.emit.observables import Observable, is_papers_task, observables, progress_observables
from derive.emit.observables import validity as validity_text
from derive.emit.request import Request
from derive.emit.trust_functions import error_estimate_source, radius_source
from derive.fixed_point.expansion import Expansion

WIDTH = 92

MODULE = '''\
# {header}
# Do not edit: the command above makes it again.
"""The fixed-point task of Schuessler et al. 2020, gradient flow through tau**{order}{limit}.

A linear network x' = -x + W x + sqrt(N) m, readout z = w.x/sqrt(N) at the fixed point, target zhat,
loss (zhat - z)**2/2; {learns}. W(0) = W0 has i.i.d. entries of variance g**2/N.

{validity}

Arguments: learning time ``tau`` (learning rate times epochs; ttilde = beta**2 * tau with
beta = 1/(1 - g**2)), target ``zhat``, connectivity strength ``g``{rho}. Only + - * / ** are used, so that
numbers, numpy arrays, torch tensors, mpmath and ball arithmetic all pass. All quantities are
dimensionless.
"""

ORDER = {order}
SYSTEM = "fixed-point"
'''

G0_NOTE = (
    "\n\nHere g = 0 and beta = 1 throughout; the argument g is there for a common signature and must be 0."
)


def python_module(expansion: Expansion, request: Request) -> str:
    """Source of the module for one request; the same bytes on every machine."""
    g0 = request.g0
    task = expansion.task
    validity = textwrap.fill(validity_text(expansion), WIDTH)
    learns = "only W learns" if task.train == ("W",) else f"learning: {', '.join(task.train)}"
    head = MODULE.format(
        header=request.header,
        order=expansion.order,
        limit=" at g = 0" if g0 else "",
        validity=validity + (G0_NOTE if g0 else ""),
        learns=learns,
        rho=", overlap ``rho``" if isinstance(task.alignment, str) else "",
    )
    printed = observables(expansion)
    parts = [head]
    for observable in printed:
        if observable.name[0] != "s" or not observable.name[1:].isdigit():
            docstring = series_docstring(f"{observable.title[0].upper()}{observable.title[1:]}", [observable])
            parts.append(function_source(observable.name, observable.series, docstring))
    values = [o for o in printed if o.name[0] == "s" and o.name[1:].isdigit()]
    parts.append(singular_values_source("singular_values", values))
    parts.append(_a_matrix(expansion))
    if is_papers_task(task):
        parts.append(_eigenvalues_g0(expansion))
        parts += _end_of_learning(expansion)
    parts.append(error_estimate_source(expansion))
    if task.alignment == 0 and task.train == ("W",):  # what the radius was fitted to
        parts.append(radius_source(g0))
    return "\n\n".join(parts)


def series_docstring(title: str, printed: list[Observable]) -> str:
    """What a function is, with its formulas in ttilde and how far they hold."""
    formulas = [textwrap.indent(formula_text(o.series, WIDTH - 4), INDENT) for o in printed]
    order = printed[0].series.order
    return "\n".join(
        [
            f"{title} ({printed[0].source}).",
            "",
            *formulas,
            "",
            f"Valid inside the radius of convergence; truncated after tau**{order}.",
        ]
    )


def singular_values_source(name: str, values: list[Observable]) -> str:
    """One function returning the tuple of all singular values."""
    body: list[str] = []
    results: list[str] = []
    for observable in values:
        lines, result = horner_lines(observable.series, accumulator=observable.name)
        body += lines
        results.append(result)
    count = len(values)
    title = (
        f"Leading {count} singular values of W - W0, as a tuple" if count > 1 else "Singular value, a tuple"
    )
    series = values[0].series
    lines = [f"def {name}({arguments(series)}):"]
    lines += docstring_lines(series_docstring(title, values))
    lines += [
        INDENT + line
        for line in (*preparation(body, " ".join(results), series.at_g0, series.alignment), *body)
    ]
    return "\n".join([*lines, *_returned_tuple(results)]) + "\n"


def _eigenvalues_g0(expansion: Expansion) -> str:
    """mean +- split/sqrt(3) at g = 0; the root is taken in the type of the arguments."""
    body: list[str] = []
    results: list[str] = []
    for series in expansion.eigenvalues_g0:
        lines, result = horner_lines(series, accumulator=series.symbol)
        body += lines
        results.append(result.replace("(tau * zhat * g)", "(tau * zhat)"))
    printed = [Observable(s.symbol, s.symbol, "eigenvalues of A, Eq. 9", s) for s in expansion.eigenvalues_g0]
    title = "Eigenvalues of W - W0 at g = 0, mean +- split/sqrt(3), larger first"
    body += [f"mean = {results[0]}", f"offset = {results[1]} / (one * 3) ** 0.5"]
    lines = ["def eigenvalues_g0(tau, zhat):", *docstring_lines(series_docstring(title, printed))]
    setup = preparation(body, "one", True)
    lines += [INDENT + line.replace(" * g", "") for line in (*setup, *body)]
    return "\n".join([*lines, f"{INDENT}return mean + offset, mean - offset"]) + "\n"


def _end_of_learning(expansion: Expansion) -> list[str]:
    """Functions of (delta, zhat, g), delta = z/zhat."""
    sources = []
    for o in progress_observables(expansion):
        formula = textwrap.indent(formula_text(o.series.in_tau, WIDTH - 4, "delta"), INDENT)
        docstring = (
            f"{o.title[0].upper()}{o.title[1:]} (delta = z/zhat; Schuessler et al. 2020, Fig. 4).\n\n"
            f"{formula}\n\n"
            "At delta = 1 - 0.05**0.5, 5% of the loss are left. Converges where zhat**2*beta is small;\n"
            f"truncated after delta**{o.series.in_tau.order}."
        )
        sources.append(function_source(o.name, o.series.in_tau, docstring, "delta"))
    return sources


def _returned_tuple(results: list[str]) -> list[str]:
    return [f"{INDENT}return (", *(f"{INDENT * 2}{result}," for result in results), f"{INDENT})"]


def _a_matrix(expansion: Expansion) -> str:
    """((A11, A12), (A21, A22)) at g = 0."""
    flat: list[Series] = [series for row in expansion.a_matrix for series in row]
    body: list[str] = []
    results: list[str] = []
    for series in flat:
        name = series.symbol.lower()
        lines, result = horner_lines(series, accumulator=name)
        body += lines
        results.append(result.replace("(tau * zhat * g)", "(tau * zhat)"))
    source = "Schuessler et al. 2020, Eq. 9 and 10"
    printed = [Observable(series.symbol, series.symbol, source, series) for series in flat]
    title = "2x2 matrix A at g = 0, where W - W0 = [w m] A [w m]^T"
    alignment = flat[0].alignment
    setup = preparation(body, " ".join(results), True, alignment)
    symbolic = isinstance(alignment, str)
    lines = [
        f"def a_matrix(tau, zhat{', rho' * symbolic}):",
        *docstring_lines(series_docstring(title, printed)),
    ]
    lines += [INDENT + line.replace(" * g", "") for line in (*setup, *body)]
    rows = [f"({results[0]}, {results[1]})", f"({results[2]}, {results[3]})"]
    return "\n".join([*lines, *_returned_tuple(rows)]) + "\n"
