"""What a network remembers of the tasks between: sequences A-B-A and longer (THEORY 6).

A linear network learns filter tasks one after the other. Back at A its function has returned (zm,
vu and the product zu vm at rank 1) and with it the loss; the loss-invisible overlaps have not. The
trace they keep is the difference of an overlap between the end of the sequence and the first time
A was learned. Part of it is in the gradient flow itself; descent adds a drift of the order of its
learning rate, in the same overlaps, which is not a memory of anything but the steps taken:

    trace(lr) = trace(flow) + O(lr).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from derive.arrays import Array
from derive.overlaps.descent import LossNotFinite, OverlapCurve, descent_curve, flow_curve
from derive.overlaps.discrete_filter import DiscreteFilter
from derive.overlaps.loss import Loss, update_matrix
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.sampling import sample_network
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


Gradient = Callable[[Array], tuple[float, Array]]
"""The loss of a task as a function of X, shape (N, P), and N times its gradient."""


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
    losses = {name: _loss(problem, decay) for name, decay in DECAYS.items()}
    learned = [losses[name] for name in sequence]
    phases = [_flow(problem, S, learned, duration)]
    on_phase()
    for rate in (learning_rate, learning_rate / 2, learning_rate / 4):
        phases.append(_descent(problem, S, learned, rate, duration))
        on_phase()

    def gradient(loss: Loss) -> Gradient:
        """X F/N of a network, autograd's to rounding (`verify degeneracy`), times N."""

        def of(X: Array) -> tuple[float, Array]:
            value, derivatives = loss(X.T @ X / len(X))
            return value, X @ update_matrix(problem, derivatives)

        return of

    X, epochs = sample_network(problem, S, size, 0), round(duration / learning_rate)
    phases += network_phases(
        X, list(map(gradient, learned)), (learning_rate, ADAM_RATE), epochs, noise, on_phase
    )
    decoding = _decodings(problem, losses, learning_rate, duration)
    on_phase()
    result = Memory(problem, sequence, phases, decoding, [])
    return Memory(problem, sequence, phases, decoding, _checks(result))


def _loss(problem: OverlapProblem, decay: float) -> Loss:
    task = make_task("filter", problem, decay)
    return DiscreteFilter(problem, task.dt, task.targets.transpose(1, 2, 0))


def _flow(problem: OverlapProblem, S: Matrix, losses: Sequence[Loss], duration: float) -> Phases:
    return _phases("flow", S, losses, lambda loss, S: flow_curve(problem, loss, S, [0, duration]))


def _descent(
    problem: OverlapProblem, S: Matrix, losses: Sequence[Loss], rate: float, duration: float
) -> Phases:
    epochs = round(duration / rate)

    def learn(loss: Loss, S: Matrix) -> OverlapCurve:
        return descent_curve(problem, loss, S, rate, epochs, every=epochs)

    return _phases(f"descent, lr {rate:g}", S, losses, learn)


def _phases(
    way: str, S: Matrix, losses: Sequence[Loss], learn: Callable[[Loss, Matrix], OverlapCurve]
) -> Phases:
    overlaps, values = [S], [losses[0](S)[0]]
    for loss in losses:
        curve = learn(loss, overlaps[-1])
        overlaps.append(curve.overlaps[-1])
        values.append(curve.loss[-1])
    return Phases(way, np.array(overlaps), np.array(values))


def network_phases(
    X: Array,
    tasks: Sequence[Gradient],
    rates: tuple[float, float],
    epochs: int,
    noise: float,
    on_task: Callable[[], None],
) -> list[Phases]:
    """A network from X by descent, by descent with ``noise`` on the gradient, and by Adam.

    ``rates`` are that of descent on the overlaps and Adam's. Raises `LossNotFinite` at the epoch of a task at
    which the loss is not.
    """
    found = []
    for optimiser, level in (("descent", 0.0), ("descent", noise), ("adam", 0.0)):
        parameter, generator = torch.tensor(X, requires_grad=True), torch.Generator().manual_seed(0)
        overlaps, losses = [X.T @ X / len(X)], [tasks[0](X)[0]]
        for task in tasks:
            stepper: torch.optim.Optimizer = (
                torch.optim.Adam([parameter], lr=rates[1])
                if optimiser == "adam"
                else torch.optim.SGD([parameter], lr=rates[0] * len(X))
            )
            for epoch in range(epochs):
                with np.errstate(all="ignore"):
                    loss, scaled = task(parameter.detach().numpy())
                if not np.isfinite(loss):
                    raise LossNotFinite(epoch)
                gradient = torch.tensor(scaled) / len(X)
                if level:
                    size = level * gradient.square().mean().sqrt()
                    gradient += size * torch.randn(gradient.shape, generator=generator, dtype=torch.float64)
                parameter.grad = gradient
                stepper.step()
            now = parameter.detach().numpy().copy()
            overlaps.append(now.T @ now / len(X))
            losses.append(task(now)[0])
            on_task()
        label = f"network, {optimiser}" + (f", noise {level:g}" if level else "")
        found.append(Phases(label, np.array(overlaps), np.array(losses)))
    return found


def _decodings(
    problem: OverlapProblem, losses: dict[str, Loss], learning_rate: float, duration: float
) -> list[Decoding]:
    """The task in the middle of A-x-A, x in A, B, C, D, from the end of flow and of descent."""
    S, histories = start(problem), [[losses["A"], middle, losses["A"]] for middle in losses.values()]
    flows = [_flow(problem, S, history, duration) for history in histories]
    descents = [_descent(problem, S, history, learning_rate, duration) for history in histories]
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
