"""Learning curves in overlap space: exact gradient descent, and gradient flow (THEORY 6).

    gradient descent    S <- (1 - lr F)^T S (1 - lr F)        F = D + D^T, frozen columns zero
    gradient flow       dS/dtau = -(S F + F^T S)

The first is not an integration scheme for the second: it is what descent on the N-neuron network
with learning rate N lr does to the overlaps, at any N.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from derive.arrays import Array
from derive.overlaps.loss import Loss, update_matrix
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.reading.arguments import of_kind, one_number, rising_times
from derive.reading.fields import Brief


@dataclass(frozen=True, eq=False, repr=False)
class OverlapCurve(Brief):
    """``time``: epochs or tau, shape (n,); ``loss``, shape (n,); ``overlaps`` S, shape (n, P, P)."""

    problem: OverlapProblem
    time: Array
    loss: Array
    overlaps: Array

    def overlap(self, name: str) -> Array:
        """The curve of one named overlap, shape (n,)."""
        row, column = self.problem.pairs[name]
        return np.asarray(self.overlaps[:, row, column])


class LossNotFinite(ArithmeticError):
    """Learning left the finite numbers: ``epoch``, and the ``curve`` of all epochs before it."""

    def __init__(self, epoch: int, curve: OverlapCurve | None = None) -> None:
        super().__init__(f"the loss is not finite at epoch {epoch}")
        self.epoch = epoch
        self.curve = curve


def descend(
    problem: OverlapProblem, loss: Loss, S: Matrix, learning_rate: float
) -> Iterator[tuple[float, Matrix]]:
    """Yield the loss and S before learning and after every epoch, without end and without memory.

    Raises `LossNotFinite` when loss or overlaps overflow, ValueError for learning_rate <= 0.
    """
    return descend_batches(problem, repeat(loss), S, learning_rate)


def descend_batches(
    problem: OverlapProblem, losses: Iterable[Loss], S: Matrix, learning_rate: float
) -> Iterator[tuple[float, Matrix]]:
    """The same with a loss for every epoch, that of its batch; ends with ``losses``."""
    of_kind("problem", problem, OverlapProblem, "an OverlapProblem")
    check_rate(learning_rate)
    identity = np.eye(problem.size)

    def moved(S: Matrix, derivatives: Matrix) -> Matrix:
        step = identity - learning_rate * update_matrix(problem, derivatives)
        return np.asarray(step.T @ S @ step)

    return epoch_by_epoch(losses, problem.check(S), moved)


def check_rate(learning_rate: float) -> None:
    """Raises TypeError for what is no number, ValueError for one <= 0."""
    one_number("learning rate", learning_rate)
    if not learning_rate > 0:
        raise ValueError(f"learning rate {learning_rate}: allowed are numbers > 0")


def epoch_by_epoch(
    losses: Iterable[Loss], S: Matrix, moved: Callable[[Matrix, Matrix], Matrix]
) -> Iterator[tuple[float, Matrix]]:
    """Yield the loss and S before learning and after every epoch: ``moved`` takes S and the derivatives.

    Raises `LossNotFinite` when loss or overlaps overflow.
    """
    for epoch, loss in enumerate(losses):
        with np.errstate(all="ignore"):
            value, derivatives = loss(S)
            if not (np.isfinite(value) and np.isfinite(S).all()):
                raise LossNotFinite(epoch)
            following = moved(S, derivatives)
        yield value, S
        S = following


def descent_curve(
    problem: OverlapProblem, loss: Loss, S: Matrix, learning_rate: float, epochs: int, every: int = 1
) -> OverlapCurve:
    """Exact descent for ``epochs`` epochs, kept every ``every``-th epoch; entry 0 is before learning.

    Raises `LossNotFinite` with the curve of all epochs before, ValueError as `descend` does.
    """
    return curve_of(problem, descend(problem, loss, S, learning_rate), epochs, every)


def curve_of(
    problem: OverlapProblem, states: Iterator[tuple[float, Matrix]], epochs: int, every: int = 1
) -> OverlapCurve:
    """Loss and S of ``epochs`` epochs as one curve, kept every ``every``-th epoch.

    Raises `LossNotFinite` with the curve of all epochs before.
    """
    kept: list[tuple[int, float, Matrix]] = []
    try:
        for epoch, (value, overlaps) in enumerate(states):
            if epoch % every == 0:
                kept.append((epoch, value, overlaps))
            if epoch == epochs:
                break
    except LossNotFinite as failure:
        raise LossNotFinite(failure.epoch, _curve(problem, kept)) from None
    return _curve(problem, kept)


def flow_curve(
    problem: OverlapProblem, loss: Loss, S: Matrix, times: Sequence[float], tolerance: float = 1e-12
) -> OverlapCurve:
    """Gradient flow from S at tau = 0, reported at rising times >= 0 (explicit Runge-Kutta, order 8).

    ``tolerance`` bounds the relative and absolute error of a step. Raises ValueError for times that
    do not rise or an integration that fails.
    """
    from scipy.integrate import solve_ivp

    of_kind("problem", problem, OverlapProblem, "an OverlapProblem")
    tau = rising_times(times)
    S = problem.check(S)
    shape = S.shape

    def velocity(_: float, flat: Array) -> Array:
        overlaps = flat.reshape(shape)
        product = overlaps @ update_matrix(problem, loss(overlaps)[1])
        return -(product + product.T).ravel()

    states = S.ravel()[None]
    if tau[-1] > 0:
        solution = solve_ivp(velocity, (0, tau[-1]), S.ravel(), "DOP853", tau, rtol=tolerance, atol=tolerance)
        if not solution.success:
            raise ValueError(f"gradient flow stopped before tau = {tau[-1]}: {solution.message}")
        states = solution.y.T
    overlaps = states.reshape(-1, *shape)
    return OverlapCurve(problem, tau, np.array([loss(state)[0] for state in overlaps]), overlaps)


def _curve(problem: OverlapProblem, kept: list[tuple[int, float, Matrix]]) -> OverlapCurve:
    size = problem.size
    return OverlapCurve(
        problem,
        np.array([epoch for epoch, _, _ in kept], dtype=float),
        np.array([value for _, value, _ in kept]),
        np.array([S for _, _, S in kept]).reshape(-1, size, size),
    )
