"""A self-contained Python module per order: the observables as functions of (tau, zhat, g)."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from derive.document.formulas import formula_text
from derive.document.observables import PrintedSeries, is_papers_task, observables, singular_vectors
from derive.document.observables import validity as validity_text
from derive.document.request import Request
from derive.observables.singular_values import is_singular_value
from derive.series.horner import arguments, function_source
from derive.tasks.expansion import Expansion
from derive.write.python.python_function import (
    WIDTH,
    formulas_docstring,
    function_text,
    returned_tuple,
    together,
)
from derive.write.python.python_papers_task import papers_task_functions
from derive.write.python.trust_functions import error_estimate_source, radius_source

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
        if not is_singular_value(observable.name):
            docstring = series_docstring(f"{observable.title[0].upper()}{observable.title[1:]}", [observable])
            parts.append(function_source(observable.name, observable.series, docstring))
    values = [o for o in printed if is_singular_value(o.name)]
    parts.append(singular_values_source("singular_values", values))
    if singular_vectors(expansion):
        parts.append(_singular_vectors(expansion))
    parts.append(_a_matrix(expansion))
    if is_papers_task(task):
        parts += papers_task_functions(expansion)
    parts.append(error_estimate_source(expansion))
    if is_papers_task(task):  # what the radius was fitted to
        parts.append(radius_source(g0))
    return "\n\n".join(parts)


def series_docstring(title: str, printed: list[PrintedSeries]) -> str:
    """What a function is, with its formulas in ttilde and how far they hold."""
    return formulas_docstring(
        f"{title} ({printed[0].source}).",
        [formula_text(o.series, WIDTH - 4) for o in printed],
        f"Valid inside the radius of convergence; truncated after tau**{printed[0].series.order}.",
    )


def singular_values_source(name: str, values: list[PrintedSeries]) -> str:
    """One function returning the tuple of all singular values."""
    body, results = together((o.name, o.series) for o in values)
    count = len(values)
    title = (
        f"Leading {count} singular values of W - W0, as a tuple" if count > 1 else "Singular value, a tuple"
    )
    series = values[0].series
    lines = [*body, *returned_tuple(results)]
    return function_text(name, arguments(series), series_docstring(title, values), lines, series)


def _singular_vectors(expansion: Expansion) -> str:
    """One function returning, for each pair, its coordinates in the chain and its squared norm."""
    body: list[str] = []
    returned = []
    formulas = []
    vectors = singular_vectors(expansion)
    for r, vector in enumerate(vectors, 1):
        named = [(f"v{r}_{i}", series) for i, series in enumerate(vector.coordinates)]
        lines, results = together([*named, (f"norm{r}", vector.squared_norm)])
        body += lines
        returned.append((results[:-1], results[-1]))
        for i, (name, series) in enumerate([*named, (f"|v{r}|**2", vector.squared_norm)]):
            formula = f"{name} = 1" if i == r - 1 else formula_text(replace(series, symbol=name), WIDTH - 4)
            formulas.append(formula)
    docstring = formulas_docstring(
        "Singular vectors of W - W0, for each pair (its coordinates, its squared norm).\n\n"
        "With a_0 = B^T w, b_0 = B m, a_(i+1) = B^T b_i, b_(j+1) = B a_j, B = (I - W0)^-1, the r-th left\n"
        "one is the sum of vr_i a_i and the right one the sum of vr_j b_j, scaled so that vr_(r-1) = 1.",
        formulas,
        "Valid inside the radius of convergence.",
    )
    like = vectors[0].squared_norm
    lines = [*body, *returned_tuple(returned)]
    return function_text("singular_vectors", arguments(like), docstring, lines, like)


def _a_matrix(expansion: Expansion) -> str:
    """((A11, A12), (A21, A22)) at g = 0."""
    flat = [series for row in expansion.a_matrix for series in row]
    body, results = together((series.symbol.lower(), series) for series in flat)
    source = "Schuessler et al. 2020, Eq. 9 and 10"
    printed = [PrintedSeries(series.symbol, series.symbol, source, series) for series in flat]
    title = "2x2 matrix A at g = 0, where W - W0 = [w m] A [w m]^T"
    rho = ", rho" * isinstance(flat[0].alignment, str)
    rows = [f"({results[0]}, {results[1]})", f"({results[2]}, {results[3]})"]
    lines = [*body, *returned_tuple(rows)]
    return function_text("a_matrix", f"tau, zhat{rho}", series_docstring(title, printed), lines, flat[0])
