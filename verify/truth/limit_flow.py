"""The flow of the limit N -> infinity at times far inside the radius of convergence, with many digits.

It is worked out once for each setting and order and kept, so that many modules, or many wrong copies of one,
cost little each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import mpmath
import numpy as np

from derive import Instance, chain_series, instance_series, limit_network
from derive.observables.instance_series import ChainSeries
from derive.observables.registry import observables
from derive.radius.singularities import singularities
from verify.truth.digits import working_digits
from verify.truth.end_of_learning import Progress, progress
from verify.truth.precise_flow import DIGITS, FlowNetwork, FlowState, chains, flow_state
from verify.truth.precise_networks import limit_network_of, precise_aligned_network, precise_critical_network
from verify.truth.setting import Setting, observable_names

ROOT_TEST_ORDER = 20
CLOSENESS = 1e-4
"""The latest time, in radii of convergence."""
POINTS = 4


def ladder_times(radius: float, closeness: float = CLOSENESS) -> list[Any]:
    """The falling times at which slopes are taken, in tau as the ``radius`` of convergence is."""
    return [mpmath.mpf(radius) * closeness / 2**k for k in range(POINTS)]


def flow_columns(order: int) -> int:
    """How far the flow is extrapolated: its error is closeness^2 or more below that of a series."""
    return order // 2 + 3


def radius_estimate(instance: Instance, zhat: float, train: Sequence[str] = ("W",)) -> float:
    """The radius of convergence in tau, as the root test on the readout's first coefficients has it."""
    return _root_test(instance_series(instance, zhat, ROOT_TEST_ORDER, train))


@lru_cache(maxsize=64)
def limit_radius(setting: Setting) -> float:
    """The same at N -> infinity; of several modes that of the largest, from the exact curve."""
    if setting.shape:
        return singularities(setting.g, setting.zhat).radius / setting.unit
    if not setting.task.alignment:
        return radius_estimate(limit_network(setting.g, 12), setting.zhat, setting.task.train)
    with working_digits(DIGITS):
        network = precise_aligned_network(setting.g, setting.task.alignment, 12)
        return _root_test(precise_chain_series(network, setting.zhat, ROOT_TEST_ORDER, setting.task.train))


def _root_test(series: ChainSeries) -> float:
    coefficients = enumerate(series.readout)
    return float(min(abs(c) ** (-1 / k) for k, c in coefficients if k >= ROOT_TEST_ORDER // 2 and c))


def precise_chain_series(network: FlowNetwork, zhat: float, order: int, train: Sequence[str]) -> ChainSeries:
    """The chain's series of a network with many digits."""
    a, b = chains(network, order + 1)
    gram_a, gram_b, overlaps = (x.tolist() for x in (a @ a.T, b @ b.T, b @ network.w))
    return chain_series(gram_a, gram_b, overlaps, mpmath.mpf(zhat), order, train)


@dataclass(frozen=True, eq=False)
class LimitFlow:
    """The flow of the limit network at the times of a ladder.

    ``g`` is None at the limit g -> 1.
    """

    setting: Setting
    g: float | None
    network: FlowNetwork
    times: Sequence[Any]
    states: Sequence[FlowState]

    def observables(self, singular_values: int) -> list[dict[str, Any]]:
        """At each time every observable of the registry by name; of a matrix what is followed of it."""
        found = []
        for state in self.states:
            if not self.setting.shape:
                known = observables(self.setting.task, singular_values)
                found.append({observable.name: observable.value(state) for observable in known})
                continue
            names = observable_names(self.setting.shape, singular_values)
            sizes = [state.error**2 / 2, mpmath.sqrt(state.squared_norm)]
            values = [state.singular_value(r + 1) for r in range(singular_values)]
            found.append(dict(zip(names, [*state.Z.ravel(), *sizes, *values], strict=True)))
        return found

    @cached_property
    def singular_vectors(self) -> list[list[Any]]:
        """At each time, for r = 1, 2, ..., the r-th left and right singular vector, one after the other."""
        found = []
        for state in self.states:
            left, values, right = mpmath.svd(mpmath.matrix(state.change.tolist()))
            found.append(
                [
                    np.array([*(left[i, r] for i in range(left.rows)), *right[r, :]], dtype=object)
                    for r in range(len(values))
                ]
            )
        return found

    @cached_property
    def progress(self) -> list[Progress]:
        """What the end of learning is held against."""
        moments = zip(self.times, self.states, strict=True)
        return [progress(self.network, tau, state, self.g) for tau, state in moments]


@lru_cache(maxsize=32)
def limit_flow(
    setting: Setting, order: int, singular_values: int = 2, closeness: float = CLOSENESS
) -> LimitFlow:
    """The flow that a series through tau^``order`` is held against; so many singular values are exact."""
    with working_digits(DIGITS):
        ranks = -(-singular_values // len(setting.modes))  # of each mode
        network = limit_network_of(setting, max(order, 2 * ranks - 1) // 2 + 3)
        return _followed(setting, setting.g, network, limit_radius(setting), order, closeness)


@lru_cache(maxsize=8)
def critical_flow(zhat: float, order: int, closeness: float = CLOSENESS) -> LimitFlow:
    """The flow at g -> 1 in its own units, in which beta = 1."""
    with working_digits(DIGITS):
        setting = Setting(0.0, zhat)
        network = precise_critical_network(flow_columns(order))
        # the radius at g = 0, a small part of which is early enough here too
        return _followed(setting, None, network, limit_radius(setting), order, closeness)


def _followed(
    setting: Setting, g: float | None, network: FlowNetwork, radius: float, order: int, closeness: float
) -> LimitFlow:
    times, columns = ladder_times(radius, closeness), flow_columns(order)
    target = setting.target
    states = [flow_state(network, target, tau, columns, setting.task.train) for tau in times]
    return LimitFlow(setting, g, network, times, states)
