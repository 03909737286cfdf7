"""The routes from a flow to its series: the first that handles it runs, all agree with the product rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeVar

from derive.flow.change import FlowChange
from derive.flow.product_rule.engine import NotSmooth
from derive.flow.product_rule.exact import ExactRing
from derive.flow.product_rule.limit_scalars import LimitScalars
from derive.flow.product_rule.named_overlaps import NamedScalars
from derive.flow.product_rule.new_start import Generator, NewStart
from derive.flow.product_rule.overlap_book import OverlapBook
from derive.flow.routes.chain_route import ChainRoute
from derive.flow.routes.dressed_route import DressedRoute
from derive.flow.routes.one_overlap import one_overlap
from derive.flow.routes.product_rule_route import ProductRuleRoute
from derive.flow.routes.route import Route
from derive.flow.statement.form import ColumnForm, scalars_in
from derive.flow.statement.meaning import Meaning
from derive.flow.statement.scalar import Scalar, ScalarCall, ScalarPower, inside, power
from derive.flow.statement.task import Flow
from derive.flow.statement.tokens import FlowProblem

Read = TypeVar("Read")

ROUTES: tuple[Route, ...] = (DressedRoute(), ChainRoute(), ProductRuleRoute())
MOST_STARTS = 60


def derived(
    flow: Flow, order: int, routes: Sequence[Route] = ROUTES, book: OverlapBook | None = None
) -> FlowChange:
    """The flow's series by the first route that handles it, in the smallest ring that holds them.

    Raises FlowProblem where a scalar is not smooth at the start.
    """
    return read_off(flow, order, lambda change: change if book is None else _all(change), routes, book=book)


def _all(change: FlowChange) -> FlowChange:
    """The change with all that moves worked out: every overlap has its name."""
    for name, form in change.meaning.velocity.items():
        (change.vector if isinstance(form, ColumnForm) else change.matrix)(name)
    return change


def network_book(flow: Flow) -> OverlapBook:
    """Names for the overlaps of one network under a flow."""
    found = one_overlap(flow.meaning)
    chain = None if found is None else (found.overlap.left, found.overlap.right)
    return OverlapBook(flow.ensemble.vectors, chain, [*flow.parameters, "tau", "beta", "g"])


def read_off(
    flow: Flow,
    order: int,
    read: Callable[[FlowChange], Read],
    routes: Sequence[Route] = ROUTES,
    g0: bool = False,
    book: OverlapBook | None = None,
    further: Sequence[str] = (),
) -> Read:
    """What ``read`` makes of the flow's series, in the smallest ring that holds both.

    In the limit (``g0``: at g = 0), or in the overlaps of one network by the names of ``book``; ``further``
    are variables behind the parameters.
    """
    names = [*flow.parameters, *further]
    route = next(route for route in routes if route.handles(flow) and (book is None or route.any_network))
    generators: list[Generator] = []
    quotients = False
    for _ in range(MOST_STARTS):
        scalars: LimitScalars
        if book is None:
            ring = ExactRing(names, generators, quotients)
            scalars = LimitScalars(ring, flow.meaning.overlaps, g0)
        else:
            scalars = NamedScalars(names, book, generators, quotients)
        try:
            return read(route.run(flow, scalars, order))
        except NewStart as start:
            if start.overlaps:  # the variables have moved
                generators = []
            elif start.generator is None:
                quotients = True
            else:
                generators.append(start.generator)
        except NotSmooth as problem:
            raise FlowProblem(not_smooth(flow.meaning, problem.scalar)) from None
        except ZeroDivisionError:
            raise FlowProblem("division by 0 at the start") from None
    raise FlowProblem(f"more than {MOST_STARTS} different functions of starting values")


def not_smooth(meaning: Meaning, scalar: Scalar) -> str:
    """What has no Taylor series, and where it stands."""
    scalar = _in_the_loss(meaning, scalar)
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


def _in_the_loss(meaning: Meaning, scalar: Scalar) -> Scalar:
    """The logarithm in the loss whose derivative is a quotient 1/x; else the scalar itself."""
    for part in () if meaning.loss is None else inside(meaning.loss):
        if (
            isinstance(part, ScalarCall)
            and part.name == "log"
            and scalar == power(part.argument, Fraction(-1))
        ):
            return part
    return scalar
