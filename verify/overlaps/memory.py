"""What a network remembers of the tasks between: sequences A-B-A and longer (THEORY 6).

A linear network learns filter tasks one after the other. Back at A its function has returned (zm,
vu and the product zu vm at rank 1) and with it the loss; the loss-invisible overlaps have not. The
trace they keep is the difference of an overlap between the end of the sequence and the first time
A was learned. Part of it is in the gradient flow itself; descent adds a drift of the order of its
learning rate, in the same overlaps, which is not a memory of anything but the steps taken:

    trace(lr) = trace(flow) + O(lr).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.overlaps.descent import descent_curve, flow_curve
from derive.overlaps.discrete_filter import DiscreteFilter
from derive.overlaps.loss import Loss
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.tasks import Task
from derive.overlaps.visibility import visible_overlaps
from verify.checks import Check
from verify.overlaps.low_rank import train
from verify.overlaps.settings import make_task, start

Array = NDArray[np.float64]

DECAYS = {"A": 0.3, "B": 0.6, "C": 0.45, "D": 0.15}
# a task counts as learned when the loss has fallen below this
LEARNED = 1e-8
# a reader sees overlaps to this accuracy, so that it cannot read what is left of an unfinished task
FLOOR = 1e-8


@dataclass(frozen=True, eq=False)
class Phases:
    """A sequence learned in one way: S at the start and after every task, and the loss there."""

    way: str
    overlaps: Array
    losses: Array


@dataclass(frozen=True, eq=False)
class Decoding:
    """How often the history is read right from what is left of it at the end, by what is read."""

    way: str
    accuracy: dict[str, float]
    chance: float
    networks: int


@dataclass(frozen=True, eq=False)
class Memory:
    """The sequence, S after every task in every way of learning it, the decoding and the checks."""

    problem: OverlapProblem
    sequence: str
    phases: list[Phases]
    decoding: list[Decoding]
    checks: list[Check]

    def trace(self, phases: Phases) -> dict[str, float]:
        """The change of every overlap from the end of the first task to the end of the sequence."""
        change = phases.overlaps[-1] - phases.overlaps[1]
        return self.problem.named(change)


def memory(
    problem: OverlapProblem,
    sequence: str,
    size: int,
    learning_rate: float,
    duration: float,
    network_epochs: int,
    noise: float,
    networks: int,
    on_phase: Callable[[], None] = lambda: None,
) -> Memory:
    """Learn the sequence by flow, by exact descent at three rates, and with real networks.

    ``duration`` is the learning time tau of a task in flow and descent. Networks of N = ``size``
    learn by descent with and without noise on the gradient, and by Adam, for ``network_epochs``
    epochs a task.
    """
    S = start(problem)
    tasks = {name: make_task("filter", problem, DECAYS[name]) for name in set(sequence)}
    phases = [_flow(problem, S, sequence, tasks, duration)]
    on_phase()
    for rate in (learning_rate, learning_rate / 2, learning_rate / 4):
        phases.append(_descent(problem, S, sequence, tasks, rate, duration))
        on_phase()
    X = sample_network(problem, S, size, 0)
    ways = (("descent", learning_rate, 0.0), ("descent", learning_rate, noise), ("adam", 0.01, 0.0))
    for optimiser, rate, level in ways:
        label = f"network, {optimiser}" + (f", noise {level:g}" if level else "")
        phases.append(_networks(label, problem, X, sequence, tasks, rate, network_epochs, optimiser, level))
        on_phase()
    decoding = decode(problem, learning_rate, duration, networks)
    on_phase()
    result = Memory(problem, sequence, phases, decoding, [])
    return Memory(problem, sequence, phases, decoding, _checks(result))


def _loss(problem: OverlapProblem, task: Task) -> Loss:
    return DiscreteFilter(problem, task.dt, task.targets.transpose(1, 2, 0))


def _flow(
    problem: OverlapProblem,
    S: Matrix,
    sequence: str,
    tasks: dict[str, Task],
    duration: float,
    tolerance: float = 1e-12,
) -> Phases:
    overlaps, losses = [S], [_loss(problem, tasks[sequence[0]])(S)[0]]
    for name in sequence:
        curve = flow_curve(problem, _loss(problem, tasks[name]), overlaps[-1], [0, duration], tolerance)
        overlaps.append(curve.overlaps[-1])
        losses.append(curve.loss[-1])
    return Phases("flow", np.array(overlaps), np.array(losses))


def _descent(
    problem: OverlapProblem, S: Matrix, sequence: str, tasks: dict[str, Task], rate: float, duration: float
) -> Phases:
    epochs = round(duration / rate)
    overlaps, losses = [S], [_loss(problem, tasks[sequence[0]])(S)[0]]
    for name in sequence:
        curve = descent_curve(problem, _loss(problem, tasks[name]), overlaps[-1], rate, epochs, every=epochs)
        overlaps.append(curve.overlaps[-1])
        losses.append(curve.loss[-1])
    return Phases(f"descent, lr {rate:g}", np.array(overlaps), np.array(losses))


def _networks(
    label: str,
    problem: OverlapProblem,
    X: Array,
    sequence: str,
    tasks: dict[str, Task],
    rate: float,
    epochs: int,
    optimiser: str,
    noise: float,
) -> Phases:
    overlaps, losses = [X.T @ X / len(X)], []
    for number, name in enumerate(sequence):
        training = train(problem, X, tasks[name], rate, epochs, optimiser, noise, seed=number)
        X = training.X
        if not losses:
            losses.append(training.loss[0])
        overlaps.append(training.overlaps[-1])
        losses.append(training.loss[-1])
    return Phases(label, np.array(overlaps), np.array(losses))


def decode(problem: OverlapProblem, learning_rate: float, duration: float, networks: int) -> list[Decoding]:
    """Read the task in the middle of A-x-A, x in A, B, C, D, from the final overlaps alone.

    ``networks`` networks start from different overlaps; each learns all four histories, by flow and
    by descent. A linear reader (ridge regression on the overlaps and their products) is fitted on
    all networks but one and tested on that one; ``chance`` is 1/4.
    """
    tasks = {name: make_task("filter", problem, decay) for name, decay in DECAYS.items()}
    random = np.random.default_rng(0)
    starts = []
    for _ in range(networks):
        root = np.linalg.cholesky(start(problem)) + 0.1 * random.standard_normal((problem.size, problem.size))
        starts.append(root @ root.T)
    return [
        _decoding("flow", problem, starts, lambda S, name: _flow(problem, S, name, tasks, duration, 1e-10)),
        _decoding(
            f"descent, lr {learning_rate:g}",
            problem,
            starts,
            lambda S, name: _descent(problem, S, name, tasks, learning_rate, duration),
        ),
    ]


def _decoding(
    way: str, problem: OverlapProblem, starts: list[Matrix], learn: Callable[[Matrix, str], Phases]
) -> Decoding:
    ends = []
    for S in starts:
        learned = learn(S, "A").overlaps[-1]  # all histories begin with A
        ends.append([learn(learned, f"{name}A").overlaps[-1] for name in DECAYS])
    visible = visible_overlaps(problem)
    invisible = [problem.pairs[name] for name in problem.names if name not in visible]
    shown = [problem.pairs[name] for name in visible]
    kinds: dict[str, Callable[[Matrix], Array]] = {
        "loss-invisible overlaps": lambda S: np.array([S[pair] for pair in invisible]),
        "loss-visible overlaps": lambda S: np.array([S[pair] for pair in shown]),
        "the function": lambda S: _function(problem, S).ravel(),
    }
    accuracy = {
        kind: _left_one_out(np.array([[read(S) for S in network] for network in ends]))
        for kind, read in kinds.items()
    }
    return Decoding(way, accuracy, 1 / len(DECAYS), len(starts))


def _left_one_out(features: Array) -> float:
    """Fraction read right; features of shape (networks, histories, overlaps)."""
    networks, histories, count = features.shape
    first, second = np.triu_indices(count)
    flat = features.reshape(-1, count)
    flat = np.hstack([flat, flat[:, first] * flat[:, second]]).reshape(networks, histories, -1)
    wanted = np.tile(np.eye(histories), (networks - 1, 1))
    right = 0
    for left in range(networks):
        train_set = np.delete(flat, left, axis=0).reshape(-1, flat.shape[-1])
        mean, scale = train_set.mean(axis=0), train_set.std(axis=0) + FLOOR
        known, asked = (train_set - mean) / scale, (flat[left] - mean) / scale
        gram = known @ known.T + 1e-9 * len(known) * np.eye(len(known))
        scores = asked @ known.T @ np.linalg.solve(gram, wanted - wanted.mean(axis=0))
        right += int(np.sum(scores.argmax(axis=1) == np.arange(histories)))
    return right / (networks * histories)


def _function(problem: OverlapProblem, S: Matrix) -> Array:
    """Markov parameters Z M, Z U V M, Z U (V U) V M, ...: the function of a linear network."""
    Z, V, M, U = (problem.blocks[letter] for letter in "zvmu")
    values, power = [S[Z, M]], np.eye(problem.rank)
    for _ in range(2 * problem.rank):
        values.append(S[Z, U] @ power @ S[V, M])
        power = power @ S[V, U]
    return np.array(values)


def _checks(result: Memory) -> list[Check]:
    problem, flow, descents = result.problem, result.phases[0], result.phases[1:4]
    checks = []
    for phases in (flow, *descents):
        change = _function(problem, phases.overlaps[-1]) - _function(problem, phases.overlaps[1])
        checks.append(
            Check(
                f"{phases.way}: change of the function between the first and the last A",
                float(np.abs(change).max()),
                0.0,
                # a quadratic minimum: loss below LEARNED leaves sqrt(LEARNED) in the function
                10 * np.sqrt(LEARNED),
                f"both times A is learned to a loss below {LEARNED:g}; ten times its root",
            )
        )
    drifts = [phases.overlaps[-1] - phases.overlaps[1] - (flow.overlaps[-1] - flow.overlaps[1]) for phases in descents]
    rates = np.log([float(p.way.split()[-1]) for p in descents])
    sizes = np.log([np.abs(d).max() for d in drifts])
    checks.append(
        Check(
            "slope in the learning rate of descent's trace beyond the flow's",
            float(np.polyfit(rates, sizes, 1)[0]),
            1.0,
            0.3,
            "the drift is of the order of the learning rate; three rates within a factor four",
        )
    )
    return checks
