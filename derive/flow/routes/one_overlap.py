"""Gradient flows of any loss of one overlap w' R m alone: of W, and of the two vectors where they learn.

    dW/dtau = f (R' w)(R m)',    dm/dtau = f R' w,    dw/dtau = f R m,    f = -L'(w' R m),

whatever the vectors are called. In the clock s, ds = f dtau, the loss has gone.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.flow.statement.form import Column, ColumnForm, MatrixForm
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import (
    ONE,
    FlowLetter,
    Overlap,
    Scalar,
    holds_imaginary,
    leaves,
)

RESOLVENT, TRANSPOSED = FlowLetter("R", point=ONE), FlowLetter("R", transposed=True, point=ONE)


@dataclass(frozen=True)
class OneOverlap:
    """``force`` f, ``overlap`` w' R m, and what learns: W, ``input`` m, ``readout`` w."""

    force: Scalar
    overlap: Overlap
    W_learns: bool
    input_learns: bool
    readout_learns: bool


def one_overlap(meaning: Meaning) -> OneOverlap | None:
    """The flow as one of these; None where it is none."""
    found = _first(meaning)
    if found is None:
        return None
    force, left, right = found
    overlap = Overlap(left, (RESOLVENT,), right)
    for name, form in meaning.velocity.items():
        if not _fits(name, form, force, overlap):
            return None
    vectors = set(meaning.velocity) - {"W"}
    if vectors and left == right:
        return None
    read = [force, *meaning.readouts.values(), *([meaning.loss] if meaning.loss is not None else [])]
    overlaps = {leaf for scalar in read for leaf in leaves(scalar) if isinstance(leaf, Overlap)}
    if not overlaps <= {overlap} or holds_imaginary(force):
        return None
    return OneOverlap(force, overlap, "W" in meaning.velocity, right in vectors, left in vectors)


def _first(meaning: Meaning) -> tuple[Scalar, str, str] | None:
    """f, w and m, from the velocity of W, or of vectors alone with the readouts."""
    form = meaning.velocity.get("W")
    if isinstance(form, MatrixForm) and len(form.outers) == 1:
        outer = form.outers[0]
        return outer.scalar, outer.left.vector, outer.right.vector
    if form is not None or not meaning.velocity:
        return None
    read = [leaf for scalar in meaning.readouts.values() for leaf in leaves(scalar)]
    overlaps = [leaf for leaf in read if isinstance(leaf, Overlap)]
    terms = next(iter(meaning.velocity.values()))
    if not overlaps or not isinstance(terms, ColumnForm) or len(terms.terms) != 1:
        return None
    return terms.terms[0].scalar, overlaps[0].left, overlaps[0].right


def _fits(name: str, form: MatrixForm | ColumnForm, force: Scalar, overlap: Overlap) -> bool:
    a, b = Column((TRANSPOSED,), overlap.left), Column((RESOLVENT,), overlap.right)
    if isinstance(form, MatrixForm):
        outers = [(outer.scalar, outer.left, outer.right) for outer in form.outers]
        return name == "W" and not form.operators and outers == [(force, a, b)]
    wanted = {overlap.right: a, overlap.left: b}.get(name)
    return [(term.scalar, term.column) for term in form.terms] == [(force, wanted)]
