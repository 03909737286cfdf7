"""Dressed moments: the readout of two independent vectors, W alone learning, without the chain (THEORY 2).

X_k = w' R (R' R)... of the moving W close among themselves in the clock, dX_k/ds = sum of X_i X_j over
i + j = k + 3, with moments of W0 alone at the start: z = X_1. What moves is the chain's, when asked for.
"""

from __future__ import annotations

from derive.flow.change import FlowChange
from derive.flow.dressed_moments import dressed_moments
from derive.flow.product_rule.limit_scalars import LimitScalars
from derive.flow.routes.chain_route import Chain, clock_change
from derive.flow.routes.one_overlap import one_overlap
from derive.flow.statement.task import Flow


class DressedRoute:
    """Any loss of one w' R m, w and m independent, W alone learning."""

    name = "dressed moments"
    any_network = False

    def handles(self, flow: Flow) -> bool:
        found = one_overlap(flow.meaning)
        if found is None or found.input_learns or found.readout_learns:
            return False
        pair = found.overlap.left, found.overlap.right
        return pair[0] != pair[1] and pair not in flow.meaning.overlaps

    def run(self, flow: Flow, scalars: LimitScalars, order: int) -> FlowChange:
        found = one_overlap(flow.meaning)
        assert found is not None
        chain = Chain(found, scalars, order)
        moments = [scalars.inner(chain.a[n], chain.a[n]) for n in range((order + 1) // 2 + 1)]
        z, _ = dressed_moments(moments, order)
        return clock_change(self.name, flow, scalars, order, found, z, chain)
