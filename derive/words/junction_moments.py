"""Moments of two alternating words side by side, as balls: overlapping m and w fluctuate by them (THEORY 8).

T(k, l) = phi(... B^T B  B B^T ...),      k alternating letters that end with B, then l that begin with B.
"""

from __future__ import annotations

from flint import arb

from derive.words.word_moments import trace_moment


class _Balls:
    """Words in B and B^T at one number g."""

    def __init__(self, g: float | arb) -> None:
        self.one = arb(1)
        self.square = arb(g) ** 2
        self.memo: dict[str, arb] = {}

    def split(self, left: arb, right: arb) -> arb:
        return self.square * left * right

    def opened(self, i: int, total: arb) -> arb:
        return total

    def closed(self, i: int, j: int, total: arb) -> arb:
        return total / (1 - self.square)


def junction_moments(g: float | arb, count: int) -> list[list[arb]]:
    """T(k, l) for k, l < ``count`` at flint's working precision."""
    scalars = _Balls(g)

    def value(k: int, j: int) -> arb:
        moment: arb = trace_moment([(0, transposed) for transposed in junction_word(k, j)], scalars)
        return moment

    return [[value(k, j) for j in range(count)] for k in range(count)]


def junction_word(k: int, j: int) -> list[bool]:
    """The letters of T(k, j), True for B^T."""
    return [i % 2 == 1 for i in (*range(k - 1, -1, -1), *range(j))]
