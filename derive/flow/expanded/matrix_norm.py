"""The Frobenius norm of what a flow changes, from the Gram matrices of the words that are present.

|sum_k tau^k sum_p c_kp l_p r_p^T|^2
    = sum over k, k', p, p' of tau^(k+k') c_kp c_k'p' (l_p . l_p')(r_p . r_p').
A multiple of W0 has a norm that grows with N: where there is one, the norm has no limit.
"""

from __future__ import annotations

from typing import Any

from derive.flow.change import FlowChange
from derive.flow.product_rule.words import Word

MOST_WORDS = 150
"""Outer products, of all orders together, up to which the norm is worked out."""


def squared_norm(change: FlowChange, name: str, order: int) -> list[Any] | None:
    """Coefficients of |M(tau) - M(0)|_F^2 through tau**order; None without a limit, or of too many words."""
    scalars, orders = change.scalars, change.matrix(name)
    if any(one.multiple != 0 for one in orders) or sum(len(one.terms) for one in orders) > MOST_WORDS:
        return None
    total = [scalars.zero for _ in range(order + 1)]
    projections: dict[tuple[int, Word, Word], Any] = {}

    def projected(k: int, left: Word, right: Word) -> Any:
        """left^T M_k right."""
        key = k, left, right
        if key not in projections:
            value = scalars.zero
            for (a, b), c in orders[k - 1].terms.items():
                one = scalars.inner(left, a)
                if one != 0:
                    value = value + one * scalars.inner(b, right) * c
            projections[key] = scalars.normal(value)
        return projections[key]

    for i in range(1, order):
        for (left, right), c in orders[i - 1].terms.items():
            for j in range(1, order + 1 - i):
                total[i + j] = total[i + j] + projected(j, left, right) * c
    return [scalars.normal(value) for value in total]
