"""The printed series against the simulations, judged only where its next term is small.

A Taylor series says nothing beyond its radius of convergence (THEORY 5), so at each time and for each
observable the series is judged where the terms it leaves out first (known from check (i)) are at most
`SMALL` of its value, and drawn elsewhere. The exact limit is judged at every time. The allowance has
three parts, the second only for the series:

    4 RMS(N)/sqrt(seeds)    the instances' deviation from N -> infinity, from check (iii)
    next terms              what the series leaves out
    |descent - flow|        the learning rate, from the limit under both
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive import limit, limit_network
from derive.flow.problem import FixedPointTask
from verify.checks.check import Check
from verify.checks.error_slope import NextTerms
from verify.checks.size_slope import ROUNDING, Deviations
from verify.comparison.request import Request
from verify.comparison.schedule import Schedule
from verify.truth.descent import between_epochs, descend
from verify.truth.flow_curve import (
    LIMIT_CHAIN,
    LIMIT_NODES,
    descent_observables,
    has_exact_curve,
    limit_observables,
)
from verify.truth.networks import FixedPointNetwork

SMALL = 0.01
STANDARD_ERRORS = 4.0
JUDGED = ("readout", "loss", "s1", "s2")
Values = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Judgement:
    """``judged[name]`` says at which times the series is judged; ``left_out[name]`` its next terms."""

    judged: dict[str, NDArray[np.bool_]]
    left_out: Values


def judge(
    series: Values,
    next_terms: dict[str, NextTerms],
    tau: NDArray[np.float64],
    radius: float,
    whole: bool = False,
) -> Judgement:
    """Where the printed series (values at ``tau``) may be held against a simulation: inside its radius of
    convergence ``radius`` (in tau), and there where its next terms are small.

    ``whole``: the terms after the next two count too, as a geometric series, because no scatter of the
    networks covers them.
    """
    inside = tau < radius
    following = np.where(inside, 1 / (1 - np.minimum(tau / radius, 0.99)), 1.0) if whole else 1.0
    left_out = {name: next_terms[name].size(tau) * following for name in series}
    judged = {name: inside & (left_out[name] <= SMALL * np.abs(series[name])) for name in series}
    return Judgement(judged, left_out)


def learning_rate_shift(request: Request, plan: Schedule, tau: NDArray[np.float64]) -> Values:
    """|descent - flow| at N -> infinity and the simulation's learning rate."""
    g, zhat, task = request.g, request.zhat, request.task
    if task.alignment:
        reduction = limit.limit_reduction(g, LIMIT_CHAIN, float(task.alignment))
        run = limit.descent(reduction, zhat, plan.learning_rate, plan.epochs, train=task.train, keep=True)
        epochs = plan.learning_rate * np.arange(plan.epochs + 1)
        descended = between_epochs(epochs, descent_observables(run, zhat), tau)
    else:
        network = FixedPointNetwork(limit_network(g, LIMIT_NODES), train=task.train)
        descended = descend(network, zhat, plan.learning_rate, plan.epochs).at(tau)
    flow = limit_observables(g, zhat, tau, task).values
    return {name: np.abs(descended[name] - flow[name]) for name in flow}


def simulation_checks(
    request: Request,
    ttilde: NDArray[np.float64],
    series: Values,
    exact: Values,
    mean: dict[str, Values],
    judgement: Judgement,
    shift: Values,
    deviations: Deviations,
) -> list[Check]:
    """The printed series where it is judged, and the exact limit at every shown time, against the
    simulations: one check each for a simulator and an observable, at the time that comes closest to
    failing. ``deviations`` hold every shown time.
    """
    checks = []
    tau, integrated = ttilde / request.beta_squared, not has_exact_curve(request.task)
    for truth, expected in (("the printed series", series), ("the exact limit", exact)):
        for name in judged_names(request.task):
            judged = judgement.judged[name] if expected is series else np.full(len(tau), True)
            where = np.flatnonzero(judged)
            if not len(where):
                continue
            of_one = np.interp(tau, deviations.tau, deviations.at_size(name, request.size))
            finite_size = STANDARD_ERRORS * of_one / np.sqrt(request.seeds)
            if request.every_size_is_the_limit:
                finite_size = np.maximum(finite_size, ROUNDING * request.zhat)
            left_out = judgement.left_out[name] if expected is series else np.zeros(len(tau))
            allowance = finite_size + left_out + shift[name]
            for simulator, values in mean.items():
                difference = np.abs(values[name] - expected[name])
                ratio = (difference / np.where(allowance > 0, allowance, 1e-300))[where]
                k = where[np.argmax(np.where(np.isfinite(ratio), ratio, np.inf))]
                if expected is series:
                    times = f"{len(where)} judged times (next term at most {SMALL:.0%})"
                    parts = f", the next terms ({left_out[k]:.2g})"
                else:
                    times = f"all {len(tau)} shown times" + "; the limit's flow is integrated" * integrated
                    parts = ""
                checks.append(
                    Check(
                        f"{name}: mean of {simulator} against {truth}",
                        float(values[name][k]),
                        float(expected[name][k]),
                        float(allowance[k]),
                        f"at ttilde = {ttilde[k]:g}, the worst of {times}; the tolerance is "
                        f"{STANDARD_ERRORS:g} standard errors of {request.seeds} instances of "
                        f"N = {request.size} ({finite_size[k]:.2g}){parts} and the learning rate's shift "
                        f"({shift[name][k]:.2g})",
                    )
                )
    return checks


def judged_names(task: FixedPointTask) -> tuple[str, ...]:
    """What is judged: where W is frozen it has no singular values."""
    return JUDGED if "W" in task.train else JUDGED[:2]
