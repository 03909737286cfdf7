"""The matrix of which the squared singular values of W - W0 are the eigenvalues, and their symmetric sums.

With W - W0 = L C R^T, C(tau) polynomial, it is M = C (R^T R) C^T (L^T L), and its e_j are the sums of its
principal minors. A minor of M is a sum of products of two of C; where the entries of C start at
tau^(u_i + v_k) or later, few of them show at the powers of tau that are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from derive.flow.product_rule.words import Word
from derive.observables.of_flows.flow_observable import Motion, MotionScalars
from derive.observables.of_flows.tau_polynomials import (
    Polynomial,
    combined,
    determinant,
    first_power,
    summed,
    times,
)


@dataclass(frozen=True)
class ChangeSquared:
    """``M``, on the side with fewer words; ``rows`` are the u_i, ``columns`` the v_k, ascending."""

    M: list[list[Polynomial]]
    rows: Sequence[int]
    columns: Sequence[int]
    scalars: MotionScalars

    @classmethod
    def of(cls, motion: Motion, order: int, length: int) -> ChangeSquared:
        """Of the change through tau**order, M through tau**(length - 1)."""
        orders, scalars = motion.matrix("W")[:order], motion.scalars
        lefts = list(dict.fromkeys(left for one in orders for left, _ in one.terms))
        rights = list(dict.fromkeys(right for one in orders for _, right in one.terms))
        turned = len(rights) < len(lefts)
        near, far = (rights, lefts) if turned else (lefts, rights)
        zero = scalars.zero
        C: list[list[Polynomial]] = [[[zero] * len(orders) for _ in far] for _ in near]
        for k, one in enumerate(orders):
            for (left, right), c in one.terms.items():
                a, b = (right, left) if turned else (left, right)
                C[near.index(a)][far.index(b)][k] = c  # of tau**(k + 1)
        back = _by_gram(C, far, scalars, len(orders))
        middle = [
            [
                summed(
                    [times(x, y, scalars, length) for x, y in zip(row, other, strict=True)], scalars, length
                )
                for other in back
            ]
            for row in C
        ]
        half = _by_gram(middle, near, scalars, length)
        M = [[[zero, zero, *entry][:length] for entry in row] for row in half]
        starts = [[length if (n := first_power(entry)) is None else n + 1 for entry in row] for row in C]
        rows = [min(row) for row in starts]
        columns = [
            min(n - u for n, u in zip(column, rows, strict=True)) for column in zip(*starts, strict=True)
        ]
        return cls(M, rows, sorted(columns), scalars)

    def sums(self, lengths: Sequence[int]) -> list[Polynomial]:
        """e_0, e_1, ..., each of its length, as long as there may be something of them."""
        zero, one = self.scalars.zero, self.scalars.one
        found: list[Polynomial] = [[one, *[zero] * (lengths[0] - 1)]]
        for j, length in enumerate(lengths[1 : len(self.M) + 1], 1):
            early = [rows for rows in combinations(range(len(self.M)), j) if self.start(rows) < length]
            if not early:
                break
            minors = [determinant(self.M, rows, self.scalars, length) for rows in early]
            found.append(summed(minors, self.scalars, length))
        return found

    def start(self, rows: Sequence[int]) -> int:
        """Below this power of tau the principal minor of M in these rows has nothing."""
        j = len(rows)
        return sum(self.rows[i] for i in rows) + sum(sorted(self.rows)[:j]) + 2 * sum(self.columns[:j])

    def lengths(self, r: int, order: int, most: int) -> list[int]:
        """Of e_0, e_1, ... as far as s_r through tau**order asks for them; ``most`` where that is not known.

        The square of s_r starts at tau^f, and ``rest`` powers behind that are asked for: of e_r as many
        behind its start, and of e_j/x^(j-r), j > r, that is by f later for each.
        """
        count = (order + 1) // 2 + 2
        by_start = sorted(range(len(self.rows)), key=self.rows.__getitem__)
        least = [self.start(by_start[:j]) for j in range(min(r, len(self.rows)) + 1)]
        starts = [first_power(e) for e in self.sums([start + 1 for start in least])]
        known = [start for start in starts if start is not None]
        if len(known) <= r or isinstance(self.scalars.one, float):  # what vanishes is rounding there
            return [most] * count
        f = known[r] - known[r - 1]
        rest = max(order - f // 2, 0)
        return [known[min(j, r)] + max(j - r, 0) * f + rest + 1 for j in range(count)]


def _by_gram(
    matrix: Sequence[Sequence[Polynomial]], words: Sequence[Word], scalars: MotionScalars, length: int
) -> list[list[Polynomial]]:
    """A matrix of polynomials times the Gram matrix of words."""
    columns = [[scalars.inner(a, b) for a in words] for b in words]
    return [
        [combined(list(zip(row, column, strict=True)), scalars, length) for column in columns]
        for row in matrix
    ]
