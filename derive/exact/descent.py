"""Gradient descent with a finite learning rate, exactly, in the reduced problem (THEORY 4, 5).

    C <- C + eta (zhat - z) alpha beta^T        (kappa, omega likewise where m, w learn)

is gradient descent W <- W + eta (zhat - z) a b^T of the whole network, in chain coordinates: at
N = infinity for a limit reduction, of one network for an instance reduction. With momentum mu,

    V <- mu V + eta (zhat - z) alpha beta^T,      C <- C + V,      V = 0 at the start,

and V too is a sum of rank-one terms on the chain, so that this is exact as well (THEORY 10): heavy ball with
the gradient at C, Nesterov's method with the gradient at C + mu V. Near a minimum of sharpness h both are
linear, and stable for

    eta h < 2 (1 + mu)   (heavy ball),      eta h < 2 (1 + mu)/(1 + 2 mu)   (Nesterov).

With theta = W + mu V, where Nesterov's gradient is taken, the method reads theta <- theta + G + mu V after
V <- mu V + G: theta is what optimizers that evaluate the loss once an epoch hold as parameters (torch's).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.exact.learning_curve import singular_values
from derive.exact.momentum import PLAIN, Momentum
from derive.flow.fixed_point_task import TRAINABLE, parse_train
from derive.flow.reduction import Reduction
from derive.reading.fields import Brief


def fastest_at_minimum(sharpness: float, learning_rate: float) -> float:
    """mu with which the heavy ball at this learning rate comes down fastest at a minimum of ``sharpness`` h.

    The error there obeys e'' = (1 + mu - eta h) e' - mu e, whose roots meet at mu = (1 - sqrt(eta h))^2: the
    error then falls by sqrt(mu) an epoch (times a linear growth), against 1 - eta h of plain descent. Raises
    ValueError unless 0 < eta h < 4.
    """
    step = learning_rate * sharpness
    if not 0 < step < 4:
        raise ValueError(f"eta h = {step:g}: allowed is 0 < eta h < 4")
    return float((1 - step**0.5) ** 2)


@dataclass(frozen=True, eq=False, repr=False)
class DescentCurve(Brief):
    """Gradient descent, entry 0 before learning. E = number of epochs run + 1.

    ``readout`` (E,), ``sharpness`` (E,): h = dz/ds;  ``crossings``: epochs at whose end an outlier
    of W has passed 1;  ``change`` (E, n, n): W - W0 in orthonormal chain coordinates, where kept.
    ``method`` is what was run. All at W or, with Nesterov's method run to ``look_ahead``, at W + mu V.
    """

    learning_rate: float
    readout: Array
    sharpness: Array
    crossings: tuple[int, ...]
    change: Array | None
    method: Momentum = PLAIN

    @property
    def time_step(self) -> float:
        """Learning time of one epoch where steps are small: eta/(1 - mu)."""
        return self.method.time_step(self.learning_rate)

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
    momentum: Momentum = PLAIN,
    look_ahead: bool = False,
) -> DescentCurve:
    """Run ``epochs`` steps; stop early once |zhat - z| < ``stop_below`` or numbers overflow.

    ``learning_rate`` is eta, in units of tau (not of ttilde); ``train`` names what learns, of W, m, w, all
    with one ``momentum`` (none by default). ``look_ahead``: what is recorded is read off where gradients are
    taken, which with Nesterov's method is W + mu V, the parameters of torch's optimizer.
    Raises ValueError for learning_rate <= 0 or epochs < 0.
    """
    if not learning_rate > 0:
        raise ValueError(f"learning rate {learning_rate}: allowed is > 0")
    if epochs < 0:
        raise ValueError(f"{epochs} epochs: allowed are integers >= 0")
    n, learning = reduction.size, parse_train(train)
    state: tuple[Array, ...] = np.zeros((n, n)), np.zeros(n), np.zeros(n)
    W_rate, m_rate, w_rate = (float(name in learning) for name in TRAINABLE)
    readouts, sharpness, crossings, kept = [], [], [], []
    sign, unit, velocities = 1.0, np.eye(n), tuple(np.zeros_like(x) for x in state)
    for epoch in range(epochs + 1):
        ahead = state
        if momentum.nesterov:
            ahead = tuple(x + momentum.mu * v for x, v in zip(state, velocities, strict=True))
        seen = ahead if look_ahead else state
        alpha, beta, z = reduction.directions(*seen)
        aa, bb = alpha @ alpha, beta @ beta
        readouts.append(z)
        sharpness.append(float(W_rate * aa * bb + m_rate * aa + w_rate * bb))
        if keep:
            kept.append(seen[0])
        side = float(np.linalg.slogdet(unit - reduction.transfer @ seen[0])[0])
        if side != sign:
            crossings.append(epoch)
            sign = side
        if epoch == epochs or abs(zhat - z) < stop_below or not np.isfinite(sharpness[-1]):
            break
        if ahead is not seen:
            alpha, beta, z = reduction.directions(*ahead)
        rate = learning_rate * (zhat - z)
        forces = W_rate * rate * np.outer(alpha, beta), m_rate * rate * alpha, w_rate * rate * beta
        velocities = tuple(map(momentum.velocity, velocities, forces))
        state = tuple(x + v for x, v in zip(state, velocities, strict=True))
    return DescentCurve(
        learning_rate,
        np.array(readouts),
        np.array(sharpness),
        tuple(crossings),
        np.array(kept) if keep else None,
        momentum,
    )
