"""The whole comparison: theory and both simulations at the shown times, and every check.

A single input and output is the case of a 1 x 1 target; a target matrix is learned by W alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.radius.singularities import singularities
from verify.checks.agreement import blocks_check, modes_check, reduced_descent_check, unrolled_check
from verify.checks.chain_series import chain_checks
from verify.checks.check import Check
from verify.checks.learning_rate import learning_rate_checks
from verify.checks.printed import next_terms, series_checks
from verify.checks.sizes import EARLY, measure_deviations, size_check
from verify.checks.statistics import Allowance, Judgement, judge, mean_checks
from verify.checks.variance import variance_checks
from verify.comparison.request import Experiment
from verify.comparison.schedule import Schedule
from verify.truth.flow_curve import Values, descended_limit, limit_observables
from verify.truth.limit_flow import limit_radius
from verify.truth.modes_theory import ModesTheory
from verify.truth.networks import NETWORKS
from verify.truth.setting import Setting, observable_names
from verify.truth.simulation import Simulation, simulate
from verify.truth.theory import Theory

BarOf = Callable[[str, int], Callable[[], None]]
"""progress(label, steps) opens a bar and returns what moves it one step on."""


@dataclass(frozen=True, eq=False)
class SimulationComparison:
    """Values at the shown times, shape (T,): the printed series, the exact limit, the simulations.

    ``radius`` is the series' radius of convergence in tau.
    """

    experiment: Experiment
    plan: Schedule
    theory: Theory | ModesTheory
    radius: float
    series: Values
    limit: Values
    mean: dict[str, Values]
    deviation: dict[str, Values]
    judgement: Judgement
    simulation: Simulation
    checks: tuple[Check, ...]

    @property
    def setting(self) -> Setting:
        """What is learned, and where."""
        return self.experiment.setting

    @property
    def passed(self) -> bool:
        """Whether every check has passed."""
        return all(check.passed for check in self.checks)


def series_values(theory: Theory | ModesTheory, setting: Setting, tau: Array) -> Values:
    """The printed functions at learning times ``tau``; a series that is zero fills its array too."""
    values, names = theory.at(setting, tau), observable_names(setting.shape, setting.singular_values)
    return {name: np.broadcast_to(np.asarray(values[name], dtype=float), tau.shape) for name in names}


def compare(
    experiment: Experiment, plan: Schedule, theory: Theory | ModesTheory, progress: BarOf
) -> SimulationComparison:
    """Compute everything that ``verify`` and ``verify modes`` show."""
    setting, size, seeds = experiment.setting, experiment.size, experiment.seeds
    method = experiment.method
    tau = plan.ttilde / setting.unit

    step = progress("series against flow", 1)
    checks = [modes_check(setting)] if setting.shape else []
    checks += series_checks(theory, setting)
    checks += [] if setting.shape else chain_checks(setting, size, theory.order)
    step()

    series, radius = series_values(theory, setting, tau), convergence_radius(setting)
    whole = setting.every_size_is_the_limit
    judgement = judge(series, next_terms(theory, setting), tau, radius, whole)

    checks += learning_rate_checks(setting, size, radius / 2, method)
    checks += [blocks_check(setting, size, radius / 2)] if setting.shape else []

    step = progress("instances against N = infinity", sum(experiment.ensemble.values()))
    deviations = measure_deviations(setting, np.unique([EARLY * radius, *tau]), experiment.ensemble, step)
    checks.append(size_check(deviations, setting))
    checks += variance_checks(deviations, setting)

    step = progress("gradient descent", len(NETWORKS) * seeds * plan.epochs)
    simulation = simulate(setting, size, seeds, plan.learning_rate, plan.epochs, step, method)
    if not setting.shape:
        full = simulation.runs["fixed_point"][0]
        checks.append(reduced_descent_check(setting, full, size, plan.learning_rate, method))
        checks.append(unrolled_check(setting, simulation))
    mean, deviation = simulation.statistics(tau)
    limit = limit_observables(setting, tau).values
    descended = descended_limit(setting, plan.learning_rate, plan.epochs, tau, method)
    shift = {name: np.abs(descended[name] - limit[name]) for name in limit}
    allowance = Allowance(setting, size, seeds, tau, deviations, shift)
    checks += mean_checks(allowance, mean, series, judgement, limit)
    return SimulationComparison(
        experiment, plan, theory, radius, series, limit, mean, deviation, judgement, simulation, tuple(checks)
    )


def convergence_radius(setting: Setting) -> float:
    """In tau: from the singularities of the exact curve where W alone learns, else by the root test."""
    if setting.task.train == ("W",):
        try:
            return singularities(setting.g, setting.zhat, alignment=setting.start).radius / setting.unit
        except ValueError:  # a path without a pole
            pass
    return limit_radius(setting)
