"""Tasks on batches of inputs, in discrete time, with a weight on every output (THEORY 6).

Euler steps of dt from h = 0; x_n drives step n, the output y_n is read after it, n = 1..T:

    L = sum over trials, steps and outputs of weight * (y_n - target)^2.

The filter task is one impulse 1/dt at the first step, weight dt. In a flip-flop each channel of the
output keeps the sign of the last pulse on its input; in the decision task the output reports, at
the end, the sign of the mean of a noisy input.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.overlaps.problem import OverlapProblem


@dataclass(frozen=True, eq=False)
class WeightedTrials:
    """``inputs`` (trials, T, inputs), ``targets`` and ``weights`` (trials, T, outputs), step ``dt``.

    Raises ValueError where the shapes do not fit each other or dt is outside (0, 2).
    """

    dt: float
    inputs: Array
    targets: Array
    weights: Array

    def __post_init__(self) -> None:
        if not 0 < self.dt < 2:
            raise ValueError(f"dt = {self.dt}: allowed is 0 < dt < 2")
        given = self.inputs.shape, self.targets.shape, self.weights.shape
        if any(len(shape) != 3 for shape in given) or given[0][:2] != given[1][:2] or given[1] != given[2]:
            raise ValueError(
                f"inputs, targets and weights of shapes {given}: allowed are (trials, steps, channels), "
                "the same trials and steps, targets and weights alike"
            )

    @property
    def trials(self) -> int:
        """The number of trials."""
        return int(self.inputs.shape[0])

    @property
    def steps(self) -> int:
        """The number T of time steps."""
        return int(self.inputs.shape[1])

    def fits(self, problem: OverlapProblem) -> WeightedTrials:
        """The task itself. Raises ValueError where its channels are not the problem's."""
        channels = self.inputs.shape[2], self.targets.shape[2]
        if channels != (problem.inputs, problem.outputs):
            raise ValueError(
                f"a task of {channels[0]} inputs and {channels[1]} outputs: the problem has "
                f"{problem.inputs} and {problem.outputs}"
            )
        return self


def impulse_task(dt: float, target: Array) -> WeightedTrials:
    """The filter task with targets y*_n in rows n - 1 of ``target``, (T, outputs, inputs).

    One trial for each input, with an impulse 1/dt at the first step.
    """
    steps, _, inputs = target.shape
    pulses = np.zeros((inputs, steps, inputs))
    pulses[:, 0, :] = np.eye(inputs) / dt
    targets = target.transpose(2, 0, 1)
    return WeightedTrials(dt, pulses, targets, np.full(targets.shape, dt))


def flip_flop(
    channels: int, trials: int, dt: float, steps: int, seed: int, pulses: int = 3, amplitude: float = 0.5
) -> WeightedTrials:
    """Each channel remembers the sign of its last pulse; no weight before its first one.

    A trial has ``pulses`` pulses a channel, one at the start of each equal part of the trial (moved
    by up to a quarter of it), each a tenth of a part long. ``amplitude`` is the target's size.
    """
    random = np.random.default_rng(seed)
    part = steps // pulses
    width = max(1, part // 10)
    inputs = np.zeros((trials, steps, channels))
    targets = np.zeros((trials, steps, channels))
    weights = np.zeros((trials, steps, channels))
    for trial in range(trials):
        for channel in range(channels):
            for pulse in range(pulses):
                start = pulse * part + int(random.integers(0, max(1, part // 4)))
                sign = random.choice((-1.0, 1.0))
                inputs[trial, start : start + width, channel] = sign
                targets[trial, start + width :, channel] = amplitude * sign
                weights[trial, start + width :, channel] = dt / trials
    return WeightedTrials(dt, inputs, targets, weights)


def decision(
    trials: int, dt: float, steps: int, seed: int, noise: float = 0.5, amplitude: float = 0.5
) -> WeightedTrials:
    """Report the sign of the input's mean in the last quarter of the trial; weight nowhere else.

    The mean is drawn from +-(1/16, 1/8, 1/4, 1/2), the input is on for the first three quarters,
    with white noise of standard deviation ``noise``/sqrt(dt) a step.
    """
    random = np.random.default_rng(seed)
    strengths = np.array([-0.5, -0.25, -0.125, -0.0625, 0.0625, 0.125, 0.25, 0.5])
    means = np.resize(strengths, trials)
    on = 3 * steps // 4
    inputs = np.zeros((trials, steps, 1))
    inputs[:, :on, 0] = means[:, None] + noise / np.sqrt(dt) * random.standard_normal((trials, on)) * dt
    targets = np.broadcast_to(amplitude * np.sign(means)[:, None, None], (trials, steps, 1)).copy()
    weights = np.zeros((trials, steps, 1))
    weights[:, on:] = dt / trials
    return WeightedTrials(dt, inputs, targets, weights)
