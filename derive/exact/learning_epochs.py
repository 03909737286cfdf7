"""How many epochs gradient descent learns for, with and without momentum (THEORY 4, 10).

A run has learned at the first epoch from which on the loss stays at or below a fraction of the initial loss,
for as long again as that took: a heavy ball passes the target and comes back. The loss is read off where
gradients are taken, as optimizers see it: at W, with Nesterov's method at W + mu V.

Two laws hold at the two ends. Small steps follow the flow, eta/(1 - mu) of learning time an epoch:

    epochs -> tau* (1 - mu)/eta.

Near the minimum, of sharpness h, the error falls by `Momentum.radius(eta h)` an epoch, so that a further
factor x of the loss costs log(1/x)/(-2 log radius) epochs. The loss of one readout is curved in one
direction only: plain descent at eta = 1/h ends as fast as any momentum, and what momentum has to gain at its
best rate it gains on the way, where the gradient is smaller than at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from derive.exact.descent import descent
from derive.exact.momentum import PLAIN, Momentum
from derive.flow.reduction import Reduction

MOST = 5_000
FIRST = 32  # epochs of the shortest run


@dataclass(frozen=True)
class Fewest:
    """The fewest ``epochs``; ``learning_rate`` (eta, in units of tau) and ``method`` that need them."""

    epochs: int
    learning_rate: float
    method: Momentum


def epochs_to(
    fraction: float,
    reduction: Reduction,
    zhat: float,
    learning_rate: float,
    method: Momentum = PLAIN,
    most: int = MOST,
) -> int | None:
    """The epoch from which on the loss stays at or below ``fraction`` of that before learning.

    At N = infinity with a `limit_reduction`, of one network with an `instance_reduction`. None where that
    takes more than ``most`` epochs. Raises ValueError for a fraction outside (0, 1) and as `descent` does.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction {fraction}: allowed is 0 < fraction < 1")
    epochs = min(FIRST, 2 * most)
    while True:
        with np.errstate(over="ignore", invalid="ignore"):
            z = descent(
                reduction, zhat, learning_rate, epochs, momentum=method, look_ahead=True
            ).readout  # epochs 0, 1, ...
            learned = np.abs(zhat - z) <= fraction**0.5 * abs(zhat - z[0])
        if len(z) <= epochs:
            return None  # the numbers have overflowed
        found = int(np.flatnonzero(~learned)[-1]) + 1
        if 2 * found <= epochs:
            return found if found <= most else None
        if found > most and epochs >= most:
            return None
        epochs = min(2 * epochs, 2 * most)


def fewest_epochs(
    fraction: float,
    reduction: Reduction,
    zhat: float,
    tries: Iterable[tuple[float, Momentum]],
    most: int = MOST,
) -> Fewest | None:
    """The fewest epochs over ``tries``, pairs of learning rate and method; of equals the last.

    None where none learns. Epochs are whole and not monotone in either, so every pair is tried, for no longer
    than the best so far: the search is short where fast ones come first.
    """
    best = None
    for rate, method in tries:
        if found := epochs_to(fraction, reduction, zhat, rate, method, most):
            best, most = Fewest(found, rate, method), found
    return best
