"""The whole comparison: theory and both simulations at the shown times, and every check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.limit import descent, instance_reduction
from derive.radius.singularities import singularities
from verify.checks.check import Check
from verify.checks.judging import Judgement, Values, judge, learning_rate_shift, simulation_checks
from verify.checks.learning_rate_slope import learning_rate_checks
from verify.checks.limit_errors import limit_radius
from verify.checks.series_slope import instance_series_checks, limit_series_checks
from verify.checks.simulator_agreement import agreement_check
from verify.checks.size_slope import CHAIN_LENGTH, EARLY, LEAST, limit_check, measure_deviations, size_check
from verify.checks.spectrum_slope import spectrum_checks
from verify.comparison.request import PAPERS_TASK, Request
from verify.comparison.schedule import Schedule
from verify.truth.descent import Descent
from verify.truth.flow_curve import limit_observables
from verify.truth.networks import NETWORKS
from verify.truth.simulation import Simulation, simulate
from verify.truth.theory import Theory

SHOWN = ("readout", "loss", "frobenius_norm", "s1", "s2")
Progress = Callable[[str, int], Callable[[], None]]
"""progress(label, steps) opens a bar and returns what moves it one step on."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Values at the shown times, shape (T,): the printed series, the exact limit, the simulations."""

    request: Request
    plan: Schedule
    theory: Theory
    series: Values
    limit: Values
    mean: dict[str, Values]
    deviation: dict[str, Values]
    judgement: Judgement
    simulation: Simulation
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


def series_values(theory: Theory, request: Request, tau: NDArray[np.float64]) -> Values:
    """The printed functions at learning times ``tau``; a series that is zero fills its array too."""
    values = theory.observables(tau, request.zhat, request.g)
    return {name: np.broadcast_to(np.asarray(values[name], dtype=float), tau.shape) for name in SHOWN}


def compare(request: Request, plan: Schedule, theory: Theory, progress: Progress) -> Comparison:
    """Compute everything that ``verify`` shows."""
    tau, task = plan.ttilde / request.beta_squared, request.task

    step = progress("series against flow", 2)
    checks, next_terms = limit_series_checks(theory, request.g, request.zhat, task)
    if task == PAPERS_TASK:
        checks += spectrum_checks(theory, request.g, request.zhat)
    step()
    checks += instance_series_checks(request.g, request.zhat, request.size, request.order, task)
    step()

    series = series_values(theory, request, tau)
    radius = convergence_radius(request)
    judgement = judge(series, next_terms, tau, radius, whole=request.every_size_is_the_limit)

    checks += learning_rate_checks(request.g, request.zhat, request.size, radius / 2, task)

    step = progress("instances against N = infinity", sum(request.ensemble.values()))
    deviations = measure_deviations(
        request.g, request.zhat, np.unique([EARLY * radius, *tau]), request.ensemble, step, task
    )
    if request.every_size_is_the_limit:
        checks.append(limit_check(deviations))
    else:
        least = LEAST if task.alignment else 0.0
        checks.append(size_check(deviations, request.beta_squared, least))

    step = progress("gradient descent", len(NETWORKS) * request.seeds * plan.epochs)
    simulation = simulate(request, plan, step)
    checks.append(_reduction_check(request, plan, simulation.runs["fixed_point"][0]))
    checks.append(agreement_check(request, simulation))
    mean, deviation = simulation.statistics(tau)
    shift = learning_rate_shift(request, plan, tau)
    limit = limit_observables(request.g, request.zhat, tau, task).values
    checks += simulation_checks(request, plan.ttilde, series, limit, mean, judgement, shift, deviations)
    return Comparison(
        request, plan, theory, series, limit, mean, deviation, judgement, simulation, tuple(checks)
    )


def convergence_radius(request: Request) -> float:
    """In tau: from the singularities of the exact curve where W alone learns, else by the root test."""
    g, zhat, task = request.g, request.zhat, request.task
    if task.train == ("W",):
        try:
            nearest = singularities(g, zhat, alignment=float(task.alignment))
        except ValueError:  # a path without a pole
            return limit_radius(g, zhat, task)
        return nearest.radius / request.beta_squared
    return limit_radius(g, zhat, task)


def _reduction_check(request: Request, plan: Schedule, full: Descent) -> Check:
    """The reduction of seed 0's network under the same descent as the full one."""
    reduction = instance_reduction(request.instance(0), CHAIN_LENGTH)
    task = request.task
    reduced = descent(reduction, request.zhat, plan.learning_rate, plan.epochs, train=task.train).readout
    learned = full.observables["readout"]
    difference = np.abs(reduced - learned).max() if len(reduced) == len(learned) else np.nan
    return Check(
        "reduced instance against full network: readout",
        float(difference),
        0.0,
        1e-8 * request.zhat,
        "the reduction to chain vectors in which the instances of the network-size check are followed, and "
        f"the full torch network of seed 0, N = {request.size}, under the same descent, all {plan.epochs} "
        "epochs; the tolerance is a thousandth of the deviations that check resolves, or less",
    )
