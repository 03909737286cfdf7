"""Rules other than the gradient in overlap space: feedback alignment, and Hebbian learning.

A rule that changes every column of X by combinations of columns, X <- X (1 - lr F), whose coefficients F are
made of overlaps, acts on S = X^T X / N as

    S <- (1 - lr F)^T S (1 - lr F),

exactly, at any N: the gradient is F = D + D^T, but nothing else of it is used. Vectors that a rule needs and
does not change are further columns. Here, for a linear network on a task (`derive.overlaps.tasks`), with
h_n = M k_M + U k_U, kappa_n = S_V.k_n and residuals r_n = 2 weight (y_n - target):

Feedback alignment (Lillicrap et al. 2016, through time): errors come back by fixed columns B_Z, B_V in the
place of Z, V; the adjoint is lambda_n = B_Z a_n + B_V b_n,

    a_n = (1 - dt) a_(n+1) + r_n,    b_n = (1 - dt) b_(n+1) + dt c_(n+1),    c_n = S_UBz a_n + S_UBv b_n,
    dM = dt sum lambda_n x_n^T,      dU = dt sum lambda_n kappa_(n-1)^T,
    dV = dt sum h_(n-1) c_n^T,       dZ = sum h_n r_n^T.

Hebbian: hidden weights grow with the products of what they join, and decay; Z learns by its error,

    dM = -dt sum h_n x_n^T + decay M,   dU, dV = -dt sum h_n kappa_n^T + decay U, V,   dZ = sum h_n r_n^T.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.tasks import WeightedTrials

Rule = Callable[[Matrix], Matrix]
"""F of overlaps S."""


def follow(rule: Rule, S: Matrix, learning_rate: float) -> Iterator[Matrix]:
    """Yield S before learning and after every epoch, without end."""
    identity = np.eye(len(S))
    while True:
        yield S
        step = identity - learning_rate * rule(S)
        S = step.T @ S @ step


@dataclass(frozen=True, eq=False)
class LinearRule:
    """A rule on a task that a linear network learns; raises ValueError for any other."""

    problem: OverlapProblem
    task: WeightedTrials

    def __post_init__(self) -> None:
        LinearTask(self.problem, self.task)


@dataclass(frozen=True, eq=False)
class FeedbackAlignment(LinearRule):
    """F of the overlaps of [Z V M U B_Z B_V], shape (P + outputs + rank, ...).

    Raises ValueError where the task does not fit, or the problem is not linear.
    """

    def __call__(self, S: Matrix) -> Matrix:
        problem, dt = self.problem, self.task.dt
        run = _Run.of(problem, self.task, S)
        z, v, m, u = (problem.blocks[letter] for letter in "zvmu")
        rest, back = slice(m.start, u.stop), slice(problem.size, None)
        feedback = S[u, back]
        F = np.zeros_like(S)
        outputs, rank, trials = problem.outputs, problem.rank, self.task.trials
        a, b = np.zeros((outputs, trials)), np.zeros((rank, trials))
        returned = np.zeros((rank, trials))
        for n in range(self.task.steps, 0, -1):
            a, b = (1 - dt) * a + run.residuals[n], (1 - dt) * b + dt * returned
            adjoint = np.vstack([a, b])
            returned = feedback @ adjoint
            F[back, m] += dt * adjoint @ run.inputs[n].T
            F[back, u] += dt * adjoint @ run.latent[n - 1].T
            F[rest, v] += dt * run.states[n - 1] @ returned.T
            F[rest, z] += run.states[n] @ run.residuals[n].T
        return F


@dataclass(frozen=True, eq=False)
class HebbianRule(LinearRule):
    """F of the overlaps of [Z V M U], shape (P, P), with the ``decay`` of M, U and V.

    Raises ValueError where the task does not fit, or the problem is not linear.
    """

    decay: float

    def __call__(self, S: Matrix) -> Matrix:
        problem, dt = self.problem, self.task.dt
        run = _Run.of(problem, self.task, S)
        z, v, m, u = (problem.blocks[letter] for letter in "zvmu")
        rest = slice(m.start, u.stop)
        F = np.zeros_like(S)
        for n in range(1, self.task.steps + 1):
            F[rest, m] -= dt * run.states[n] @ run.inputs[n].T
            F[rest, u] -= dt * run.states[n] @ run.latent[n].T
            F[rest, z] += run.states[n] @ run.residuals[n].T
        F[rest, v] = F[rest, u]
        for column in (m, u, v):
            F[column, column] += self.decay * np.eye(column.stop - column.start)
        return F


def task_loss(problem: OverlapProblem, task: WeightedTrials, S: Matrix) -> float:
    """The loss of the network of S, whose further columns it does not see."""
    return LinearTask(problem, task)(S[: problem.size, : problem.size])[0]


@dataclass(frozen=True, eq=False)
class _Run:
    """Steps 0..T: states k, latent kappa, inputs and residuals (those of step 0 zero), channels by trials."""

    states: list[Array]
    latent: list[Array]
    inputs: list[Array]
    residuals: list[Array]

    @classmethod
    def of(cls, problem: OverlapProblem, task: WeightedTrials, S: Matrix) -> _Run:
        blocks, dt = problem.blocks, task.dt
        rest = slice(blocks["m"].start, blocks["u"].stop)
        read, feed = S[blocks["z"], rest], S[blocks["v"], rest]
        k = np.zeros((problem.inputs + problem.rank, task.trials))
        run = cls(
            [k], [feed @ k], [np.zeros((problem.inputs, task.trials))], [np.zeros((problem.outputs, 1))]
        )
        for n in range(task.steps):
            x = task.inputs[:, n].T
            k = (1 - dt) * k + dt * np.vstack([x, run.latent[-1]])
            run.states.append(k)
            run.latent.append(feed @ k)
            run.inputs.append(x)
            run.residuals.append(2 * task.weights[:, n].T * (read @ k - task.targets[:, n].T))
        return run
