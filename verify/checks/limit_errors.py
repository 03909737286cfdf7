"""Errors of printed functions against many-digit flow of the limit network (THEORY 5).

The flow, and what is read off it, is worked out once for each g, zhat, task and order and kept, so that
many modules, or many wrong copies of one, cost little each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import mpmath
import numpy as np

from derive import Instance, chain_series, instance_series, limit_network
from derive.flow.problem import FixedPointTask
from derive.observables.instance_series import ChainSeries
from verify.checks.end_slope import ERRORS, Moment, eigenvalue_errors, end_errors, moments
from verify.checks.error_slope import CLOSENESS, Errors, ladder
from verify.comparison.request import PAPERS_TASK
from verify.truth.aligned_network import precise_aligned_network
from verify.truth.digits import working_digits
from verify.truth.precise_flow import (
    DIGITS,
    PreciseNetwork,
    PreciseState,
    chains,
    norm,
    precise_limit_network,
)
from verify.truth.theory import SCALARS, Theory

ROOT_TEST_ORDER = 20


def radius_estimate(instance: Instance, zhat: float, train: Sequence[str] = ("W",)) -> float:
    """The radius of convergence in tau, as the root test on the readout's first coefficients has it."""
    return _root_test(instance_series(instance, zhat, ROOT_TEST_ORDER, train))


def limit_radius(g: float, zhat: float, task: FixedPointTask = PAPERS_TASK) -> float:
    """The same at N -> infinity."""
    if not task.alignment:
        return radius_estimate(limit_network(g, 12), zhat, task.train)
    with working_digits(DIGITS):
        network = precise_aligned_network(g, task.alignment, 12)
        return _root_test(precise_chain_series(network, zhat, ROOT_TEST_ORDER, task.train))


def _root_test(series: ChainSeries) -> float:
    coefficients = enumerate(series.readout)
    return float(min(abs(c) ** (-1 / k) for k, c in coefficients if k >= ROOT_TEST_ORDER // 2 and c))


def precise_chain_series(
    network: PreciseNetwork, zhat: float, order: int, train: Sequence[str]
) -> ChainSeries:
    """The chain's series of a network with many digits."""
    a, b = chains(network, order + 1)
    gram_a, gram_b, overlaps = (x.tolist() for x in (a @ a.T, b @ b.T, b @ network.w))
    return chain_series(gram_a, gram_b, overlaps, mpmath.mpf(zhat), order, train)


@dataclass(frozen=True, eq=False)
class LimitFlow:
    """The flow of the limit network at the times of a ladder; ``singular_values`` of them are known.

    ``g`` is None at the limit g -> 1.
    """

    g: float | None
    zhat: float
    task: FixedPointTask
    singular_values: int
    network: PreciseNetwork
    times: Sequence[Any]
    states: Sequence[PreciseState]

    @cached_property
    def observables(self) -> list[dict[str, Any]]:
        """Every observable by name, at each time."""
        target, found = mpmath.mpf(self.zhat), []
        for state in self.states:
            values = state.observables(target, self.singular_values)
            if "W" not in self.task.train:
                values["gradient_norm"] = target * 0  # it is W's own
            aa, bb = norm(state.a) ** 2, norm(state.b) ** 2
            values["sharpness"] = sum({"W": aa * bb, "m": aa, "w": bb}[x] for x in self.task.train)
            found.append(values)
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
    def moments(self) -> list[Moment]:
        """What the end of learning is held against."""
        return moments(self.network, self.times, self.states, self.zhat, self.g)


@lru_cache(maxsize=32)
def limit_flow(
    g: float,
    zhat: float,
    order: int,
    task: FixedPointTask = PAPERS_TASK,
    singular_values: int = 2,
    closeness: float = CLOSENESS,
) -> LimitFlow:
    """The flow that a series through tau^``order`` is held against, in DIGITS digits."""
    with working_digits(DIGITS):
        highest = max(order, 2 * singular_values - 1)
        if task.alignment:
            network = precise_aligned_network(g, task.alignment, highest // 2 + 4)
        else:
            network = precise_limit_network(g, highest // 2 + 3)
        radius = limit_radius(g, zhat, task)
        times, states = ladder(radius, order, network, zhat, closeness, task.train)
        return LimitFlow(g, zhat, task, singular_values, network, times, states)


def limit_errors(
    theory: Theory,
    g: float,
    zhat: float,
    task: FixedPointTask = PAPERS_TASK,
    closeness: float = CLOSENESS,
    only: str | None = None,
) -> dict[str, Errors]:
    """By name the errors of every printed function, or those of the function ``only``."""
    order, target, strength, functions = theory.order, mpmath.mpf(zhat), mpmath.mpf(g), theory.beyond
    count = len(theory.singular_values(target * 0, target, strength))
    flow = limit_flow(g, zhat, order, task, count, closeness)
    found: dict[str, Errors] = {}

    def hold(name: str, values: Sequence[Any], power: int) -> None:
        truth = [exact[name] for exact in flow.observables]
        errors = [value - t for value, t in zip(values, truth, strict=True)]
        found[name] = Errors(power, flow.times, errors, truth)

    if only in (None, "singular_values", *SCALARS):
        printed = [theory.observables(tau, target, strength) for tau in flow.times]
        for name in printed[0]:
            function, least = (name, 0) if name in SCALARS else ("singular_values", 2 * int(name[1:]) - 1)
            if only in (None, function):
                hold(name, [values[name] for values in printed], max(order + 1, least))
    if "sharpness" in functions and task != PAPERS_TASK and only in (None, "sharpness"):
        hold("sharpness", [functions["sharpness"](tau, target, strength) for tau in flow.times], order + 1)
    if "learning_time" in functions and only in (None, *ERRORS):
        found |= end_errors(functions, order, flow.moments, g, zhat, only)
    if "error_estimate" in functions and only in (None, "error_estimate"):
        corrected = [
            theory.scalars["readout"](*at) + functions["error_estimate"](*at)
            for at in ((tau, target, strength) for tau in flow.times)
        ]
        truth = [exact["readout"] for exact in flow.observables]
        errors = [value - t for value, t in zip(corrected, truth, strict=True)]
        found["readout with its error estimate"] = Errors(order + 2, flow.times, errors)
    if only in (None, "a_matrix", "eigenvalues_g0"):
        found |= _errors_at_g0(theory, limit_flow(0.0, zhat, order, task, 2, closeness), only)
    return found


def _errors_at_g0(theory: Theory, flow: LimitFlow, only: str | None) -> dict[str, Errors]:
    """Those of A and of its eigenvalues."""
    found: dict[str, Errors] = {}
    target, network = mpmath.mpf(flow.zhat), flow.network
    if only in (None, "a_matrix"):
        # the vectors w, m on either side of W - W0 = [w m] A [w m]^T
        left = np.array([network.w @ network.B, network.m])
        right = np.array([network.w, network.B @ network.m])
        differences = [
            norm(left.T @ np.array(theory.a_matrix(tau, target), dtype=object) @ right - state.change)
            for tau, state in zip(flow.times, flow.states, strict=True)
        ]
        sizes = [norm(state.change) for state in flow.states]
        found["A (g = 0)"] = Errors(theory.order + 1, flow.times, differences, sizes)
    if "eigenvalues_g0" in theory.beyond and only in (None, "eigenvalues_g0"):
        distances = eigenvalue_errors(theory.beyond["eigenvalues_g0"], flow.times, flow.states, flow.zhat)
        found["eigenvalues_g0"] = Errors(theory.order + 1, flow.times, distances)
    return found
