"""The limit N -> infinity of a flow as a small network: W0 in an orthonormal basis of words (THEORY 9).

The words that a flow and its observables reach through tau^n, with their ends, span a space V. With Q an
orthonormal basis of V, from the words' Gram matrix at N -> infinity, the network

    H = Q^T W0 Q,    v -> Q^T v for the given vectors,

has exact inner products of all these words: for y = (c - W0)^-1 x with x and y in V, (c - H) Q^T y = Q^T x.
Its flow, a projection of the limit's, therefore has the limit's Taylor series through tau^n and beyond, and
as n grows its own flow at all times. Where no new word comes, V is closed and the two are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb_mat, ctx

from derive.exact.flows.limit_numbers import LimitNumbers, as_ball
from derive.flow.given.network import FlowInstance
from derive.flow.product_rule.engine import ProductRule
from derive.flow.product_rule.words import Word, prepended
from derive.flow.statement.form import ColumnForm, MatrixForm
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import Overlap, ScalarNumber, leaves
from derive.flow.statement.task import Flow
from derive.observables.of_flows.flow_registry import flow_observables

BITS = 400
"""Of the Gram matrices, which are close to singular: nothing of them is seen in the result."""
DEPENDENT = 1e-60
"""The squared distance of a word of length 1 from the span of others below which it is one of theirs."""
Combination = tuple[tuple[complex, Word], ...]
"""A real vector as a sum of number x word."""


@dataclass(frozen=True, eq=False)
class WordBasis:
    """The limit in the words of a flow through tau**order, as a network of ``size`` neurons.

    ``grows`` where a multiple of W0 moves with W, so that norms of W - W0 grow with N.
    """

    order: int
    network: FlowInstance
    words: int
    grows: bool

    @property
    def size(self) -> int:
        """The dimension of the space of words."""
        return self.network.size


def word_basis(
    flow: Flow,
    order: int,
    g: Fraction,
    values: Mapping[str, Fraction],
    most: int,
    outliers_at: Fraction | None = None,
) -> WordBasis | None:
    """The basis of the words through tau**order; None where these are more than ``most``.

    Where it is asked for, det(x - W) at x = ``outliers_at``, |x| > g, is exact through tau**order too.
    """
    floats = LimitNumbers(flow.meaning, g, values)
    rule = ProductRule(flow.meaning, floats)
    words = _reached(rule, flow.meaning, order, outliers_at)
    if len(words) > most:
        return None
    grows = any(rule.matrix("W").alpha(k) != 0 for k in range(1, order + 1))
    bits = ctx.prec
    try:
        ctx.prec = BITS
        H, vectors = _projected(flow, g, values, _real_vectors(floats, words), floats)
    finally:
        ctx.prec = bits
    numbers = {name: float(value) for name, value in values.items()}
    return WordBasis(order, FlowInstance(flow, H, vectors, numbers), len(words), grows)


def _reached(rule: ProductRule, meaning: Meaning, order: int, outliers_at: Fraction | None) -> list[Word]:
    """All words through an order, with all their ends, shorter ones first."""
    found: set[Word] = {("", name) for name in _vectors(meaning)}
    for name in dict.fromkeys(("W", *meaning.matrices)):
        matrix = rule.matrix(name)
        found |= {word for k in range(1, order + 1) for pair in matrix.pairs(k) for word in pair}
    observed = [o.scalar for o in flow_observables(meaning) if o.scalar is not None]
    for scalar in (*meaning.readouts.values(), *observed):
        series = rule.scalar(scalar)
        for k in range(order):
            series[k]
    found |= {word for column in rule.columns() for k in range(order) for word in column[k]}
    if outliers_at is not None:
        found |= _of_determinant(rule, order, outliers_at)
    found |= {(letters[n:], name) for letters, name in found for n in range(len(letters))}
    return sorted(found, key=lambda word: (len(word[0]), word))


def _of_determinant(rule: ProductRule, order: int, point: Fraction) -> set[Word]:
    """The words of det(point - W): those of W behind the resolvent there."""
    letter = chr(ord("a") + rule.scalars.point(ScalarNumber(point)))
    lefts = {left for k in range(1, order + 1) for left, _ in rule.matrix("W").pairs(k)}
    longer = (prepended(letter, left, rule.scalars.points) for left in sorted(lefts))
    return {word for terms in longer for _, word in terms}


def _vectors(meaning: Meaning) -> list[str]:
    names: dict[str, None] = {}
    for scalar in (*meaning.readouts.values(), *([meaning.loss] if meaning.loss else [])):
        for leaf in leaves(scalar):
            if isinstance(leaf, Overlap):
                names |= dict.fromkeys([leaf.left, leaf.right])
    for form in meaning.velocity.values():
        if isinstance(form, MatrixForm):
            for outer in form.outers:
                names |= dict.fromkeys([outer.left.vector, outer.right.vector])
        elif isinstance(form, ColumnForm):
            names |= dict.fromkeys(term.column.vector for term in form.terms)
    return list(names)


def _real_vectors(floats: LimitNumbers, words: Sequence[Word]) -> list[Combination]:
    """Real vectors that span the words and their conjugates: themselves, or real and imaginary parts."""
    found: list[Combination] = []
    for word in words:
        if floats.is_real(word):
            found.append(((1, word),))
        else:
            other = floats.conjugate_word(word)
            found += [((0.5, word), (0.5, other)), ((-0.5j, word), (0.5j, other))]
    return found


def _projected(
    flow: Flow,
    g: Fraction,
    values: Mapping[str, Fraction],
    combinations: Sequence[Combination],
    floats: LimitNumbers,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """H and the vectors in an orthonormal basis, from balls."""
    balls = LimitNumbers(flow.meaning, g, values, as_ball, floats.exact_points)
    half = as_ball(Fraction(1, 2), Fraction(0))
    unit = as_ball(Fraction(0), Fraction(1, 2))
    factors = {1: balls.one, 0.5: half, -0.5j: -unit, 0.5j: unit}

    def product(left: Combination, right: Sequence[tuple[Any, Word]]) -> Any:
        total = balls.zero
        for a, u in left:
            for b, v in right:
                total = total + balls.inner(u, v) * b * factors[a]
        return total.real

    exact = [tuple((factors[a], word) for a, word in one) for one in combinations]
    moved = [
        [(factors[a] * c, longer) for a, word in one for c, longer in prepended("z", word, balls.points)]
        for one in combinations
    ]
    rows, kept = _cholesky(combinations, exact, product)
    chosen = [combinations[i] for i in kept]
    size = len(kept)
    middle = arb_mat([[product(left, moved[i]) for i in kept] for left in chosen])
    lower = arb_mat([[*rows[i], *([0] * (size - len(rows[i])))] for i in kept]).inv()
    H = lower * middle * lower.transpose()  # the words are X = Q L^T
    places = {word: i for i, one in enumerate(combinations) for a, word in one if a == 1}
    vectors = {}
    for name in flow.ensemble.vectors:
        row = rows[places["", name]] if ("", name) in places else []
        vectors[name] = np.array([float(x.mid()) for x in row] + [0.0] * (size - len(row)))
    return np.array([[float(H[i, j].mid()) for j in range(size)] for i in range(size)]), vectors


def _cholesky(
    combinations: Sequence[Combination], exact: Sequence[Any], product: Any
) -> tuple[list[list[Any]], list[int]]:
    """Coordinates of every vector in the basis, and the vectors that a new direction comes with."""
    rows: list[list[Any]] = []
    kept: list[int] = []
    for i, one in enumerate(combinations):
        row: list[Any] = []
        for position, k in enumerate(kept):
            total = product(one, exact[k])
            for n in range(position):
                total = total - row[n] * rows[k][n]
            row.append(total / rows[k][position])
        square = product(one, exact[i])
        rest = square
        for x in row:
            rest = rest - x * x
        if float(rest.mid()) > DEPENDENT * float(square.mid()):
            row.append(rest.mid().sqrt())
            kept.append(i)
        rows.append(row)
    return rows, kept
