"""At g = 0: W = sum_ij A_ij u_i u_j^T in the given vectors u_i, and what A's eigenvalues are (THEORY 9).

There every word is a number times its vector: W0 is 0 and R(c) of W0 is 1/c. The eigenvalues of W are those
of A G, G the overlaps of the vectors, and are stated by their elementary symmetric sums:

    0 = x^n - e_1 x^(n-1) + e_2 x^(n-2) - ...;    of two vectors, x = e_1/2 +- sqrt(e_1^2/4 - e_2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derive.flow.change import FlowChange
from derive.flow.product_rule.words import Word, letter_number
from derive.observables.of_flows.tau_polynomials import eigenvalue_sums


@dataclass(frozen=True, eq=False)
class VectorMatrix:
    """Lists of coefficients of tau**0, tau**1, ...: of the entries, and of e_1, e_2, ..."""

    vectors: tuple[str, ...]
    entries: Mapping[tuple[str, str], Sequence[Any]]
    sums: Sequence[Sequence[Any]]


def vector_matrix(change: FlowChange) -> VectorMatrix:
    """A of W, from a change at g = 0."""
    scalars, order = change.scalars, change.order
    inverse = [scalars.reciprocal(point) for point in scalars.points]

    def number(word: Word) -> Any:
        value = scalars.one
        for letter in word[0]:
            value = value * (scalars.zero if letter in "zZ" else inverse[letter_number(letter)])
        return value

    found: dict[tuple[str, str], list[Any]] = {}
    for k, one in enumerate(change.matrix("W"), 1):
        for (left, right), c in one.terms.items():
            entry = found.setdefault((left[1], right[1]), [scalars.zero] * (order + 1))
            entry[k] = entry[k] + c * number(left) * number(right)
    names = tuple(dict.fromkeys(name for pair in found for name in pair))
    entries = {
        (a, b): [scalars.normal(c) for c in found.get((a, b), [scalars.zero] * (order + 1))]
        for a in names
        for b in names
    }
    product = [
        [
            [
                sum((entries[a, c][k] * scalars.inner(("", c), ("", b)) for c in names), scalars.zero)
                for k in range(order + 1)
            ]
            for b in names
        ]
        for a in names
    ]
    sums = eigenvalue_sums(product, scalars, len(names))[1:] if names else []
    return VectorMatrix(names, entries, sums)
