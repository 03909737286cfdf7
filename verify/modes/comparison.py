"""All checks of ``verify modes``: series, learning rate, network size, and simulated means.

A group of observables (the entries of Z, the singular values of W - W0) gives one check for each
simulator, at the entry and time that come closest to failing. The allowance is made of

    4 RMS(N)/sqrt(seeds) + |mean deviation of networks of N from the limit|     check (iii)'s networks
    next terms                                                    what the series leaves out, check (i)
    |descent - flow|                                              the learning rate, in the limit

The mean deviation matters where singular values are close: finite N drives sorted ones apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.radius.singularities import singularities
from verify.checks.check import Check
from verify.checks.judging import SMALL, STANDARD_ERRORS, Judgement, Values, judge
from verify.checks.learning_rate_slope import EPOCHS, INSTANCE_SIZE, learning_rate_slope
from verify.checks.size_slope import EARLY, FIRST_SEED, Deviations, size_check
from verify.comparison.comparison import Progress
from verify.comparison.schedule import Schedule
from verify.modes.exact import exact_values
from verify.modes.flow import BLOCKS, block_reduction, full_flow, of_instance
from verify.modes.network import MatrixInstance, limit_instance
from verify.modes.series_checks import modes_series_checks
from verify.modes.theory import ModesTheory
from verify.truth.descent import Descent, descend, observable_names
from verify.truth.flow_curve import LIMIT_NODES
from verify.truth.networks import NETWORKS, FixedPointNetwork
from verify.truth.simulation import Simulation, run_all

FLOW_COLUMNS = 12  # of the extrapolated flow at half the radius: 2^-24 of the way
REDUCTION_TOLERANCE = 1e-5


@dataclass(frozen=True, eq=False)
class ModesComparison:
    """Values at the shown times by name: the printed series, the exact limit, the simulations.

    ``radius`` is the series' radius of convergence in ttilde.
    """

    theory: ModesTheory
    g: float
    size: int
    seeds: int
    plan: Schedule
    series: Values
    limit: Values
    radius: float
    judgement: Judgement
    simulation: Simulation
    checks: list[Check]

    @property
    def unit(self) -> float:
        """beta^2, the factor from tau to ttilde."""
        return float((1 - self.g**2) ** -2)


@dataclass(frozen=True, eq=False)
class ModesDeviations(Deviations):
    """With the mean deviation ``mean[name]`` of shape (sizes, times) as well."""

    mean: dict[str, NDArray[np.float64]]

    def allowance(self, name: str, size: int, seeds: int, tau: NDArray[np.float64]) -> NDArray[np.float64]:
        """What ``seeds`` networks of ``size`` neurons may deviate in the mean, at times ``tau``."""
        scaled = self.mean[name] * np.sqrt(self.sizes[:, None])
        shift = np.abs(np.average(scaled, axis=0, weights=self.instances)) / np.sqrt(size)
        spread = STANDARD_ERRORS * self.at_size(name, size) / np.sqrt(seeds)
        return np.asarray(np.interp(tau, self.tau, spread + shift))


def compare_modes(
    theory: ModesTheory,
    g: float,
    size: int,
    seeds: int,
    plan: Schedule,
    counts: dict[int, int],
    progress: Progress,
) -> ModesComparison:
    """Compute everything that ``verify modes`` shows; ``counts`` maps sizes to networks of check (iii)."""
    unit = (1 - g * g) ** -2
    tau = plan.ttilde / unit
    shape, count = theory.target.shape, len(theory.modes)
    names = observable_names(shape, count)

    step = progress("series against flow", 1)
    checks, next_terms = modes_series_checks(theory, g)
    step()
    at_times = [theory.observables(t, g) for t in tau]
    series = {name: np.array([values[name] for values in at_times], dtype=float) for name in names}
    radius = singularities(g, float(theory.modes[0][0])).radius / unit
    judgement = judge(series, {name: next_terms[name] for name in names}, tau, radius)

    checks += _learning_rate_checks(theory.target, g, min(size, INSTANCE_SIZE), radius / 2)

    step = progress("networks against N = infinity", sum(counts.values()))
    times = np.unique([EARLY * radius, *tau])
    deviations = _deviations(theory, g, times, counts, step)
    checks.append(size_check(deviations, unit, basis=f"{BLOCKS} first blocks of chain vectors"))

    step = progress("gradient descent", len(NETWORKS) * seeds * plan.epochs)

    def run(job: tuple[str, int]) -> Descent:
        simulator, seed = job
        network = NETWORKS[simulator](MatrixInstance.sample(size, g, shape, seed))
        return descend(network, theory.target, plan.learning_rate, plan.epochs, step, count)

    simulation = run_all(run, seeds)
    limit = exact_values(theory.modes, shape, g, tau)[0]
    of_limit = FixedPointNetwork(limit_instance(g, LIMIT_NODES, shape))
    shifted = descend(of_limit, theory.target, plan.learning_rate, plan.epochs, singular_values=count).at(tau)
    comparison = ModesComparison(
        theory, g, size, seeds, plan, series, limit, radius * unit, judgement, simulation, checks
    )
    finite = {name: deviations.allowance(name, size, seeds, tau) for name in names}
    rate = {name: np.abs(shifted[name] - limit[name]) for name in names}
    mean, _ = simulation.statistics(tau)
    small = f"where its next terms are at most {SMALL:.0%}"
    checks += _mean_checks(comparison, mean, f"the printed series {small}", series, judgement, finite, rate)
    everywhere = Judgement(
        {name: np.full(len(tau), True) for name in names}, {name: np.zeros(len(tau)) for name in names}
    )
    checks += _mean_checks(comparison, mean, "the exact limit", limit, everywhere, finite, rate)
    return comparison


def _learning_rate_checks(target: NDArray[np.float64], g: float, size: int, tau: float) -> list[Check]:
    """Check (ii): Z and W of the torch network against the flow of its instance at ``tau``.

    And that the flow in blocks of chain vectors, which check (iii) follows, is the same.
    """
    instance = MatrixInstance.sample(size, g, target.shape, seed=0)
    Z, change = full_flow(of_instance(instance), target, tau, FLOW_COLUMNS)
    errors = []
    for epochs in EPOCHS:
        run = descend(FixedPointNetwork(instance), target, tau / epochs, epochs)
        last = [run.observables[name][-1] for name in observable_names(target.shape, 0)[: target.size]]
        errors.append(
            (
                np.linalg.norm(np.array(last) - Z.ravel()),
                np.linalg.norm(run.W - instance.W0 - change),
            )
        )
    reduced = block_reduction(instance).flow(target, np.array([tau]))[0][0]
    return [
        *(
            learning_rate_slope(f"learning rate: {name} of descent against flow (N = {size})", error, tau)
            for name, error in zip(("Z", "W"), np.array(errors).T, strict=True)
        ),
        Check(
            "flow in blocks of chain vectors against full matrices: Z",
            float(np.abs(reduced - Z).max()),
            0.0,
            REDUCTION_TOLERANCE * float(np.abs(target).max()),
            f"network of N = {size} at tau = {tau:.4g}, half the radius of convergence; the tolerance is a "
            "thousandth or less of the deviations that the check of network sizes resolves",
        ),
    ]


def _deviations(
    theory: ModesTheory,
    g: float,
    times: NDArray[np.float64],
    counts: dict[int, int],
    on_network: Callable[[], None],
) -> ModesDeviations:
    """Check (iii)'s networks: root mean square and mean of their deviation from the limit."""
    shape, count = theory.target.shape, len(theory.modes)
    exact = exact_values(theory.modes, shape, g, times)[0]
    rms: dict[str, list[NDArray[np.float64]]] = {name: [] for name in exact}
    mean: dict[str, list[NDArray[np.float64]]] = {name: [] for name in exact}
    seed = FIRST_SEED
    for size, number in counts.items():
        found = []
        for _ in range(number):
            reduction = block_reduction(MatrixInstance.sample(size, g, shape, seed))
            Z, C = reduction.flow(theory.target, times)
            singular = np.linalg.svd(C, compute_uv=False)
            loss = np.sum((theory.target - Z) ** 2, axis=(1, 2)) / 2
            found.append(
                [*Z.reshape(len(times), -1).T, loss, np.linalg.norm(singular, axis=1), *singular.T[:count]]
            )
            seed += 1
            on_network()
        difference = np.array(found) - np.array(list(exact.values()))
        for k, name in enumerate(exact):
            rms[name].append(np.sqrt(np.mean(difference[:, k] ** 2, axis=0)))
            mean[name].append(difference[:, k].mean(axis=0))
    table = {name: np.array(rows) for name, rows in rms.items()}
    entries = [table[name] for name in observable_names(shape, 0)[: theory.target.size]]
    table["readout"] = np.sqrt(np.mean(np.square(entries), axis=0))
    means = {name: np.array(rows) for name, rows in mean.items()}
    return ModesDeviations(times, np.array(list(counts)), np.array(list(counts.values())), table, means)


def _mean_checks(
    comparison: ModesComparison,
    mean: dict[str, Values],
    truth: str,
    expected: Values,
    judgement: Judgement,
    finite: Values,
    rate: Values,
) -> list[Check]:
    """One check for each simulator and group of observables, where it comes closest to failing."""
    ttilde = comparison.plan.ttilde
    entries = comparison.theory.target.size
    names = list(expected)
    groups = {"Z": names[:entries], "loss": ["loss"], "singular values": names[entries + 2 :]}
    checks = []
    for group, members in groups.items():
        for simulator, values in mean.items():
            points = [(name, k) for name in members for k in np.flatnonzero(judgement.judged[name])]
            if not points:
                continue

            def ratio(point: tuple[str, int], values: Values = values) -> float:
                name, k = point
                allowed = finite[name][k] + judgement.left_out[name][k] + rate[name][k]
                found = abs(values[name][k] - expected[name][k]) / allowed
                return float(found) if np.isfinite(found) else np.inf

            name, k = max(points, key=ratio)
            parts = finite[name][k], judgement.left_out[name][k], rate[name][k]
            checks.append(
                Check(
                    f"{group}: mean of {simulator} against {truth}",
                    float(values[name][k]),
                    float(expected[name][k]),
                    float(sum(parts)),
                    f"{name} at ttilde = {ttilde[k]:g}, the worst of {len(points)} (entries, times); the "
                    f"tolerance is {STANDARD_ERRORS:g} standard errors of "
                    f"{comparison.seeds} networks of N = {comparison.size} and their mean deviation from the "
                    f"limit ({parts[0]:.2g}), the next terms ({parts[1]:.2g}) and the learning rate's shift "
                    f"({parts[2]:.2g})",
                )
            )
    return checks
