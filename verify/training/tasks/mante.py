"""Context-dependent decision (Mante et al.; Schuessler et al. 2020, section 2; times in tau).

Inputs: context 1, context 2, sensory 1, sensory 2. Fixation 3, stimulus 20, delay 5, decision 20.
The sensory channels carry white noise of standard deviation 0.05/sqrt(dt) a step throughout, and in
the stimulus a coherence each, from +-{1/8, 1/4, 1/2, 1}. The context says which of them counts; the
readout is 0 up to the end of the stimulus, and half the sign of that coherence in the decision.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from verify.training.tasks.task import Task, Trials, steps, strengths_to

DT = 0.5
FIXATION, STIMULUS, DELAY, DECISION = 3.0, 20.0, 5.0, 20.0
COHERENCES = np.array([s * c for c in (0.125, 0.25, 0.5, 1.0) for s in (-1, 1)])
NOISE = 0.05
HEIGHT = 0.5


def _draw(rng: np.random.Generator, count: int) -> Trials:
    context = rng.integers(0, 2, count)
    coherences = rng.choice(COHERENCES, (count, 2))
    return context_trials(rng, context, coherences)


def context_trials(rng: np.random.Generator, context: NDArray[np.int64], coherences: Array) -> Trials:
    """Trials of given contexts (trial,), 0 or 1, and coherences (trial, 2); ``rng`` draws the noise."""
    count = len(context)
    begin, end, decide, stop = (int(steps(t, DT)) for t in np.cumsum((FIXATION, STIMULUS, DELAY, DECISION)))
    inputs = np.zeros((count, stop, 4), np.float32)
    inputs[:, :, 2:] = NOISE / np.sqrt(DT) * rng.standard_normal((count, stop, 2), dtype=np.float32)
    inputs[:, begin:end, 2:] += coherences[:, None, :]
    inputs[np.arange(count), begin:end, context] = 1
    targets, mask = np.zeros((count, stop, 1), np.float32), np.zeros((count, stop, 1), np.float32)
    targets[:, decide:, 0] = HEIGHT * np.sign(coherences[np.arange(count), context])[:, None]
    mask[:, :end] = mask[:, decide:] = 1
    return Trials(inputs, targets, mask)


def _figure() -> Trials:
    return context_trials(np.random.default_rng(0), np.array([1]), np.array([[1.0, -0.5]]))


MANTE = Task("mante", 4, 1, _draw, 2000, _figure, DT, strengths=strengths_to(2.7))
