"""Gradients of a loss by the word rule, dR = R dW R (THEORY 9).

With p^T X q an overlap and X = X1 Y X2, where Y is the letter that moves,

    Y = W: d/dW = (X1^T p)(X2 q)^T,         Y = R(c): d/dW = (R^T X1^T p)(R X2 q)^T,

with the two factors exchanged for transposed letters, and d/dq = X^T p, d/dp = X q for the vectors.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.flow.statement.form import Column, ColumnForm, ColumnTerm, MatrixForm, Outer
from derive.flow.statement.scalar import (
    ZERO,
    Overlap,
    Scalar,
    derivative,
    leaves,
    multiply,
    number,
    transposed_letters,
)


def gradient_flow(loss: Scalar, train: Sequence[str]) -> dict[str, MatrixForm | ColumnForm]:
    """-dL/dx for every x of ``train``: W, or vectors."""
    overlaps = list(dict.fromkeys(leaf for leaf in leaves(loss) if isinstance(leaf, Overlap)))
    forces = [(overlap, multiply(number(-1), derivative(loss, overlap))) for overlap in overlaps]
    forces = [(overlap, force) for overlap, force in forces if force != ZERO]
    velocity: dict[str, MatrixForm | ColumnForm] = {}
    for name in train:
        if name == "W":
            outers = [
                Outer(force, left, right)
                for overlap, force in forces
                for left, right in word_gradient(overlap)
            ]
            velocity[name] = MatrixForm(outers=tuple(outers))
        else:
            terms = [
                ColumnTerm(force, column)
                for overlap, force in forces
                for column in vector_gradient(overlap, name)
            ]
            velocity[name] = ColumnForm(tuple(terms))
    return velocity


def word_gradient(overlap: Overlap) -> list[tuple[Column, Column]]:
    """d(overlap)/dW as a sum of left right^T."""
    found = []
    for i, letter in enumerate(overlap.letters):
        if letter.name not in ("W", "R"):
            continue
        own = (letter,) if letter.name == "R" else ()
        before, after = overlap.letters[:i], overlap.letters[i + 1 :]
        outer = Column(transposed_letters(before + own), overlap.left)
        inner = Column(own + after, overlap.right)
        found.append((inner, outer) if letter.transposed else (outer, inner))
    return found


def vector_gradient(overlap: Overlap, name: str) -> list[Column]:
    """d(overlap)/d(vector)."""
    found = []
    if overlap.right == name:
        found.append(Column(transposed_letters(overlap.letters), overlap.left))
    if overlap.left == name:
        found.append(Column(overlap.letters, overlap.right))
    return found
