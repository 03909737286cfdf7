"""Which effective times are shown, and the learning rate that reaches them.

By default gradient descent runs until the exact limit's loss has fallen to `LEARNED` of its first
value, in the given number of epochs; with momentum an epoch is eta/(1 - mu) of learning time. Along the
flow the error obeys deps/dtau = -h eps. In the paper's task h rises from beta^2, so that this takes at most
ttilde = ln(1/LEARNED)/2. The learning rate stays below half the stability limit 2/h (THEORY 4); where that
would not reach the end, the shown times stop earlier.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.command_line import UsageProblem
from verify.comparison.request import Experiment
from verify.truth.flow_curve import limit_observables

LEARNED = 0.05
NICE_STEPS = (1.0, 2.0, 2.5, 5.0)
MOST_TIMES = 14


@dataclass(frozen=True, eq=False)
class Schedule:
    """Effective times shown, shape (T,), learning rate in units of tau, number of epochs."""

    ttilde: Array
    learning_rate: float
    epochs: int


def schedule(experiment: Experiment) -> Schedule:
    """The times and the learning rate of an experiment.

    Raises UsageProblem for times that the given learning rate and epochs do not reach, or that
    the given epochs reach only with a learning rate at which descent is unstable, and for a target that
    gradient flow never reaches.
    """
    setting, epochs, method = experiment.setting, experiment.epochs, experiment.method
    unit = setting.unit
    try:
        limit_observables(setting, np.array([1 / unit]))
    except ValueError as problem:
        if setting.shape:
            raise UsageProblem(str(problem)) from None
        raise UsageProblem(
            f"--alignment {setting.task.alignment} at g = {setting.g:g}: {problem}; allowed are others"
        ) from None
    if experiment.learning_rate is not None:
        end = method.time_step(experiment.learning_rate) * epochs * unit
        if experiment.times is None:
            return Schedule(round_times(end), experiment.learning_rate, epochs)
        if experiment.times[-1] > end * (1 + 1e-12):
            raise UsageProblem(
                f"--times up to {experiment.times[-1]:g}: learning rate {experiment.learning_rate:g} and "
                f"{epochs} epochs end at ttilde = {end:.6g}; allowed are times up to that"
            )
        return Schedule(np.array(experiment.times), experiment.learning_rate, epochs)
    if experiment.times is not None:
        return Schedule(np.array(experiment.times), _stable_rate(experiment, experiment.times[-1]), epochs)
    longest = math.log(1 / LEARNED) / 2
    for halvings in range(8, -9, -1):  # the flow is stiff once learned: do not go far beyond
        grid = np.linspace(0, longest / 2**halvings, 201)
        curve = limit_observables(setting, grid / unit)
        unlearned = curve.values["loss"] >= LEARNED * curve.values["loss"][0]
        if not unlearned[-1]:
            break
    # as far as ``epochs`` steps reach at half the stable rate of plain descent, 1 over the largest
    # curvature met; with momentum in steps of as much learning time
    reachable = (grid <= epochs * unit / np.maximum.accumulate(curve.curvature)) & unlearned
    ttilde = round_times(grid[np.flatnonzero(reachable)[-1]] or grid[1])
    return Schedule(ttilde, (1 - method.mu) * ttilde[-1] / (epochs * unit), epochs)


def _stable_rate(experiment: Experiment, end: float) -> float:
    """The learning rate that reaches ttilde = ``end`` with the last epoch, if it is stable."""
    tau = end / experiment.setting.unit
    grid = np.linspace(0, tau, 50)
    sharpest = limit_observables(experiment.setting, grid).curvature.max()
    method = experiment.method
    least = math.ceil((1 - method.mu) * tau * sharpest / method.stable_below)
    if experiment.epochs < least:
        raise UsageProblem(
            f"--times up to {end:g} in {experiment.epochs} epochs: gradient descent is unstable at that "
            f"learning rate; allowed are {least} epochs or more"
        )
    return (1 - method.mu) * tau / experiment.epochs


def round_times(end: float) -> Array:
    """At most MOST_TIMES multiples of a round step, the last one at or just below ``end``."""
    power = 10.0 ** math.floor(math.log10(end / MOST_TIMES))
    steps = [nice * scale for scale in (power, 10 * power) for nice in NICE_STEPS]
    step = next(s for s in steps if end / s * (1 + 1e-9) < MOST_TIMES + 1)
    return np.round(step * np.arange(1, math.floor(end / step * (1 + 1e-9)) + 1), 12)
