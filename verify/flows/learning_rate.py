"""The second level of agreement for a flow (THEORY 5): descent leaves it as the learning rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from derive.flow.statement.form import MatrixForm
from derive.flow.statement.task import Flow
from derive.observables.of_flows.flow_observable import FlowObservable
from derive.observables.of_flows.flow_registry import shown_by_states
from verify.checks.check import Check
from verify.checks.slope import learning_rate_slope
from verify.flows.own_series import STEPS
from verify.flows.torch_network import State, TorchNetwork

EPOCHS, MOST_EPOCHS = (100, 200, 400), 6400
"""Steps to one time; doubled, up to a number, while a slope in the rate is not settled."""
BEND = 0.04
"""A slope has settled when it changes by at most so much from one pair of rates to the next."""
STILL, ROUNDING = 1e-9, 1e-7
"""What moves less than the one stands still; a deviation below the other, of the movement, is rounding."""


def rate_checks(flow: Flow, tau: float, size: int, g: float, seed: int = 2) -> list[Check]:
    """Readouts, loss, W and observables of one network that descends: their slopes in the learning rate."""
    network = TorchNetwork.sample(flow, size, g, seed)
    descent = FlowDescent(network, tau, _finite_observables(flow))
    for count in EPOCHS:
        descent.descend(count)
    while descent.unsettled() and descent.epochs[-1] < MOST_EPOCHS:
        descent.descend(2 * descent.epochs[-1])
    return _each_once([descent.check(name) for name in descent.deviations if descent.seen(name)])


class FlowDescent:
    """One network that descends to one time at ever smaller learning rates.

    ``deviations`` are |descent - flow| by name, an entry for each of ``epochs``.
    """

    def __init__(self, network: TorchNetwork, tau: float, observables: Sequence[FlowObservable]) -> None:
        self._network, self._tau, self._observables = network, tau, observables
        start, self._end = network.start(), network.flowed((tau,), STEPS)[0]
        self._exact = self._read(self._end)
        before = self._read(start)
        self._moved = {"W": _distance(self._end, start)}
        self._moved |= {name: abs(value - before[name]) for name, value in self._exact.items()}
        self.epochs: list[int] = []
        self.deviations: dict[str, list[float]] = {name: [] for name in self._moved}

    def descend(self, epochs: int) -> None:
        """Go the same way in so many steps."""
        state = self._network.descended(self._tau / epochs, epochs)
        self.epochs.append(epochs)
        self.deviations["W"].append(_distance(state, self._end))
        for name, value in self._read(state).items():
            self.deviations[name].append(abs(value - self._exact[name]))

    def seen(self, name: str) -> bool:
        """Whether it moves, and descent leaves the flow by more than rounding."""
        moved = self._moved[name]
        return moved >= STILL and min(self.deviations[name]) >= ROUNDING * max(moved, 1e-6)

    def unsettled(self) -> bool:
        """Whether anywhere higher powers of the rate outweigh the first at all rates so far."""
        return any(self.seen(name) and self._settled_at(name) is None for name in self.deviations)

    def check(self, name: str) -> Check:
        """The slope at the largest rates where it has settled, else at the smallest."""
        first = self._settled_at(name)
        first = len(self.epochs) - 3 if first is None else first
        return learning_rate_slope(
            f"{name}: descent against flow (N = {len(self._network.W0)}), slope in the learning rate",
            np.array(self.deviations[name][first : first + 3]),
            self._tau,
            self.epochs[first : first + 3],
        )

    def _settled_at(self, name: str) -> int | None:
        """The first of three rates between which the slope bends little."""
        with np.errstate(divide="ignore", invalid="ignore"):
            bends = np.abs(np.diff(np.log2(self.deviations[name]), 2))
        return next((first for first, bend in enumerate(bends) if bend <= BEND), None)

    def _read(self, state: State) -> Mapping[str, float]:
        return self._network.read_off(state, self._observables) | self._network.observed(state)


def _finite_observables(flow: Flow) -> list[FlowObservable]:
    """Those that stand for themselves and do not grow with the network."""
    form = flow.meaning.velocity.get("W")
    grows = isinstance(form, MatrixForm) and bool(form.operators)
    return shown_by_states(flow.meaning, grows)


def _distance(state: State, other: State) -> float:
    return float((state["W"] - other["W"]).norm())


def _each_once(checks: Sequence[Check]) -> list[Check]:
    """z and z_re of a real readout are one: the first of equal measurements is kept."""
    kept: list[Check] = []
    for check in checks:
        if all(check.measured != other.measured for other in kept):
            kept.append(check)
    return kept
