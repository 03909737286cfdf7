"""The expansion as one JSON document; coefficients are strings in Python syntax.

Read them with ``sympify(s, locals={"zhat": zhat, "beta": beta})``: without ``locals``, sympy reads
``beta`` as its Beta function.
"""

from __future__ import annotations

import json
from typing import Any

from derive.document.observables import (
    FURTHER_SYMBOLS,
    is_papers_task,
    leading_coefficients,
    observables,
    progress_observables,
    scaling_functions,
    singular_vectors,
    symbols,
)
from derive.observables.singular_values import is_singular_value
from derive.tasks.expansion import Expansion


def json_document(expansion: Expansion) -> str:
    """Keys: order, system, limit, symbols, readout, loss, gradient_norm, frobenius_norm,
    alignment, train, singular_values, sharpness, A, W; m and w where they learn. Entry k of a list
    multiplies tau**k; W_k, m_k and w_k carry 1/k!. Where m and w overlap and rho is no number, add
    it to ``locals``.

    singular_vectors, where they are derived: the r-th pair is u = sum_i v_i a_i, v = sum_j v_j b_j
    with v_0, v_1, ... in ``coordinates`` and the squared norm of both. For the paper's task also
    eigenvalues_g0, those of W - W0 at g = 0, mean +- split/sqrt(3); outlier_equation, D of the outliers
    of W, in ``lam`` too; leading_singular_values, where entry r - 1 multiplies tau**(2 r - 1) in s_r;
    learning_end, where entry k multiplies delta**k, delta = z/zhat; and, for general g, universal, the
    limits g -> 1 in ``y`` = zhat**2*beta, where entry k multiplies ttilde**k, or delta**k for the names
    of learning_end.
    """

    a_matrix = expansion.a_matrix
    document: dict[str, Any] = {
        "order": expansion.order,
        "system": "fixed-point",
        "limit": "N->oo",
        "symbols": symbols(expansion.task) | (FURTHER_SYMBOLS if is_papers_task(expansion.task) else {}),
        "alignment": str(expansion.task.alignment),
        "train": list(expansion.task.train),
        **series_by_name(expansion),
        "A": {f"A{i}{j}": a_matrix[i - 1][j - 1].texts() for i in (1, 2) for j in (1, 2)},
        "W": expansion.W.json(),
    }
    if vectors := singular_vectors(expansion):
        document["singular_vectors"] = [
            {
                "coordinates": [series.texts() for series in vector.coordinates],
                "squared_norm": vector.squared_norm.texts(),
            }
            for vector in vectors
        ]
    if is_papers_task(expansion.task):
        mean, split = expansion.eigenvalues_g0
        document["eigenvalues_g0"] = {"mean": mean.texts(), "split": split.texts()}
        document["outlier_equation"] = expansion.outlier_equation.texts()
        document["leading_singular_values"] = [c.text() for c in leading_coefficients(expansion)]
        document["learning_end"] = {o.name: o.series.texts() for o in progress_observables(expansion)}
    if functions := scaling_functions(expansion):
        document["universal"] = {name: function.texts() for name, function in functions.items()}
    for name in ("m", "w"):
        if name in expansion.task.train:
            document[name] = expansion.vector(name).json()
    return json.dumps(document, indent=2) + "\n"


def series_by_name(expansion: Expansion) -> dict[str, Any]:
    """Every observable of the registry; the singular values as one list."""
    found: dict[str, Any] = {}
    for printed in observables(expansion):
        if is_singular_value(printed.name):
            found.setdefault("singular_values", []).append(printed.series.texts())
        else:
            found[printed.name] = printed.series.texts()
    return found
