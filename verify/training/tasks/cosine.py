"""Cosine generation by a linear network (Schuessler et al. 2020, supplement; times in tau).

No input: h(0) = sqrt(N) m, and the readout vector is the same m. The readout after step n is trained
towards cos(2 pi n dt/5) for two periods; three more show what it does on its own. Only W learns, by
plain descent.
"""

from __future__ import annotations

import numpy as np

from verify.training.tasks.task import Task, Trials, steps

DT = 0.1
DURATION, TRAINED, PERIOD = 20.0, 10.0, 5.0
RATES = ((0.0, 0.2), (0.4, 0.15), (0.8, 0.05))


def _trials(_rng: np.random.Generator | None, count: int) -> Trials:
    time = DT * np.arange(int(steps(DURATION, DT)))
    targets = np.broadcast_to(np.cos(2 * np.pi * time / PERIOD)[None, :, None], (count, len(time), 1))
    mask = np.broadcast_to((np.arange(len(time)) < steps(TRAINED, DT))[None, :, None], targets.shape)
    return Trials(np.zeros((count, len(time), 1)), targets, mask)


def _rate(_size: int, g: float) -> float:
    """The authors' rates at g = 0, 0.4 and 0.8, between them along straight lines."""
    strengths, rates = zip(*RATES, strict=True)
    return float(np.interp(g, strengths, rates))


COSINE = Task(
    "cosine",
    1,
    1,
    _trials,
    1000,
    lambda: _trials(None, 1),
    DT,
    batch=1,
    nonlinearity="linear",
    starts_at_input=True,
    shared_vector=True,
    train=("W",),
    strengths=tuple(g for g, _ in RATES),
    optimizer="sgd",
    rate=_rate,
)
