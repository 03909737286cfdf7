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
import torch

from derive.arrays import Array
from derive.overlaps.descent import descent_curve, flow_curve
from derive.overlaps.discrete_filter import DiscreteFilter
from derive.overlaps.loss import Loss, update_matrix
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.tasks import WeightedTrials
from verify.checks.check import Check
from verify.overlaps.decoding import Decoding, decode
from verify.overlaps.settings import make_task, start

DECAYS = {"A": 0.3, "B": 0.6, "C": 0.45, "D": 0.25}
# a task counts as learned when the loss has fallen below this
LEARNED = 1e-8
ADAM_RATE = 1e-3
READING_ERRORS = (1e-5, 1e-4, 1e-3)  # of an overlap


@dataclass(frozen=True, eq=False)
class Phases:
    """A sequence learned in one way: S at the start and after every task, and the loss there."""

    way: str
    overlaps: Array
    losses: Array


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
    noise: float,
    on_phase: Callable[[], None] = lambda: None,
) -> Memory:
    """Learn the sequence by flow, by exact descent at three rates, and with real networks.

    ``duration`` is the learning time tau of a task. Networks of N = ``size`` learn by descent with
    and without noise on the gradient (relative to its root mean square), and by Adam, for as many
    epochs. Raises ValueError and `LossNotFinite` as those do.
    """
    S = start(problem)
    tasks = {name: make_task("filter", problem, DECAYS[name]) for name in set(sequence)}
    phases = [_flow(problem, S, sequence, tasks, duration)]
    on_phase()
    for rate in (learning_rate, learning_rate / 2, learning_rate / 4):
        phases.append(_descent(problem, S, sequence, tasks, rate, duration))
        on_phase()
    X, epochs = sample_network(problem, S, size, 0), round(duration / learning_rate)
    for optimiser, level in (("descent", 0.0), ("descent", noise), ("adam", 0.0)):
        label = f"network, {optimiser}" + (f", noise {level:g}" if level else "")
        rate = ADAM_RATE if optimiser == "adam" else learning_rate
        phases.append(_networks(label, problem, X, sequence, tasks, rate, epochs, optimiser, level))
        on_phase()
    decoding = _decodings(problem, learning_rate, duration)
    on_phase()
    result = Memory(problem, sequence, phases, decoding, [])
    return Memory(problem, sequence, phases, decoding, _checks(result))


def _loss(problem: OverlapProblem, task: WeightedTrials) -> Loss:
    return DiscreteFilter(problem, task.dt, task.targets.transpose(1, 2, 0))


def _flow(
    problem: OverlapProblem,
    S: Matrix,
    sequence: str,
    tasks: dict[str, WeightedTrials],
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
    problem: OverlapProblem,
    S: Matrix,
    sequence: str,
    tasks: dict[str, WeightedTrials],
    rate: float,
    duration: float,
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
    tasks: dict[str, WeightedTrials],
    rate: float,
    epochs: int,
    optimiser: str,
    noise: float,
) -> Phases:
    """A network of N neurons; its gradient is X F/N (autograd's, to rounding: `verify degeneracy`)."""
    parameter = torch.tensor(X, requires_grad=True)
    generator = torch.Generator().manual_seed(0)
    overlaps, losses = [X.T @ X / len(X)], [_loss(problem, tasks[sequence[0]])(X.T @ X / len(X))[0]]
    for name in sequence:
        loss = _loss(problem, tasks[name])
        stepper: torch.optim.Optimizer = (
            torch.optim.Adam([parameter], lr=rate)
            if optimiser == "adam"
            else torch.optim.SGD([parameter], lr=rate * len(X))
        )
        for _ in range(epochs):
            S = (parameter.T @ parameter / len(X)).detach().numpy()
            F = torch.tensor(update_matrix(problem, loss(S)[1]))
            gradient = parameter.detach() @ F / len(X)
            if noise:
                size = gradient.square().mean().sqrt()
                gradient += (
                    noise * size * torch.randn(gradient.shape, generator=generator, dtype=torch.float64)
                )
            parameter.grad = gradient
            stepper.step()
        overlaps.append((parameter.T @ parameter / len(X)).detach().numpy())
        losses.append(loss(overlaps[-1])[0])
    return Phases(label, np.array(overlaps), np.array(losses))


def _decodings(problem: OverlapProblem, learning_rate: float, duration: float) -> list[Decoding]:
    """The task in the middle of A-x-A, x in A, B, C, D, from the end of flow and of descent."""
    tasks = {name: make_task("filter", problem, decay) for name, decay in DECAYS.items()}
    S, histories = start(problem), [f"A{name}A" for name in DECAYS]
    flows = [_flow(problem, S, history, tasks, duration) for history in histories]
    descents = [_descent(problem, S, history, tasks, learning_rate, duration) for history in histories]
    decodings = []
    for ends in (flows, descents):
        overlaps = [phases.overlaps[-1] for phases in ends]
        functions = [_function(problem, last).ravel() for last in overlaps]
        largest = max(float(phases.losses[1:].max()) for phases in ends)
        decodings += decode(problem, ends[0].way, overlaps, functions, READING_ERRORS, largest)
    return decodings


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
    learned = max(float(phases.losses[1:].max()) for phases in (flow, *descents))
    learned = max(learned, *(decoding.largest_loss for decoding in result.decoding))
    checks.append(
        Check(
            "largest loss at the end of a task, flow and descent",
            learned,
            0.0,
            LEARNED,
            "every task is learned",
        )
    )
    network = result.phases[4]
    checks.append(
        Check(
            "the network under plain descent: largest difference of S from the exact map",
            float(np.abs(network.overlaps - descents[0].overlaps).max()),
            0.0,
            1e-9,
            "rounding, over all epochs of all tasks",
        )
    )
    drifts = [
        phases.overlaps[-1] - phases.overlaps[1] - (flow.overlaps[-1] - flow.overlaps[1])
        for phases in descents
    ]
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
