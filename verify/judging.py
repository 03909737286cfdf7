"""The printed series against the simulations, judged only where its next term is small.

A Taylor series says nothing beyond its radius of convergence (THEORY 5), so at each time and for each
observable the series is judged where the terms it leaves out first (known from check (i)) are at most
`SMALL` of its value, and drawn elsewhere. The exact limit is judged at every time. The allowance has
three parts, the second only for the series:

    4 RMS(N)/sqrt(seeds)    the instances' deviation from N -> infinity, from check (iii)
    next terms              what the series leaves out
    |descent - flow|        the learning rate, from the limit network under both
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive import limit_network
from verify.checks import Check
from verify.descent import descend
from verify.flow_curve import LIMIT_NODES, limit_observables
from verify.networks import FixedPointNetwork
from verify.request import Request
from verify.schedule import Schedule
from verify.series_slope import NextTerms
from verify.size_slope import Deviations

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
    series: Values, next_terms: dict[str, NextTerms], tau: NDArray[np.float64], radius: float
) -> Judgement:
    """Where the printed series (values at ``tau``) may be held against a simulation: inside its radius of
    convergence ``radius`` (in tau), and there where its next terms are small."""
    left_out = {name: next_terms[name].size(tau) for name in series}
    inside = tau < radius
    judged = {name: inside & (left_out[name] <= SMALL * np.abs(series[name])) for name in series}
    return Judgement(judged, left_out)


def learning_rate_shift(request: Request, plan: Schedule, tau: NDArray[np.float64]) -> Values:
    """|descent - flow| of the limit network at the simulation's learning rate."""
    network = FixedPointNetwork(limit_network(request.g, LIMIT_NODES))
    run = descend(network, request.zhat, plan.learning_rate, plan.epochs).at(tau)
    flow = limit_observables(request.g, request.zhat, tau).values
    return {name: np.abs(run[name] - flow[name]) for name in flow}


def simulation_checks(
    request: Request,
    ttilde: NDArray[np.float64],
    series: Values,
    mean: dict[str, Values],
    judgement: Judgement,
    shift: Values,
    deviations: Deviations,
) -> list[Check]:
    """One check for each simulator and observable, at the judged time that comes closest to failing.

    ``deviations`` hold every judged time.
    """
    checks = []
    tau = ttilde / request.beta_squared
    for name in JUDGED:
        where = np.flatnonzero(judgement.judged[name])
        if not len(where):
            continue
        of_one = np.interp(tau, deviations.tau, deviations.at_size(name, request.size))
        finite_size = STANDARD_ERRORS * of_one / np.sqrt(request.seeds)
        allowance = finite_size + judgement.left_out[name] + shift[name]
        for simulator, values in mean.items():
            ratio = np.abs(values[name] - series[name])[where] / allowance[where]
            k = where[np.argmax(np.where(np.isfinite(ratio), ratio, np.inf))]
            checks.append(
                Check(
                    f"{name}: mean of {simulator} against the printed series",
                    float(values[name][k]),
                    float(series[name][k]),
                    float(allowance[k]),
                    f"at ttilde = {ttilde[k]:g}, the worst of {len(where)} judged times (next term at most "
                    f"{SMALL:.0%}); the tolerance is {STANDARD_ERRORS:g} standard errors of {request.seeds} "
                    f"instances of N = {request.size} ({finite_size[k]:.2g}), the next terms "
                    f"({judgement.left_out[name][k]:.2g}) and the learning rate's shift "
                    f"({shift[name][k]:.2g})",
                )
            )
    return checks


def exact_checks(
    request: Request,
    ttilde: NDArray[np.float64],
    exact: Values,
    mean: dict[str, Values],
    shift: Values,
    deviations: Deviations,
) -> list[Check]:
    """The exact limit against the simulations at every shown time, inside and outside the radius: one
    check for each simulator and observable, at the time that comes closest to failing."""
    checks = []
    tau = ttilde / request.beta_squared
    for name in JUDGED:
        of_one = np.interp(tau, deviations.tau, deviations.at_size(name, request.size))
        finite_size = STANDARD_ERRORS * of_one / np.sqrt(request.seeds)
        allowance = finite_size + shift[name]
        for simulator, values in mean.items():
            difference = np.abs(values[name] - exact[name])
            ratio = difference / np.where(allowance > 0, allowance, 1e-300)
            k = int(np.argmax(np.where(np.isfinite(ratio), ratio, np.inf)))
            checks.append(
                Check(
                    f"{name}: mean of {simulator} against the exact limit",
                    float(values[name][k]),
                    float(exact[name][k]),
                    float(allowance[k]),
                    f"at ttilde = {ttilde[k]:g}, the worst of all {len(tau)} shown times; the tolerance is "
                    f"{STANDARD_ERRORS:g} standard errors of {request.seeds} instances of N = {request.size} "
                    f"({finite_size[k]:.2g}) and the learning rate's shift ({shift[name][k]:.2g})",
                )
            )
    return checks
