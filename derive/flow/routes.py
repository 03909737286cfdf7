"""The routes from a flow to its series: the first that handles it runs, all agree with the product rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from derive.flow.chain import chain_in_clock
from derive.flow.change import FlowChange, MatrixOrder
from derive.flow.clock import clock_powers, in_learning_time
from derive.flow.product_rule.engine import NotSmooth, ProductRule
from derive.flow.product_rule.exact import ExactRing, Generator, NewStart
from derive.flow.product_rule.limit_scalars import LimitScalars
from derive.flow.product_rule.words import Word, Words
from derive.flow.statement.form import Column, MatrixForm, scalars_in
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import (
    ONE,
    FlowLetter,
    Overlap,
    Scalar,
    ScalarCall,
    ScalarPower,
    holds_imaginary,
    inside,
    leaves,
)
from derive.flow.statement.task import Flow
from derive.flow.statement.tokens import FlowProblem

Read = TypeVar("Read")


class Route(Protocol):
    """A way from a flow to its series."""

    name: str

    def handles(self, flow: Flow) -> bool:
        """Whether this route can take the flow."""

    def run(self, flow: Flow, scalars: LimitScalars, order: int) -> FlowChange:
        """The series through tau**order. Raises NewStart where the ring is too small."""


class ProductRuleRoute:
    """Any flow (THEORY 9)."""

    name = "product rule"

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


class ChainRoute:
    """Gradient flow of W on any loss of z = w' R m, for any two vectors (THEORY 2): dW/ds = a b^T in the
    clock
    ds = -L'(z) dtau."""

    name = "chain"

    def handles(self, flow: Flow) -> bool:
        return _force(flow.meaning) is not None

    def run(self, flow: Flow, scalars: LimitScalars, order: int) -> FlowChange:
        meaning = flow.meaning
        found = _force(meaning)
        assert found is not None
        force, overlap = found
        point = scalars.point(ONE)
        assert point == 0
        left, right = overlap.left, overlap.right

        def chain(side: str, count: int) -> list[Word]:
            letters = {"a": "Aa", "b": "aA"}[side]
            ends = (left, right) if side == "a" else (right, left)
            return [((letters * count)[: i + 1], ends[i % 2]) for i in range(count)]

        a, b = chain("a", order + 1), chain("b", order + 1)
        gram_a = [[scalars.inner(u, v) for v in a] for u in a]
        gram_b = [[scalars.inner(u, v) for v in b] for u in b]
        if all(x == y for u, v in zip(gram_a, gram_b, strict=True) for x, y in zip(u, v, strict=True)):
            gram_b = gram_a
        in_clock = chain_in_clock(gram_a, gram_b, order)
        z = in_clock.readout([scalars.inner(("", left), word) for word in b])

        rule = ProductRule(meaning, scalars)
        rule.given(overlap, z)  # every scalar of the flow as a series in the clock
        speed = rule.scalar(force)
        powers = clock_powers([-speed[k] for k in range(order + 1)], scalars.zero, order)

        def values(scalar: Scalar) -> list[Any]:
            series = rule.scalar(scalar)
            in_tau = in_learning_time([series[k] for k in range(order + 1)], powers)
            return [scalars.normal(value) for value in in_tau]

        def matrix(name: str) -> list[MatrixOrder]:
            found: list[dict[tuple[Word, Word], Any]] = [{} for _ in range(order)]
            for i in range(order):
                for j in range(order - i):
                    series = [terms.get((i, j), scalars.zero) for terms in in_clock.C]
                    for k, value in enumerate(in_learning_time(series, powers)[1:]):
                        exact = scalars.normal(value)
                        if exact != 0:
                            found[k][a[i], b[j]] = exact
            return [MatrixOrder(scalars.zero, terms) for terms in found]

        readouts = {name: values(scalar) for name, scalar in meaning.readouts.items()}
        loss = None if meaning.loss is None else values(meaning.loss)
        in_time = ProductRule(meaning, scalars)  # of what the chain does not hold

        def scalar(scalar: Scalar) -> list[Any]:
            series = in_time.scalar(scalar)
            return [series[k] for k in range(order + 1)]

        return FlowChange(self.name, order, meaning, scalars, readouts, loss, matrix, lambda name: [], scalar)


ROUTES: tuple[Route, ...] = (ChainRoute(), ProductRuleRoute())
MOST_STARTS = 60


def derived(flow: Flow, order: int, routes: Sequence[Route] = ROUTES) -> FlowChange:
    """The flow's series by the first route that handles it, in the smallest ring that holds them.

    Raises FlowProblem where a scalar is not smooth at the start.
    """
    return read_off(flow, order, lambda change: change, routes)


def read_off(
    flow: Flow,
    order: int,
    read: Callable[[FlowChange], Read],
    routes: Sequence[Route] = ROUTES,
    g0: bool = False,
) -> Read:
    """What ``read`` makes of the flow's series (``g0``: at g = 0), in the smallest ring that holds both."""
    route = next(route for route in routes if route.handles(flow))
    generators: list[Generator] = []
    quotients = False
    for _ in range(MOST_STARTS):
        ring = ExactRing(list(flow.parameters), generators, quotients)
        try:
            return read(route.run(flow, LimitScalars(ring, flow.meaning.overlaps, g0), order))
        except NewStart as start:
            if start.generator is None:
                quotients = True
            else:
                generators.append(start.generator)
        except NotSmooth as problem:
            raise FlowProblem(not_smooth(flow.meaning, problem.scalar)) from None
        except ZeroDivisionError:
            raise FlowProblem("division by 0 at the start") from None
    raise FlowProblem(f"more than {MOST_STARTS} different functions of starting values")


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


def not_smooth(meaning: Meaning, scalar: Scalar) -> str:
    """What has no Taylor series, and where it stands."""
    if isinstance(scalar, ScalarCall):
        token, reason = scalar.name, "of 0 or less"
    else:
        assert isinstance(scalar, ScalarPower)
        root = scalar.exponent.denominator == 2
        token = f"the power {scalar.exponent}" if root else "the quotient 1/0: a division"
        reason = "(sqrt, abs) of 0 or less" if root else "by 0"
    standing = [
        place for place, form in meaning.parts.items() for part in scalars_in(form) if scalar in inside(part)
    ]
    gradient = [place for place in meaning.parts if place.startswith("loss")]
    where = [*standing, *gradient, "velocity"][0]
    return f"{where}: {token} {reason} at tau = 0: allowed are scalars that are smooth at the start"


def _force(meaning: Meaning) -> tuple[Scalar, Overlap] | None:
    """f and w' R m where dW/dtau = f (R' w)(R m)' and all else are functions of that overlap."""
    form = meaning.velocity.get("W")
    if set(meaning.velocity) != {"W"} or not isinstance(form, MatrixForm) or form.operators:
        return None
    if len(form.outers) != 1:
        return None
    outer = form.outers[0]
    R, transposed = FlowLetter("R", point=ONE), FlowLetter("R", transposed=True, point=ONE)
    if outer.left.letters != (transposed,) or outer.right.letters != (R,):
        return None
    overlap = Overlap(outer.left.vector, (R,), outer.right.vector)
    scalars = [outer.scalar, *meaning.readouts.values(), *([meaning.loss] if meaning.loss else [])]
    found = {leaf for scalar in scalars for leaf in leaves(scalar) if isinstance(leaf, Overlap)}
    fits = found <= {overlap} and not holds_imaginary(outer.scalar)
    return (outer.scalar, overlap) if fits else None
