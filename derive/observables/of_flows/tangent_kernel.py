"""The neural tangent kernel of a flow's readouts, and the sharpness of its loss.

    K_zy = sum over all x that moves of Re[conj(dz/dx) . dy/dx],

x among W and the vectors; for a loss of one overlap v^T X u alone, sharpness = L''(v^T X u) |d(v^T X u)/dx|^2
is the one Hessian eigenvalue that does not vanish where the loss is least. Both are scalars of the language.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

from derive.flow.statement.form import Column
from derive.flow.statement.gradient import vector_gradient, word_gradient
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import (
    Overlap,
    Scalar,
    add,
    conjugate,
    derivative,
    holds_imaginary,
    leaves,
    multiply,
    number,
)
from derive.observables.of_flows.flow_observable import FlowObservable, Moment, Motion
from derive.observables.of_flows.squared_norms import THEORY, inner_product

MOST_KERNELS = 10
"""Pairs of readouts up to which all have a kernel; beyond, each readout with itself."""


def kernel(meaning: Meaning, one: Scalar, other: Scalar) -> Scalar:
    """Re[conj(d one/dx) . d other/dx], summed over all that moves; 0 where nothing moves them."""
    terms: list[Scalar] = []
    for p in _overlaps(one):
        for q in _overlaps(other):
            factor = multiply(conjugate(derivative(one, p)), derivative(other, q))
            terms += [multiply(factor, term) for term in _products(meaning, p, q)]
    total = add(*terms) if terms else number(0)
    if not holds_imaginary(total):
        return total
    return multiply(number(Fraction(1, 2)), add(total, conjugate(total)))


def _products(meaning: Meaning, one: Overlap, other: Overlap) -> list[Scalar]:
    """conj(d one/dx) . d other/dx of two overlaps, term by term."""
    terms: list[Scalar] = []
    if "W" in meaning.velocity:
        for a, b in word_gradient(one):
            for c, d in word_gradient(other):
                terms.append(multiply(inner_product(a.conjugate(), c), inner_product(b.conjugate(), d)))
    for name in meaning.vectors:
        left: Sequence[Column] = vector_gradient(one, name)
        terms += [inner_product(a.conjugate(), c) for a in left for c in vector_gradient(other, name)]
    return terms


def tangent_kernels(meaning: Meaning) -> list[FlowObservable]:
    """Of every readout with itself, and of every two readouts."""
    names = list(meaning.readouts)
    pairs = list(combinations_with_replacement(names, 2))
    if len(pairs) > MOST_KERNELS:
        pairs = [(name, name) for name in names]
    found = []
    for a, b in pairs:
        scalar = kernel(meaning, meaning.readouts[a], meaning.readouts[b])
        which = a if a == b else f"{a}_{b}"
        left = r"K_{{{0}}}(\drvtau)" if a == b else r"K_{{{0}\,{1}}}(\drvtau)"
        title = f"tangent kernel of {a}" + f" and {b}" * (a != b)
        found.append(_of_scalar(f"ntk_{which}", left, title, scalar, (a, b)))
    return found


def curvatures(meaning: Meaning) -> list[FlowObservable]:
    """The sharpness, where the loss is one of a single real overlap."""
    if meaning.loss is None:
        return []
    overlaps = _overlaps(meaning.loss)
    if len(overlaps) != 1 or holds_imaginary(meaning.loss):
        return []
    (overlap,) = overlaps
    second = derivative(derivative(meaning.loss, overlap), overlap)
    scalar = multiply(second, kernel(meaning, overlap, overlap))
    return [_of_scalar("sharpness", r"\drvh(\drvtau)", "sharpness h", scalar)]


def _of_scalar(
    name: str, left: str, title: str, scalar: Scalar, names: tuple[str, ...] = ()
) -> FlowObservable:
    series, value = partial(_series, scalar), partial(_value, scalar)
    return FlowObservable(name, left, title, THEORY, series, value, names, scalar=scalar)


def _series(scalar: Scalar, motion: Motion) -> Sequence[Any]:
    return motion.scalar(scalar)


def _value(scalar: Scalar, moment: Moment) -> float:
    return float(complex(moment.scalar(scalar)).real)


def _overlaps(scalar: Scalar) -> list[Overlap]:
    return list(dict.fromkeys(leaf for leaf in leaves(scalar) if isinstance(leaf, Overlap)))
