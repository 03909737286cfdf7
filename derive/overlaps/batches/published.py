"""The batches of Ger and Barak 2026, trial by trial as their code draws them.

Every loss is the squared error averaged over all samples whose mask is 1 (PAPERS 3); the weight of such a
sample is 1 over their number.
"""

from __future__ import annotations

import numpy as np

from derive.arrays import Array
from derive.overlaps.closure import GaussianClosure
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.tasks import WeightedTrials

FIRST_PULSE, PULSE, BLANKING = 0.5, 0.5, 2.0  # onset of the first pulse, widths; units of the time constant
FIXATION, STIMULUS, DELAY = 1 / 20, 9 / 20, 1 / 20  # parts of a decision trial; the rest is the response
COHERENCES = (-16.0, -8.0, -2.0, 2.0, 8.0, 16.0)
TEACHER = {"zm": 0.5, "zu": 2.3, "vm": 2.0, "vu": 1.5, "mu": 1.6, "mm": 1.8, "uu": 2.2}
COHERENCE_GAIN, INPUT_NOISE = 3.2 / 100, 0.05


def flip_flop_batch(
    random: np.random.Generator,
    trials: int,
    dt: float,
    steps: int,
    channels: int = 1,
    gaps: tuple[float, float] = (4.0, 10.0),
    amplitude: float = 0.5,
    pulse: float = 1.0,
) -> WeightedTrials:
    """Each channel remembers the sign of its last pulse: target +-``amplitude`` from the pulse's onset.

    The first pulse comes at 0.5; each lasts 0.5 and is followed by 2 in which nothing is asked, then by a
    stretch drawn uniformly from ``gaps`` in which the answer counts, then by the next pulse. Raises
    ValueError where a trial is too short for the answer to count anywhere.
    """
    shape = (trials, channels)
    now = np.arange(steps)[:, None]
    inputs = np.zeros((trials, steps, channels))
    targets, mask = np.zeros_like(inputs), np.zeros_like(inputs)
    onset = np.full(shape, FIRST_PULSE)
    while (np.round(onset / dt) < steps).any():  # the next pulse of every trial and channel
        sign = random.choice((-1.0, 1.0), shape)[:, None]
        asked = onset + PULSE + BLANKING
        following = asked + random.uniform(*gaps, shape)
        start, end, answer, last = (
            np.round(t / dt)[:, None] for t in (onset, onset + PULSE, asked, following)
        )
        inputs += pulse * sign * ((now >= start) & (now < end))
        targets = np.where(now >= start, amplitude * sign, targets)
        mask += (now >= answer) & (now < last)
        onset = following
    return WeightedTrials(dt, inputs, targets, _mean_weights(mask, dt, steps))


def decision_batch(random: np.random.Generator, trials: int, dt: float, steps: int) -> WeightedTrials:
    """Report the coherence of a noisy stimulus after a delay, graded: target coherence/16.

    Of a trial 1/20 is fixation, 9/20 stimulus, 1/20 delay, 9/20 response, in which alone the answer counts.
    The input is noise of standard deviation 0.05 a step all along, plus 3.2 % times the coherence (2, 8 or
    16 of either sign) during the stimulus.
    """
    coherence = random.choice(COHERENCES, trials)
    on, off = round(FIXATION * steps), round((FIXATION + STIMULUS) * steps)
    response = round((FIXATION + STIMULUS + DELAY) * steps)
    inputs = INPUT_NOISE * random.standard_normal((trials, steps, 1))
    inputs[:, on:off, 0] += COHERENCE_GAIN * coherence[:, None]
    targets, mask = np.zeros_like(inputs), np.zeros_like(inputs)
    targets[:, response:, 0] = coherence[:, None] / max(COHERENCES)
    mask[:, response:] = 1
    return WeightedTrials(dt, inputs, targets, _mean_weights(mask, dt, steps))


def teacher_inputs(
    random: np.random.Generator, trials: int, dt: float, steps: int, channels: int = 1
) -> Array:
    """1.5 times white noise of standard deviation 1 a step, plus flip-flop pulses of size 2."""
    pulses = flip_flop_batch(random, trials, dt, steps, channels).inputs
    return np.asarray(1.5 * random.standard_normal((trials, steps, channels)) + 2 * pulses)


def published_teacher(problem: OverlapProblem) -> Matrix:
    """S of the published teacher, shape (P, P): its seven visible overlaps, the others 0.

    The response in the closure holds no others; S is no Gram matrix and no network has it. Raises
    ValueError for another problem than one of rank 1 with one input and one output.
    """
    if problem.size != 4:
        raise ValueError("the published teacher: allowed is rank 1, one input, one output")
    S = np.zeros((4, 4))
    for name, value in TEACHER.items():
        row, column = problem.pairs[name]
        S[row, column] = S[column, row] = value
    return S


def taught_batch(
    random: np.random.Generator, trials: int, dt: float, steps: int, problem: OverlapProblem, teacher: Matrix
) -> WeightedTrials:
    """`teacher_inputs` with the outputs of the network of overlaps ``teacher``, (P, P), in the closure.

    A linear network's closure is the network itself.
    """
    inputs = teacher_inputs(random, trials, dt, steps, problem.inputs)
    blank = np.zeros((trials, steps, problem.outputs))
    outputs = GaussianClosure(problem, WeightedTrials(dt, inputs, blank, blank)).response(teacher)
    return imitation(dt, inputs, outputs)


def imitation(dt: float, inputs: Array, outputs: Array) -> WeightedTrials:
    """Give ``outputs``, (trials, T, Q), on ``inputs``, (trials, T, P): mean squared error times T dt."""
    steps = inputs.shape[1]
    return WeightedTrials(dt, inputs, outputs, np.full(outputs.shape, steps * dt / outputs.size))


def _mean_weights(mask: Array, dt: float, steps: int) -> Array:
    total = mask.sum()
    if not total:
        raise ValueError(f"{steps} steps of {dt:g}: allowed are trials long enough for the answer to count")
    return np.asarray(mask / total)
