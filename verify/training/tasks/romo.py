"""Delayed discrimination (Romo et al.; Schuessler et al. 2020, section 2; times in tau).

Two pulses of length 1, the first at 3, between them a delay U(2, 8); heights U(0.5, 1.5), at least
0.2 apart. Both readouts are 0 up to the end of the second pulse; 5 later, for 10, the readout of the
larger pulse is 0.5 and the other 0. Elsewhere nothing is trained.
"""

from __future__ import annotations

import numpy as np

from derive.arrays import Array
from verify.training.tasks.task import Task, Trials, steps, strengths_to

DT = 0.5
DURATION = 28.0
FIRST, LENGTH, WAIT, RESPONSE = 3.0, 1.0, 5.0, 10.0
DELAY = (2.0, 8.0)
HEIGHTS = (0.5, 1.5)
APART = 0.2
HEIGHT = 0.5


def _draw(rng: np.random.Generator, count: int) -> Trials:
    heights = rng.uniform(*HEIGHTS, (count, 2))
    while (close := np.abs(heights[:, 0] - heights[:, 1]) < APART).any():
        heights[close] = rng.uniform(*HEIGHTS, (int(close.sum()), 2))
    return pulse_pairs(rng.uniform(*DELAY, count), heights)


def pulse_pairs(delays: Array, heights: Array) -> Trials:
    """Trials of given delays (trial,) and heights (trial, 2)."""
    time = np.arange(int(steps(DURATION, DT)))[None, :]
    length, first = int(steps(LENGTH, DT)), int(steps(FIRST, DT))
    second = first + length + steps(delays, DT)[:, None]
    inputs = heights[:, :1] * ((time >= first) & (time < first + length))
    inputs = inputs + heights[:, 1:] * ((time >= second) & (time < second + length))
    end = second + length
    answer = end + int(steps(WAIT, DT))
    response = (time >= answer) & (time < answer + int(steps(RESPONSE, DT)))
    larger = np.arange(2) == heights.argmax(axis=1)[:, None]
    targets = HEIGHT * response[:, :, None] * larger[:, None, :]
    mask = np.broadcast_to(((time < end) | response)[:, :, None], targets.shape)
    return Trials(inputs[:, :, None], targets, mask)


def _figure() -> Trials:
    return pulse_pairs(np.array([5.0]), np.array([[0.6, 1.1]]))


ROMO = Task("romo", 1, 2, _draw, 6000, _figure, DT, strengths=strengths_to(3.0))
