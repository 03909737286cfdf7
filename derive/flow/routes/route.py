"""What a route from a flow in words to its series is."""

from __future__ import annotations

from typing import Protocol

from derive.flow.change import FlowChange
from derive.flow.product_rule.limit_scalars import LimitScalars
from derive.flow.statement.task import Flow


class Route(Protocol):
    """A way from a flow to its series."""

    name: str
    any_network: bool
    """Whether it holds for one network too, whose overlaps are arbitrary."""

    def handles(self, flow: Flow) -> bool:
        """Whether this route can take the flow."""

    def run(self, flow: Flow, scalars: LimitScalars, order: int) -> FlowChange:
        """The series through tau**order. Raises NewStart where the ring is too small."""
