"""Two networks with one function and two ways of learning (Ger and Barak 2026; THEORY 6).

A linear network's function is its visible overlaps, so the second network gets other invisible
ones. A nonlinear network's function on a task is fixed by z, v along the activity it reads, so the
second network's z and v get components orthogonal to everything that happens in the task: the
outputs agree to rounding, and z.z and v.v, invisible here, do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from derive.arrays import Array
from derive.overlaps.descent import OverlapCurve, descent_curve
from derive.overlaps.discrete_filter import DiscreteFilter
from derive.overlaps.neurons import gauss_hermite_neurons, neuron_curve, quasi_random_neurons
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.sampling import sample_network, with_invisible
from derive.overlaps.tasks import WeightedTrials
from verify.checks.check import Check
from verify.overlaps.low_rank import PHI, Training, response, train
from verify.overlaps.settings import start

ADDED = 1.0  # what is added to z.z and v.v of the second network
NODES, POINTS = 6, 4096
# the overlaps are exact: only higher moments of N neurons deviate, by about N^(-1/2)
DEVIATION = 2.0


@dataclass(frozen=True, eq=False)
class Degeneracy:
    """Both networks' outputs before learning, their training, the theory, and the checks."""

    problem: OverlapProblem
    task: WeightedTrials
    size: int
    outputs: tuple[Array, Array]
    trainings: tuple[Training, Training]
    theories: tuple[OverlapCurve, OverlapCurve]
    checks: list[Check]


def degeneracy(
    problem: OverlapProblem,
    task: WeightedTrials,
    size: int,
    learning_rate: float,
    epochs: int,
    seed: int = 0,
    on_epoch: Callable[[], None] = lambda: None,
) -> Degeneracy:
    """Make the two networks, compare their outputs, train both, and lay the theory on top."""
    S = start(problem)
    changes = {name: S[i, i] + ADDED for name, (i, j) in problem.pairs.items() if i == j and name[0] in "zv"}
    other = S.copy()
    linear = problem.nonlinearity == "linear"
    if linear:
        other = with_invisible(problem, S, changes)
        networks = [sample_network(problem, S, size, seed), sample_network(problem, other, size, seed + 1)]
    else:
        for name in changes:
            row, column = problem.pairs[name]
            other[row, column] += ADDED
        X = sample_network(problem, S, size, seed)
        networks = [X, _silent_addition(problem, X, task, seed + 1)]
    outputs = [response(problem, X, task) for X in networks]
    trainings = [train(problem, X, task, learning_rate, epochs, on_epoch=on_epoch) for X in networks]
    theories = [_theory(problem, task, overlaps, learning_rate, epochs) for overlaps in (S, other)]
    return Degeneracy(
        problem,
        task,
        size,
        (outputs[0], outputs[1]),
        (trainings[0], trainings[1]),
        (theories[0], theories[1]),
        _checks(problem, size, outputs, trainings, theories),
    )


def _silent_addition(problem: OverlapProblem, X: Array, task: WeightedTrials, seed: int) -> Array:
    """X with Gaussian vectors of variance ADDED added to z and v, orthogonal to all of the task.

    Orthogonal to the activity phi(h) at every step of every trial, which keeps the outputs and the
    states, and to X, which keeps the other overlaps. Raises ValueError for N too small for that.
    """
    phi = PHI[problem.nonlinearity]
    with torch.no_grad():
        V, M, U = (torch.tensor(X[:, problem.blocks[letter]]) for letter in "vmu")
        h = torch.zeros(len(X), task.trials, dtype=torch.float64)
        activity = []
        for n in range(task.steps):
            h = h + task.dt * (-h + U @ (V.T @ phi(h)) / len(X) + M @ torch.tensor(task.inputs[:, n]).T)
            activity.append(phi(h).numpy())
    seen = np.hstack([X, *activity])
    left, values, _ = np.linalg.svd(seen, full_matrices=False)
    basis = left[:, values > 1e-14 * values[0]]
    if 2 * basis.shape[1] > len(X):
        raise ValueError(
            f"size {len(X)}: the task's activity spans {basis.shape[1]} dimensions; allowed are sizes >= "
            f"{2 * basis.shape[1]}"
        )
    columns = problem.outputs + problem.rank
    added = np.random.default_rng(seed).standard_normal((len(X), columns))
    added -= basis @ (basis.T @ added)
    orthogonal, _ = np.linalg.qr(added)
    result = X.copy()
    result[:, :columns] += np.sqrt(ADDED * len(X)) * orthogonal
    return result


def _theory(
    problem: OverlapProblem, task: WeightedTrials, S: Matrix, learning_rate: float, epochs: int
) -> OverlapCurve:
    if problem.nonlinearity == "linear":
        target = task.targets.transpose(1, 2, 0)
        return descent_curve(problem, DiscreteFilter(problem, task.dt, target), S, learning_rate, epochs)
    small = problem.size == 4
    neurons = (
        gauss_hermite_neurons(problem, S, NODES) if small else quasi_random_neurons(problem, S, POINTS, 0)
    )
    return neuron_curve(problem, task, neurons, learning_rate, epochs)


def _checks(
    problem: OverlapProblem,
    size: int,
    outputs: list[Array],
    trainings: list[Training],
    theories: list[OverlapCurve],
) -> list[Check]:
    linear = problem.nonlinearity == "linear"
    tolerance = 1e-10 if linear else DEVIATION / np.sqrt(size)
    reason = (
        "the exact descent map: only rounding separates it from the network"
        if linear
        else f"N = infinity against N = {size}: {DEVIATION:g} N^(-1/2)"
    )
    scale = trainings[0].loss[0]
    checks = [
        Check(
            "outputs before learning: largest difference of the two networks",
            float(np.abs(outputs[0] - outputs[1]).max()),
            0.0,
            1e-12,
            "the two networks have one function; rounding only",
        )
    ]
    for label, training, theory in zip(("first", "second"), trainings, theories, strict=True):
        checks.append(
            Check(
                f"{label} network: largest difference of its loss from theory, over the loss at first",
                float(np.abs(training.loss - theory.loss).max() / scale),
                0.0,
                tolerance,
                reason,
            )
        )
    between = float(np.abs(trainings[0].loss - trainings[1].loss).max() / scale)
    expected = float(np.abs(theories[0].loss - theories[1].loss).max() / scale)
    checks.append(
        Check(
            "learning curves: largest difference of the two networks, over the loss at first",
            between,
            expected,
            2 * tolerance,
            f"as theory says; twice the tolerance above, of which it is {between / tolerance:.3g} times",
        )
    )
    return checks
