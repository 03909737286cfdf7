"""What a nonlinear network remembers, in the exact limit N = infinity (THEORY 6).

As `verify.overlaps.memory`, with quadrature neurons in place of overlaps: filter tasks of different
decay, flip-flops or decisions of different size, learned one after the other. These losses do not
reach zero, so that the function comes back only as far as the task has been learned; its change
between the first and the last A is reported beside the trace of the overlaps. The trace is taken at
three learning rates: its change with the rate is the drift of descent, and what it tends to as
lr -> 0 (Richardson's extrapolation) is the trace of the flow. A network that went on learning A all
the time moves too: this control is what the trace has to be held against. Real networks of one size
learn by descent with and without noise on the gradient, and by Adam.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from derive.arrays import Array
from derive.overlaps.neurons import (
    Neurons,
    descend_neurons,
    gauss_hermite_neurons,
    loss_and_gradient,
    output,
    quasi_random_neurons,
)
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.tasks import WeightedTrials
from verify.checks.check import Check
from verify.overlaps.decoding import Decoding, decode
from verify.overlaps.memory import DECAYS, Gradient, Phases, network_phases
from verify.overlaps.settings import make_task, start

AMPLITUDES = {"A": 0.5, "B": 0.25, "C": 0.35, "D": 0.4}
NODES, POINTS = 5, 1024
# the epochs are few: at 1e-3 Adam does not learn the first task in them
ADAM_RATE = 1e-2
READING_ERRORS = (1e-3, 1e-2, 1e-1)  # of an overlap, or of one output
DECODING_PHASES = 1 + 2 * len(AMPLITUDES)


@dataclass(frozen=True, eq=False)
class NonlinearMemory:
    """The runs at three rates; ``control``, the first task all the time, at the middle one; real
    networks by descent, with gradient noise and by Adam; outputs on A, (trials, T, Q), after the first
    and the last A; ``decoding`` of A-x-A in the limit at the middle rate."""

    problem: OverlapProblem
    sequence: str
    task: WeightedTrials
    phases: list[Phases]
    control: Phases
    networks: list[Phases]
    outputs: list[tuple[Array, Array]]
    decoding: list[Decoding]
    checks: list[Check]

    def trace(self, phases: Phases) -> dict[str, float]:
        """The change of every overlap from the end of the first task to the end of the sequence."""
        return self.problem.named(phases.overlaps[-1] - phases.overlaps[1])

    @property
    def flow_trace(self) -> dict[str, float]:
        """The trace as lr -> 0, from the two smallest rates."""
        half, quarter = self.phases[-2:]
        change = [phases.overlaps[-1] - phases.overlaps[1] for phases in (half, quarter)]
        return self.problem.named(2 * change[1] - change[0])

    @property
    def function_change(self) -> float:
        """Root mean square change of the weighted outputs between the first and the last A."""
        first, last = self.outputs[-1]
        weights = self.task.weights
        return float(np.sqrt(np.sum(weights * (last - first) ** 2) / np.sum(weights)))


def nonlinear_memory(
    problem: OverlapProblem,
    task_name: str,
    sequence: str,
    learning_rate: float,
    duration: float,
    size: int,
    noise: float,
    on_phase: Callable[[], None] = lambda: None,
) -> NonlinearMemory:
    """Learn the sequence at three rates, learning time ``duration`` a task.

    Networks of N = ``size`` learn at the largest rate with and without noise on the gradient (relative
    to its root mean square), and by Adam, for as many epochs. Raises `LossNotFinite` where descent
    leaves the finite numbers, ValueError for a bad rate.
    """
    tasks = {
        name: make_task(task_name, problem, DECAYS[name])
        if task_name == "filter"
        else make_task(task_name, problem, amplitude=AMPLITUDES[name])
        for name in DECAYS
    }
    S = start(problem)
    first = (
        gauss_hermite_neurons(problem, S, NODES)
        if problem.size == 4
        else quasi_random_neurons(problem, S, POINTS, 0)
    )
    phases, outputs = [], []
    rates = (learning_rate, learning_rate / 2, learning_rate / 4)
    repeated = sequence[0] * len(sequence)
    for names, rate in (*((sequence, rate) for rate in rates), (repeated, rates[1])):
        neurons, overlaps, seen = first, [first.overlaps], []
        losses: list[float] = []
        for name in names:
            before, loss, neurons = _learned(problem, tasks[name], neurons, rate, round(duration / rate))
            losses += [loss] if losses else [before, loss]
            overlaps.append(neurons.overlaps)
            seen.append(output(problem, tasks[sequence[0]], neurons))
            on_phase()
        label = f"limit, lr {rate:g}" if names == sequence else f"{repeated}, lr {rate:g}"
        phases.append(Phases(label, np.array(overlaps), np.array(losses)))
        outputs.append((seen[0], seen[-1]))
    control = phases.pop()
    outputs.pop()

    def gradient(task: WeightedTrials) -> Gradient:
        return lambda X: loss_and_gradient(problem, task, Neurons.network(X.copy()))

    X, epochs = sample_network(problem, S, size, 0), round(duration / learning_rate)
    learned = [gradient(tasks[name]) for name in sequence]
    networks = network_phases(X, learned, (learning_rate, ADAM_RATE), epochs, noise, on_phase)
    decoding = _decodings(problem, tasks, first, rates[1], round(duration / rates[1]), on_phase)
    task = tasks[sequence[0]]
    result = NonlinearMemory(problem, sequence, task, phases, control, networks, outputs, decoding, [])
    return replace(result, checks=_checks(result))


def _decodings(
    problem: OverlapProblem,
    tasks: dict[str, WeightedTrials],
    first: Neurons,
    rate: float,
    epochs: int,
    on_phase: Callable[[], None],
) -> list[Decoding]:
    """The task in the middle of A-x-A; the function is what the network puts out on A, weighted."""
    task, ends, largest = tasks["A"], [], 0.0
    _, _, learned = _learned(problem, task, first, rate, epochs)
    on_phase()
    for middle in tasks.values():
        _, _, neurons = _learned(problem, middle, learned, rate, epochs)
        on_phase()
        _, loss, neurons = _learned(problem, task, neurons, rate, epochs)
        on_phase()
        ends.append(neurons)
        largest = max(largest, loss)
    seen = np.broadcast_to(task.weights > 0, task.targets.shape)
    functions = [output(problem, task, neurons)[seen] for neurons in ends]
    overlaps = [neurons.overlaps for neurons in ends]
    return decode(problem, f"limit, lr {rate:g}", overlaps, functions, READING_ERRORS, largest)


def _learned(
    problem: OverlapProblem, task: WeightedTrials, neurons: Neurons, rate: float, epochs: int
) -> tuple[float, float, Neurons]:
    """Loss before and after, and the neurons after ``epochs`` epochs."""
    before = None
    for epoch, (loss, current) in enumerate(descend_neurons(problem, task, neurons, rate)):
        before = loss if before is None else before
        if epoch == epochs:
            return before, loss, current
    raise AssertionError("descent is endless")


def _checks(result: NonlinearMemory) -> list[Check]:
    traces = [phases.overlaps[-1] - phases.overlaps[1] for phases in result.phases]
    steps = [np.abs(traces[0] - traces[1]).max(), np.abs(traces[1] - traces[2]).max()]
    return [
        Check(
            "slope in the learning rate of the drift in the trace",
            float(np.log2(steps[0] / steps[1])),
            1.0,
            0.3,
            "the drift is of the order of the learning rate; three rates within a factor four",
        ),
        Check(
            "loss after the last task over the loss after the first",
            float(result.phases[-1].losses[-1] / result.phases[-1].losses[1]),
            0.5,
            0.5,
            "A is known at least as well as the first time: between 0 and 1",
        ),
    ]
