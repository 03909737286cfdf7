"""The Frobenius norm of what a flow changes, from the Gram matrices of the words that are present.

|sum_k tau^k sum_p c_kp l_p r_p^T|^2
    = sum over k, k', p, p' of tau^(k+k') c_kp c_k'p' (l_p . l_p')(r_p . r_p').
A multiple of W0 has a norm that grows with N: where there is one, the norm has no limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.flow.change import MatrixOrder
from derive.flow.product_rule.new_start import NoSeries
from derive.flow.product_rule.word_series import WordScalars
from derive.flow.product_rule.words import Word

MOST_WORDS = 150
"""Different outer products, of all orders together, up to which Gram matrices of the words are worked out."""


def check_outer_products(orders: Sequence[MatrixOrder]) -> None:
    """Raises NoSeries unless a change is one of outer products, few enough for their Gram matrices."""
    if any(one.multiple != 0 for one in orders):
        raise NoSeries("a multiple of W0 moves: it grows with N and is no sum of overlaps")
    if len({pair for one in orders for pair in one.terms}) > MOST_WORDS:
        raise NoSeries(f"the change has more than {MOST_WORDS} outer products")


def squared_norm(
    orders: Sequence[MatrixOrder], scalars: WordScalars, order: int, velocity: bool = False
) -> list[Any]:
    """Coefficients of |M(tau) - M(0)|_F^2 through tau**order, of |dM/dtau|_F^2 through tau**(order - 1).

    ``orders`` are those of k = 1..order. Raises NoSeries without a limit, or of too many words.
    """
    check_outer_products(orders)
    lower = 2 if velocity else 0
    total = [scalars.zero for _ in range(order if velocity else order + 1)]
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

    for i in range(1, order + 1):
        for (left, right), c in orders[i - 1].terms.items():
            for j in range(1, min(order, len(total) - 1 + lower - i) + 1):
                weight = i * j if velocity else 1
                total[i + j - lower] = total[i + j - lower] + projected(j, left, right) * c * weight
    return [scalars.normal(value) for value in total]
