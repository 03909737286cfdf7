"""|W - W0|_F^2, and the squared norm of the velocity: |dW/dtau|_F^2, and |dv/dtau|^2 of vectors that move.

With dW/dtau = sum_i f_i l_i r_i^T the second is sum_ij f_i f_j (l_i . l_j)(r_i . r_j): a scalar of the
language itself. Where the velocity holds further matrices it is read off the outer products, order by order.
Where W follows the gradient of a loss, it is the squared norm of the gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from derive.flow.matrix_norm import squared_norm
from derive.flow.statement.form import Column, ColumnForm, MatrixForm
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import Overlap, Scalar, add, multiply, number, transposed_letters
from derive.observables.of_flows.flow_observable import FlowObservable, Moment, Motion

THEORY = "THEORY 9"


def inner_product(left: Column, right: Column) -> Overlap:
    """left^T right, a scalar of the language."""
    return Overlap(left.vector, transposed_letters(left.letters) + right.letters, right.vector)


def squared_velocity(form: MatrixForm | ColumnForm) -> Scalar | None:
    """The squared norm of a velocity; None where it holds multiples of matrices."""
    if isinstance(form, ColumnForm):
        pairs = [(a, b) for a in form.terms for b in form.terms]
        return add(*(multiply(a.scalar, b.scalar, inner_product(a.column, b.column)) for a, b in pairs))
    if form.operators:
        return None
    terms = [
        multiply(a.scalar, b.scalar, inner_product(a.left, b.left), inner_product(a.right, b.right))
        for a in form.outers
        for b in form.outers
    ]
    return add(*terms) if terms else number(0)


def velocity_norms(meaning: Meaning) -> list[FlowObservable]:
    """One for W, and one for each vector that moves."""
    names = [name for name in ("W", *meaning.vectors) if name in meaning.velocity]
    return [_velocity_norm(meaning, name) for name in names]


def _velocity_norm(meaning: Meaning, name: str) -> FlowObservable:
    scalar = squared_velocity(meaning.velocity[name])
    ending = "" if name == "W" else f"_{name}"
    return FlowObservable(
        f"velocity_norm_squared{ending}",
        r"\left\lVert \mathrm{{d}}{0}/\mathrm{{d}}\drvtau \right\rVert^{{2}}",
        f"squared norm of d{name}/dtau",
        THEORY,
        partial(_velocity_series, name, scalar),
        partial(_velocity_value, name),
        (name,),
        extensive=True,
        scalar=scalar,
    )


def _velocity_series(name: str, scalar: Scalar | None, motion: Motion) -> Sequence[Any]:
    if scalar is not None:
        return motion.scalar(scalar)
    return squared_norm(motion.matrix(name), motion.scalars, motion.order, velocity=True)


def _velocity_value(name: str, moment: Moment) -> float:
    return float((moment.velocity[name] ** 2).sum())


FROBENIUS_NORM_SQUARED = FlowObservable(
    "frobenius_norm_squared",
    r"\lVert W - W_0 \rVert^{{2}}(\drvtau)",
    "squared Frobenius norm of W - W0",
    THEORY,
    lambda motion: squared_norm(motion.matrix("W"), motion.scalars, motion.order),
    lambda moment: float((moment.change**2).sum()),
    extensive=True,
)
