"""Gradient descent with a finite learning rate, exactly, in the reduced problem (THEORY 4, 5).

    C <- C + eta (zhat - z) alpha beta^T        (kappa, omega likewise where m, w learn)

is gradient descent W <- W + eta (zhat - z) a b^T of the whole network, in chain coordinates: at
N = infinity for a limit reduction, of one network for an instance reduction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.exact.learning_curve import singular_values
from derive.flow.problem import TRAINABLE, parse_train
from derive.flow.reduction import Reduction

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DescentCurve:
    """Gradient descent, entry 0 before learning. E = number of epochs run + 1.

    ``readout`` (E,), ``sharpness`` (E,): h = dz/ds;  ``crossings``: epochs at whose end an outlier
    of W has passed 1;  ``change`` (E, n, n): W - W0 in orthonormal chain coordinates, where kept.
    """

    learning_rate: float
    readout: Array
    sharpness: Array
    crossings: tuple[int, ...]
    change: Array | None

    def singular_values(self, count: int = 2) -> Array:
        """Of W - W0 at every epoch, shape (E, count). Raises ValueError where W was not kept."""
        if self.change is None:
            raise ValueError("the descent was run without keeping W: run it with keep=True")
        return singular_values(self.change, count)


def descent(
    reduction: Reduction,
    zhat: float,
    learning_rate: float,
    epochs: int,
    *,
    train: str | Sequence[str] = ("W",),
    keep: bool = False,
    stop_below: float = 0.0,
) -> DescentCurve:
    """Run ``epochs`` steps; stop early once |zhat - z| < ``stop_below`` or numbers overflow.

    ``learning_rate`` is eta, in units of tau (not of ttilde); ``train`` names what learns, of W, m, w.
    Raises ValueError for learning_rate <= 0 or epochs < 0.
    """
    if not learning_rate > 0:
        raise ValueError(f"learning rate {learning_rate}: allowed is > 0")
    if epochs < 0:
        raise ValueError(f"{epochs} epochs: allowed are integers >= 0")
    n, learning = reduction.size, parse_train(train)
    C, kappa, omega, unit = np.zeros((n, n)), np.zeros(n), np.zeros(n), np.eye(n)
    W_rate, m_rate, w_rate = (float(name in learning) for name in TRAINABLE)
    readouts, sharpness, crossings, kept = [], [], [], []
    sign = 1.0
    for epoch in range(epochs + 1):
        alpha, beta, z = reduction.directions(C, kappa, omega)
        aa, bb = alpha @ alpha, beta @ beta
        readouts.append(z)
        sharpness.append(float(W_rate * aa * bb + m_rate * aa + w_rate * bb))
        if keep:
            kept.append(C)
        side = float(np.linalg.slogdet(unit - reduction.transfer @ C)[0])
        if side != sign:
            crossings.append(epoch)
            sign = side
        error = zhat - z
        if epoch == epochs or abs(error) < stop_below or not np.isfinite(sharpness[-1]):
            break
        rate = learning_rate * error
        C = C + W_rate * rate * np.outer(alpha, beta)
        kappa, omega = kappa + m_rate * rate * alpha, omega + w_rate * rate * beta
    return DescentCurve(
        learning_rate,
        np.array(readouts),
        np.array(sharpness),
        tuple(crossings),
        np.array(kept) if keep else None,
    )
