"""The product rule: any flow, by order by order differentiation of words (THEORY 9)."""

from __future__ import annotations

from typing import Any

from derive.flow.change import FlowChange, MatrixOrder
from derive.flow.product_rule.engine import ProductRule
from derive.flow.product_rule.limit_scalars import LimitScalars
from derive.flow.product_rule.words import Words
from derive.flow.statement.form import Column, scalars_in
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
        for name in meaning.matrices if isinstance(scalars, LimitScalars) else ():
            _check_real(meaning, scalars, name, rule)
        return FlowChange(self.name, order, meaning, scalars, readouts, loss, matrix, vector, values)


def _check_real(meaning: Meaning, scalars: LimitScalars, name: str, rule: ProductRule) -> None:
    """Refuse a velocity that is not real at the start: it must be its own complex conjugate."""
    if not any(holds_imaginary(scalar) for scalar in scalars_in(meaning.velocity[name])):
        return
    pairs = rule.matrix(name).pairs(1)
    for (left, right), c in pairs.items():
        partner = (scalars.conjugate_word(left), scalars.conjugate_word(right))
        if partner not in pairs or scalars.conjugate(c) - pairs[partner] != 0:
            where = next(place for place in meaning.parts if place.startswith((f"velocity {name}", "loss")))
            raise FlowProblem(
                f"{where}: the velocity of {name} is complex: allowed are real ones, as by re(...)"
            )
