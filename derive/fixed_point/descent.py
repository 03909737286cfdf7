"""Gradient descent with a finite learning rate, exactly, in the reduced problem (THEORY 4, 5).

    C <- C + eta (zhat - z) alpha beta^T        (kappa, omega likewise where m and w learn too)

is gradient descent W <- W + eta (zhat - z) a b^T of the whole network, in chain coordinates: at
N = infinity for a limit reduction, of one network for an instance reduction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.fixed_point.learning_curve import singular_values
from derive.fixed_point.reduction import Reduction

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
    vectors: bool = False,
    keep: bool = False,
    stop_below: float = 0.0,
) -> DescentCurve:
    """Run ``epochs`` steps; stop early once |zhat - z| < ``stop_below`` or numbers overflow.

    ``learning_rate`` is eta, in units of tau (not of ttilde). Raises ValueError for
    learning_rate <= 0 or epochs < 0.
    """
    if not learning_rate > 0:
        raise ValueError(f"learning rate {learning_rate}: allowed is > 0")
    if epochs < 0:
        raise ValueError(f"{epochs} epochs: allowed are integers >= 0")
    transfer, n = reduction.transfer, reduction.size
    C, kappa, omega, unit = np.zeros((n, n)), np.zeros(n), np.zeros(n), np.eye(n)
    v = float(vectors)
    readouts, sharpness, crossings, kept = [], [], [], []
    sign = 1.0
    for epoch in range(epochs + 1):
        system = unit - transfer @ C
        inverse = np.linalg.inv(system)
        beta = inverse @ (reduction.beta + transfer @ kappa)
        source = reduction.alpha + transfer.T @ omega
        alpha = source + transfer.T @ (inverse.T @ (C.T @ source))  # (1 - transfer^T C^T)^-1 source
        z = reduction.readout + reduction.alpha @ (kappa + C @ beta) + omega @ beta
        aa, bb = alpha @ alpha, beta @ beta
        readouts.append(float(z))
        sharpness.append(float(aa * bb + v * (aa + bb)))
        if keep:
            kept.append(C)
        side = float(np.linalg.slogdet(system)[0])
        if side != sign:
            crossings.append(epoch)
            sign = side
        error = zhat - z
        if epoch == epochs or abs(error) < stop_below or not np.isfinite(sharpness[-1]):
            break
        rate = learning_rate * error
        C = C + rate * np.outer(alpha, beta)
        kappa, omega = kappa + v * rate * alpha, omega + v * rate * beta
    return DescentCurve(
        learning_rate,
        np.array(readouts),
        np.array(sharpness),
        tuple(crossings),
        np.array(kept) if keep else None,
    )
