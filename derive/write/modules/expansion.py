"""The functions of an expansion: the observables of (tau, zhat, g)."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import replace

from derive.document.formulas import formula_text
from derive.document.observables import (
    PrintedSeries,
    covariance,
    fluctuations,
    is_papers_task,
    observables,
    singular_vectors,
)
from derive.document.observables import validity as validity_text
from derive.document.request import Request
from derive.observables.singular_values import is_singular_value
from derive.series.assignment import Argument
from derive.series.expression import Expression, Name, product
from derive.series.expression import total as sum_of
from derive.series.program import Function
from derive.series.series import Series
from derive.series.series_program import arguments, definitions, joint_function, tuple_function
from derive.tasks.expansion import Expansion
from derive.write.code.module import TYPES, Module
from derive.write.header import DO_NOT_EDIT
from derive.write.modules.docstrings import WIDTH, formulas_docstring, sentence
from derive.write.modules.papers_task import papers_task_functions
from derive.write.modules.trust import error_estimate, radius_function

DOC = """\
The fixed-point task of Schuessler et al. 2020, gradient flow through tau**{order}{limit}.

A linear network x' = -x + W x + sqrt(N) m, readout z = w.x/sqrt(N) at the fixed point, target zhat,
loss (zhat - z)**2/2; {learns}. W(0) = W0 has i.i.d. entries of variance g**2/N.

{validity}

Arguments: learning time ``tau`` (learning rate times epochs; ttilde = beta**2 * tau with
beta = 1/(1 - g**2)), target ``zhat``, connectivity strength ``g``{rho}. All quantities are
dimensionless.
{types}
"""

G0_NOTE = (
    "\n\nHere g = 0 and beta = 1 throughout; the argument g is there for a common signature and must be 0."
)


def expansion_module(expansion: Expansion, request: Request, header: str) -> Module:
    """The module for one request."""
    g0 = request.g0
    task = expansion.task
    validity = textwrap.fill(validity_text(expansion), WIDTH)
    learns = "only W learns" if task.train == ("W",) else f"learning: {', '.join(task.train)}"
    doc = DOC.format(
        order=expansion.order,
        limit=" at g = 0" if g0 else "",
        validity=validity + (G0_NOTE if g0 else ""),
        learns=learns,
        types=TYPES,
        rho=", overlap ``rho``" if isinstance(task.alignment, str) else "",
    )
    printed = observables(expansion)
    functions = [
        o.series.program(o.name, series_docstring(sentence(o.title), [o]))
        for o in [*printed, *fluctuations(expansion)]
        if not is_singular_value(o.name)
    ]
    if request.covariance:
        functions.append(_covariance(covariance(expansion, request.covariance)))
    values = [o for o in printed if is_singular_value(o.name)]
    functions.append(singular_values_function("singular_values", values))
    if singular_vectors(expansion):
        functions.append(_singular_vectors(expansion))
    functions.append(_a_matrix(expansion))
    if is_papers_task(task):
        functions += papers_task_functions(expansion)
    functions.append(error_estimate(expansion))
    if is_papers_task(task):  # what the radius was fitted to
        functions.append(radius_function(g0))
    return Module(
        request.file_stem,
        (header, DO_NOT_EDIT),
        doc,
        (("ORDER", expansion.order), ("SYSTEM", "fixed-point")),
        tuple(functions),
    )


def series_docstring(title: str, printed: list[PrintedSeries]) -> str:
    """What a function is, with its formulas in ttilde and how far they hold."""
    return formulas_docstring(
        f"{title} ({printed[0].source}).",
        [formula_text(o.series, WIDTH - 4) for o in printed],
        f"Valid inside the radius of convergence; truncated after tau**{printed[0].series.order}.",
    )


def _covariance(rows: list[PrintedSeries]) -> Function:
    """The sum over j of other_tau**j times the j-th row."""
    series = {f"s{j}": row.series for j, row in enumerate(rows)}
    tau, *rest = arguments(rows[0].series)
    given = (tau, Argument("other_tau"), *rest)

    def summed(values: Mapping[str, Expression]) -> tuple[tuple[()], Expression]:
        total, *others = (values[name] for name in reversed(series))
        for value in others:
            total = sum_of(value, product(Name("other_tau"), total))
        return (), total

    title = rows[0].title.removesuffix(", other_tau**0")
    doc = f"{title}, {rows[0].source}.\n\nThe sum over j < {len(rows)} of other_tau**j times a series in tau."
    return joint_function(rows[0].name, series, summed, doc, given, definitions(rows[0].series, given))


def singular_values_function(name: str, values: list[PrintedSeries]) -> Function:
    """One function returning the tuple of all singular values."""
    count = len(values)
    title = (
        f"Leading {count} singular values of W - W0, as a tuple" if count > 1 else "Singular value, a tuple"
    )
    return tuple_function(name, {o.name: o.series for o in values}, series_docstring(title, values))


def _singular_vectors(expansion: Expansion) -> Function:
    """One function returning, for each pair, its coordinates in the chain and its squared norm."""
    series: dict[str, Series] = {}
    formulas, shape = [], []
    vectors = singular_vectors(expansion)
    for r, vector in enumerate(vectors, 1):
        coordinates = {f"v{r}_{i}": x for i, x in enumerate(vector.coordinates)}
        series |= coordinates | {f"norm{r}": vector.squared_norm}
        shape.append((list(coordinates), f"norm{r}"))
        shown = [*coordinates.items(), (f"|v{r}|**2", vector.squared_norm)]
        for i, (name, x) in enumerate(shown):
            formula = f"{name} = 1" if i == r - 1 else formula_text(replace(x, symbol=name), WIDTH - 4)
            formulas.append(formula)
    docstring = formulas_docstring(
        "Singular vectors of W - W0, for each pair (its coordinates, its squared norm).\n\n"
        "With a_0 = B^T w, b_0 = B m, a_(i+1) = B^T b_i, b_(j+1) = B a_j, B = (I - W0)^-1, the r-th left\n"
        "one is the sum of vr_i a_i and the right one the sum of vr_j b_j, scaled so that vr_(r-1) = 1.",
        formulas,
        "Valid inside the radius of convergence.",
    )
    like = vectors[0].squared_norm
    given = arguments(like)
    return joint_function(
        "singular_vectors",
        series,
        lambda found: ((), tuple((tuple(found[x] for x in names), found[norm]) for names, norm in shape)),
        docstring,
        given,
        definitions(like, given),
    )


def _a_matrix(expansion: Expansion) -> Function:
    """((A11, A12), (A21, A22)) at g = 0."""
    flat = [series for row in expansion.a_matrix for series in row]
    source = "Schuessler et al. 2020, Eq. 9 and 10"
    printed = [PrintedSeries(series.symbol, series.symbol, source, series) for series in flat]
    title = "2x2 matrix A at g = 0, where W - W0 = [w m] A [w m]^T"
    rho = [Argument("rho")] * isinstance(flat[0].alignment, str)
    given = (Argument("tau"), Argument("zhat"), *rho)
    return joint_function(
        "a_matrix",
        {series.symbol.lower(): series for series in flat},
        lambda found: ((), ((found["a11"], found["a12"]), (found["a21"], found["a22"]))),
        series_docstring(title, printed),
        given,
        definitions(flat[0], given),
    )
