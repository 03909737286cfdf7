"""The chain: any loss of one w' R m, for any two vectors, of which W and either vector learn (THEORY 2, 4).

dW/ds = a b^T in the clock ds = -L'(z) dtau; the loss and all that is read off are functions of z.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.flow.chain import ChainInClock, chain_in_clock
from derive.flow.change import FlowChange, MatrixOrder
from derive.flow.clock import clock_powers, in_learning_time
from derive.flow.product_rule.engine import ProductRule
from derive.flow.product_rule.limit_scalars import LimitScalars
from derive.flow.product_rule.words import Word, Words
from derive.flow.routes.one_overlap import OneOverlap, one_overlap
from derive.flow.statement.scalar import ONE, Scalar
from derive.flow.statement.task import Flow


class ChainRoute:
    """W - W0 = sum of C_ij a_i b_j', m = m(0) + sum of kappa_i a_i, w = w(0) + sum of omega_j b_j."""

    name = "chain"
    any_network = True

    def handles(self, flow: Flow) -> bool:
        return one_overlap(flow.meaning) is not None

    def run(self, flow: Flow, scalars: LimitScalars, order: int) -> FlowChange:
        found = one_overlap(flow.meaning)
        assert found is not None
        chain = Chain(found, scalars, order)
        return clock_change(self.name, flow, scalars, order, found, chain.readout(), chain)


class Chain:
    """The chain of a flow in the clock, worked out when it is first asked for."""

    def __init__(self, stated: OneOverlap, scalars: LimitScalars, order: int) -> None:
        if scalars.point(ONE):
            raise ValueError("chains are words at the point 1, which comes first")
        left, right = stated.overlap.left, stated.overlap.right
        self.stated, self.scalars, self.order = stated, scalars, order
        self.a, self.b = chain_words("Aa", left, right, order + 1), chain_words("aA", right, left, order + 1)
        self._known: ChainInClock | None = None
        self._gram_b: Any = None

    def in_clock(self) -> ChainInClock:
        """The recursion's series."""
        if self._known is None:
            scalars, stated = self.scalars, self.stated
            gram_a = [[scalars.inner(u, v) for v in self.a] for u in self.a]
            self._gram_b = [[scalars.inner(u, v) for v in self.b] for u in self.b]
            if gram_a == self._gram_b:
                self._gram_b = gram_a
            self._known = chain_in_clock(
                gram_a,
                self._gram_b,
                self.order,
                W_learns=stated.W_learns,
                input_rate=int(stated.input_learns),
                readout_rate=int(stated.readout_learns),
            )
        return self._known

    def readout(self) -> list[Any]:
        """z in the clock."""
        in_clock, left = self.in_clock(), self.stated.overlap.left
        overlaps = [self.scalars.inner(("", left), word) for word in self.b]
        # where readout and input learn at one rate by equal chains, omega is kappa
        return in_clock.readout(overlaps, self._gram_b)


def chain_words(letters: str, first: str, second: str, count: int) -> list[Word]:
    """a_0, a_1, ... = B' w, B' B m, ... for "Aa", w and m."""
    ends = (first, second)
    return [((letters * count)[: i + 1], ends[i % 2]) for i in range(count)]


def clock_change(
    name: str,
    flow: Flow,
    scalars: LimitScalars,
    order: int,
    stated: OneOverlap,
    z: Sequence[Any],
    chain: Chain,
) -> FlowChange:
    """All series in learning time, from z in the clock; what moves is read off the chain when asked for."""
    meaning = flow.meaning
    rule = ProductRule(meaning, scalars)
    rule.given(stated.overlap, z)  # every scalar of the flow as a series in the clock
    speed = rule.scalar(stated.force)
    powers = clock_powers([-speed[k] for k in range(order + 1)], scalars.zero, order)

    def in_time(series: Sequence[Any]) -> list[Any]:
        return [scalars.normal(value) for value in in_learning_time(series, powers)]

    def values(scalar: Scalar) -> list[Any]:
        series = rule.scalar(scalar)
        return in_time([series[k] for k in range(order + 1)])

    def matrix(name: str) -> list[MatrixOrder]:
        found: list[dict[tuple[Word, Word], Any]] = [{} for _ in range(order)]
        for i in range(order):
            for j in range(order - i):
                series = [terms.get((i, j), scalars.zero) for terms in chain.in_clock().C]
                for k, value in enumerate(in_time(series)[1:]):
                    if value != 0:
                        found[k][chain.a[i], chain.b[j]] = value
        return [MatrixOrder(scalars.zero, terms) for terms in found]

    def vector(name: str) -> list[Words]:
        is_input = name == stated.overlap.right
        coordinates = chain.in_clock().kappa if is_input else chain.in_clock().omega
        words = chain.a if is_input else chain.b
        found: list[Words] = [{} for _ in range(order)]
        for i in range(order):
            series = [row[i] if i < len(row) else scalars.zero for row in coordinates]
            for k, value in enumerate(in_time(series)[1:]):
                if value != 0:
                    found[k][words[i]] = value
        return found

    further = ProductRule(meaning, scalars)  # in learning time, of what is no function of z

    def scalar(scalar: Scalar) -> list[Any]:
        series = further.scalar(scalar)
        return [series[k] for k in range(order + 1)]

    readouts = {key: values(scalar) for key, scalar in meaning.readouts.items()}
    loss = None if meaning.loss is None else values(meaning.loss)
    return FlowChange(name, order, meaning, scalars, readouts, loss, matrix, vector, scalar)
