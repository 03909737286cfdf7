"""The exact limit N -> infinity for every learning time and target (THEORY 5).

`curve` and `limit_descent` put the pieces together: overlaps in the limit, the reduced problem, its
path by arc length, and the clock of one target. Their one numerical parameter, the number of chain
vectors, is raised until the answer stands still to the tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.exact.descent import DescentCurve, descent
from derive.exact.learning_curve import LearningCurve
from derive.exact.learning_path import LearningPath
from derive.exact.limit_path import limit_path
from derive.exact.momentum import PLAIN, Momentum
from derive.exact.state import CurveState
from derive.flow.fixed_point_task import parse_train
from derive.flow.reduction import limit_reduction
from derive.reading.arguments import target
from derive.reading.fields import Brief

SIZES = (10, 12, 16, 20, 24, 32)  # numbers of chain vectors tried
ROUNDING = 1e-13  # accuracy that double precision reaches on a path
TIME_ROUNDING = 2e-15  # of tau, relative
LEAST_REST = 1e-300  # of the way: what is less has underflowed


@dataclass(frozen=True, eq=False, repr=False)
class Curve(Brief):
    """The exact curve at the effective times ``ttilde`` (T,): all dimensionless.

    ``values`` (T,) of every observable by name; ``singular_values`` (T, R). ``accuracy`` bounds the error
    of the readout, relative to zhat: the change on adding chain vectors, and rounding. ``learning`` is the
    curve as functions of the learning time tau. ``neurons`` is None at N = infinity; for one network its
    size, and g then only sets the scale of ttilde.
    """

    g: float
    zhat: float
    ttilde: Array
    values: dict[str, Array]
    singular_values: Array
    accuracy: float
    chain_vectors: int
    learning: LearningCurve
    neurons: int | None = None

    @property
    def readout(self) -> Array:
        """z (T,)."""
        return self.values["readout"]

    @property
    def loss(self) -> Array:
        """(zhat - z)^2/2 (T,)."""
        return self.values["loss"]

    @property
    def gradient_norm(self) -> Array:
        """|dL/dW|_F (T,)."""
        return self.values["gradient_norm"]

    @property
    def frobenius_norm(self) -> Array:
        """|W - W0|_F (T,)."""
        return self.values["frobenius_norm"]


def learning_curve(
    g: float, zhat: float, *, alignment: float = 0.0, train: str | Sequence[str] = ("W",), size: int = 16
) -> LearningCurve:
    """The curve for one g and zhat as functions of tau, from ``size`` chain vectors.

    ``alignment`` is w.m; ``train`` what learns, W or W,m,w. Raises ValueError for g outside [0, 1),
    zhat <= 0 or zhat equal to the readout before learning.
    """
    target(zhat)
    if zhat <= 0:
        raise ValueError(f"zhat = {zhat}: allowed is zhat > 0")
    direction = 1 if zhat > alignment else -1
    return LearningCurve(limit_path(g, size, alignment, parse_train(train), direction), zhat)


def curve(
    g: float,
    zhat: float,
    ttilde: Sequence[float] | Array,
    *,
    singular_values: int = 2,
    alignment: float = 0.0,
    train: str | Sequence[str] = ("W",),
    tolerance: float = 1e-10,
) -> Curve:
    """Gradient flow at N = infinity at the effective times ``ttilde`` = beta^2 tau >= 0.

    0 <= g < 1, zhat > 0; ``alignment`` is w.m, 0 for independent vectors; ``train`` what learns, W or
    W,m,w. Raises ValueError for arguments outside these ranges and for a tolerance that cannot be met,
    naming the one that can.

    >>> round(float(curve(0.6, 2.0, [0.25]).readout[0]), 7)
    1.0474761
    """
    target(zhat, zero=False)
    return standing_curve(
        lambda size: learning_curve(g, zhat, alignment=alignment, train=train, size=size),
        SIZES,
        g,
        zhat,
        ttilde,
        singular_values,
        tolerance,
        f"g = {g:g}, zhat = {zhat:g}",
    )


def standing_curve(
    learning_of: Callable[[int], LearningCurve],
    sizes: Sequence[int],
    g: float,
    zhat: float,
    ttilde: Sequence[float] | Array,
    singular_values: int,
    tolerance: float,
    case: str,
    uncertainty: float = 0.0,
) -> Curve:
    """Curves of more and more chain vectors until one stands still to ``tolerance``.

    ``uncertainty`` is the relative error of the network itself. Raises ValueError as `curve` does, for
    the ``case`` named.
    """
    target(zhat, zero=False)
    times = np.asarray(ttilde, dtype=float)
    if times.ndim != 1 or not np.all(np.isfinite(times)) or np.any(times < 0):
        raise ValueError("ttilde: allowed is a list of finite times >= 0")
    if singular_values < 1:
        raise ValueError(f"{singular_values} singular values: allowed are integers >= 1")
    tau = times * (1 - g) ** 2 * (1 + g) ** 2
    accuracy, coarser = math.inf, learning_of(sizes[0])
    for size in sizes[1:]:
        learning = learning_of(size)
        T, rest = learning.position(tau)
        error, rate = learning.error_at(T, rest), learning.path.sharpness(T)
        steepness = float(np.max(np.abs(error) * rate * tau, initial=0.0)) / abs(zhat)
        rounding = ROUNDING + uncertainty + (TIME_ROUNDING + uncertainty) * steepness
        # the coarser curve at the same parts of its way, brought to these times by its own rate
        time, there = coarser.at_parts(np.maximum(rest / learning.length, LEAST_REST))
        moved = there + there * rate * (time - tau)
        accuracy = float(np.max(np.abs(error - moved), initial=0.0)) / abs(zhat) + rounding
        if accuracy <= tolerance or rounding > tolerance:
            break
        coarser = learning
    if not accuracy <= tolerance:
        raise ValueError(
            f"tolerance {tolerance:g} cannot be met at {case}: allowed is "
            f"tolerance >= {_rounded_up(accuracy):g}"
        )
    state = CurveState(learning, T, rest)
    return Curve(
        g,
        zhat,
        times,
        state.values,
        np.stack([state.singular_value(r) for r in range(1, singular_values + 1)], axis=-1),
        accuracy,
        learning.path.size,
        learning,
    )


def limit_descent(
    g: float,
    zhat: float,
    learning_rate: float,
    epochs: int,
    *,
    alignment: float = 0.0,
    train: str | Sequence[str] = ("W",),
    size: int = 24,
    keep: bool = False,
    momentum: Momentum = PLAIN,
    look_ahead: bool = False,
) -> DescentCurve:
    """Gradient descent at N = infinity with learning rate eta (in units of tau), exactly: `descent`.

    Far from the flow (overshoot, crossing the pole) descent is chaotic and digits are lost with
    every epoch; on a smooth run ``size`` chain vectors carry it to rounding.
    """
    reduction = limit_reduction(g, size, alignment)
    return descent(
        reduction,
        zhat,
        learning_rate,
        epochs,
        train=train,
        keep=keep,
        momentum=momentum,
        look_ahead=look_ahead,
    )


def path(g: float, *, alignment: float = 0.0, train: str = "W", size: int = 16) -> LearningPath:
    """The universal path of learning at N = infinity, the same for every target above w.m."""
    return limit_path(g, size, alignment, parse_train(train))


def _rounded_up(value: float) -> float:
    digit = 10.0 ** math.floor(math.log10(value))
    return math.ceil(value / digit) * digit
