"""Flip-flop: remember the sign of the last pulse (Schuessler et al. 2020, section 2; times in tau).

Pulses of height 1 and length 1, the first at 1, from onset to onset U(10, 30); the channel is one of
two, the sign + or -. From 5 after an onset to the next onset the readouts are trained:

- `FLIP_FLOP`, as the authors ran it: the pulsed channel's readout is sign/2, the other one is 0;
- `FLIP_FLOP_BITS`, as the text says: each readout is half the sign of its own channel's last pulse,
  trained from that channel's first pulse on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from verify.training.tasks.task import Task, Trials, steps, strengths_to

DT = 0.5
DURATION = 50.0
FIRST, LENGTH, WAIT = 1.0, 1.0, 5.0
INTERVAL = (5.0, 25.0)  # beyond WAIT
HEIGHT = 0.5

FIGURE_DURATION = 100.0
FIGURE_INTERVALS = (16.55, 9.35, 14.80, 11.73, 12.17, 6.50)
FIGURE_CHANNELS = (1, 1, 1, 2, 1, 2)
FIGURE_SIGNS = (-1, 1, 1, 1, -1, -1)


def _draw(rng: np.random.Generator, count: int, bits: bool) -> Trials:
    pulses = 1 + int((DURATION - FIRST) / (WAIT + INTERVAL[0]))
    intervals = rng.uniform(*INTERVAL, (count, pulses))
    channels = rng.integers(0, 2, (count, pulses))
    signs = 2 * rng.integers(0, 2, (count, pulses)) - 1
    return pulse_trials(intervals, channels, signs, DURATION, bits)


def pulse_trials(
    intervals: Array,
    channels: NDArray[np.int64],
    signs: NDArray[np.int64],
    duration: float,
    bits: bool,
) -> Trials:
    """Trials with given pulses, arrays (trial, pulse): interval beyond WAIT, channel 0 or 1, sign."""
    count, pulses = intervals.shape
    length, row = int(steps(duration, DT)), np.arange(count)[:, None]
    gaps = steps(intervals + WAIT, DT)
    onsets = int(steps(FIRST, DT)) + np.cumsum(gaps, axis=1) - gaps
    pulse = (np.arange(2) == channels[:, :, None]) * signs[:, :, None].astype(np.float32)
    state = pulse.copy()  # the signs remembered after a pulse
    for k in range(1, pulses if bits else 0):
        state[:, k] = np.where(pulse[:, k] != 0, pulse[:, k], state[:, k - 1])
    begun = np.zeros((count, length + 1), np.int64)
    np.add.at(begun, (row, np.minimum(onsets, length)), 1)
    latest = begun[:, :length].cumsum(axis=1) - 1  # number of the latest pulse, -1 before the first
    which = np.maximum(latest, 0)
    age = np.arange(length) - np.take_along_axis(onsets, which, axis=1)
    shown = ((latest >= 0) & (age < steps(LENGTH, DT)))[:, :, None]
    trained = ((latest >= 0) & (age >= steps(WAIT, DT)))[:, :, None]
    remembered = state[row, which]
    return Trials(
        shown * pulse[row, which],
        trained * (HEIGHT * remembered),
        trained & ((remembered != 0) if bits else np.full((1, 1, 2), True)),
    )


def _figure(bits: bool) -> Trials:
    return pulse_trials(
        np.array([FIGURE_INTERVALS]),
        np.array([FIGURE_CHANNELS]) - 1,
        np.array([FIGURE_SIGNS]),
        FIGURE_DURATION,
        bits,
    )


def _task(name: str, bits: bool) -> Task:
    return Task(
        name,
        2,
        2,
        lambda rng, count: _draw(rng, count, bits),
        1000,
        lambda: _figure(bits),
        DT,
        strengths=strengths_to(2.1),
    )


FLIP_FLOP = _task("flip-flop", False)
FLIP_FLOP_BITS = _task("flip-flop-bits", True)
