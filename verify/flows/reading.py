"""What the printed series of a flow are in networks: each by its name, read off a state."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property

from derive.flow.given.network import FlowInstance
from derive.flow.statement.task import Flow
from derive.observables.of_flows.flow_observable import FlowObservable
from derive.observables.of_flows.flow_registry import flow_observables
from verify.flows.outliers import EQUATION, MULTIPLE, determinant, multiple, with_further_neuron
from verify.flows.torch_network import State, TorchNetwork


@dataclass(frozen=True)
class Reading:
    """Networks of a flow in which all of ``names`` are seen: readouts, the loss, observables."""

    flow: Flow
    names: tuple[str, ...]

    @cached_property
    def known(self) -> list[FlowObservable]:
        """Of ``names`` those that a state shows."""
        observables = flow_observables(self.flow.meaning)
        return [one for one in observables if one.value is not None and one.name in self.names]

    def network(self, size: int, g: float, seed: int) -> TorchNetwork:
        """One of ``size`` neurons, and where it is asked for one more, which shows the multiple of W0."""
        if not {MULTIPLE, EQUATION} & set(self.names):
            return TorchNetwork.sample(self.flow, size, g, seed)
        return TorchNetwork.of(with_further_neuron(FlowInstance.sample(self.flow, size, g, seed)))

    def at(self, network: TorchNetwork, state: State, names: Container[str]) -> dict[str, float]:
        """The numbers of those of ``names`` that are read, by name."""
        values = network.observed(state)
        values |= network.read_off(state, [one for one in self.known if one.name in names])
        if MULTIPLE in names:
            values[MULTIPLE] = multiple(state)
        if EQUATION in names:
            values[EQUATION] = determinant(network.W0.numpy())(state)
        return {name: values[name] for name in self.names if name in names}
