"""The product rule: any flow, by order by order differentiation of words (THEORY 9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from derive.flow.change import FlowChange, MatrixOrder
from derive.flow.product_rule.engine import ProductRule
from derive.flow.product_rule.limit_scalars import LimitScalars
from derive.flow.product_rule.words import Words
from derive.flow.statement.form import (
    Column,
    ColumnForm,
    Form,
    MatrixForm,
    conjugated,
    letters_in,
    scalars_in,
)
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import Scalar, holds_imaginary
from derive.flow.statement.task import Flow
from derive.flow.statement.tokens import FlowProblem


class ProductRuleRoute:
    """Any flow (THEORY 9)."""

    name = "product rule"
    any_network = True

    def handles(self, flow: Flow) -> bool:
        return True

    def run(self, flow: Flow, scalars: LimitScalars, order: int) -> FlowChange:
        meaning = flow.meaning
        rule = ProductRule(meaning, scalars)

        def values(scalar: Scalar) -> list[Any]:
            series = rule.scalar(scalar)
            return [series[k] for k in range(order + 1)]

        def matrix(name: str) -> list[MatrixOrder]:
            series = rule.matrix(name)
            return [MatrixOrder(series.alpha(k), series.pairs(k)) for k in range(1, order + 1)]

        def vector(name: str) -> list[Words]:
            series = rule.column(Column((), name))
            return [series[k] for k in range(1, order + 1)]

        readouts = {name: values(scalar) for name, scalar in meaning.readouts.items()}
        loss = None if meaning.loss is None else values(meaning.loss)
        if isinstance(scalars, LimitScalars):
            for name in filter(partial(_may_be_complex, meaning), meaning.velocity):
                _check_real(meaning, scalars, name, vector if name in meaning.vectors else matrix)
        return FlowChange(self.name, order, meaning, scalars, readouts, loss, matrix, vector, values)


def _may_be_complex(meaning: Meaning, name: str) -> bool:
    """Whether I stands in a velocity that is not, term by term, its own complex conjugate."""
    form = meaning.velocity[name]
    points = [letter.point for letter in letters_in(form) if letter.point is not None]
    if not any(map(holds_imaginary, (*scalars_in(form), *points))):
        return False
    return set(_terms(form)) != set(_terms(conjugated(form)))


def _terms(form: Form) -> Sequence[Any]:
    """Of a column or a matrix."""
    if isinstance(form, MatrixForm):
        return (*form.operators, *form.outers)
    return form.terms if isinstance(form, ColumnForm) else ()


def _check_real(
    meaning: Meaning, scalars: LimitScalars, name: str, change: Callable[[str], Sequence[Any]]
) -> None:
    """Refuse a change that is not real: every order must be its own complex conjugate."""
    for order in change(name):
        plain = not isinstance(order, MatrixOrder)
        terms = {(word,): c for word, c in order.items()} if plain else order.terms
        pairs = [(c, terms.get(tuple(map(scalars.conjugate_word, key)), 0)) for key, c in terms.items()]
        pairs += [] if plain else [(order.multiple, order.multiple)]
        if any(scalars.conjugate(c) - partner != 0 for c, partner in pairs):
            where = next(place for place in meaning.parts if place.startswith((f"velocity {name}", "loss")))
            raise FlowProblem(
                f"{where}: the velocity of {name} is complex: allowed are real ones, as by re(...)"
            )
