"""The expansion as one JSON document; coefficients are strings in Python syntax.

Read them with ``sympify(s, locals={"zhat": zhat, "beta": beta})``: without ``locals``, sympy reads
``beta`` as its Beta function.
"""

from __future__ import annotations

import json

from derive.algebra.series import Series
from derive.emit.observables import symbols
from derive.fixed_point.expansion import Expansion


def json_document(expansion: Expansion) -> str:
    """Keys: order, system, limit, symbols, readout, loss, gradient_norm, frobenius_norm,
    alignment, train, singular_values, sharpness, A, W; m and w where they learn. Entry k of a list
    multiplies tau**k; W_k, m_k and w_k carry 1/k!. Where m and w overlap and rho is no number, add
    it to ``locals``.
    """

    def coefficients(series: Series) -> list[str]:
        return [series.text(k) for k in range(len(series))]

    a_matrix = expansion.a_matrix
    document = {
        "order": expansion.order,
        "system": "fixed-point",
        "limit": "N->oo",
        "symbols": symbols(expansion.task),
        "alignment": str(expansion.task.alignment),
        "train": list(expansion.task.train),
        "readout": coefficients(expansion.readout),
        "loss": coefficients(expansion.loss),
        "gradient_norm": coefficients(expansion.gradient_norm),
        "frobenius_norm": coefficients(expansion.frobenius_norm),
        "singular_values": [coefficients(series) for series in expansion.singular_values],
        "sharpness": coefficients(expansion.sharpness),
        "A": {f"A{i}{j}": coefficients(a_matrix[i - 1][j - 1]) for i in (1, 2) for j in (1, 2)},
        "W": expansion.W.json(),
    }
    for name in ("m", "w"):
        if name in expansion.task.train:
            document[name] = expansion.vector(name).json()
    return json.dumps(document, indent=2) + "\n"
