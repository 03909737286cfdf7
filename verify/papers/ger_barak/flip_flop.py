"""The published flip-flop (Figs. 4, 8): networks, exact limit, closure, direct descent, with erf."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np

from derive.arrays import Array
from derive.overlaps.batches.published import flip_flop_batch
from derive.overlaps.batches.rank_one_closure import RankOneClosure
from derive.overlaps.batches.source import BatchSource
from derive.overlaps.neurons import Neurons, loss_and_gradient
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.tasks import WeightedTrials
from derive.overlaps.visible_descent import visible_descent
from verify.overlaps.gaussianity import closure_gap
from verify.papers.ger_barak.protocol import FigureSetting

PROBLEM = OverlapProblem(nonlinearity="erf")
DURATION, DT, TRIALS, RATE, EPOCHS, SIZE = 20.0, 0.025, 10, 5e-2, 2000, 600
NODES = 6
WATCHED = 20  # epochs between two looks at how Gaussian the neurons are


@dataclass(frozen=True, eq=False)
class FlipFlopRun:
    """Losses of the epochs' batches, S before every epoch and at the end, neurons at the end; the closure's
    error in the readings at the watched epochs."""

    loss: Array
    overlaps: Array
    neurons: Neurons | None
    gap: Array


def batches(setting: FigureSetting) -> BatchSource:
    """A new batch at every epoch, the same for everything that learns; quick: steps of 0.1."""
    dt = DT if not setting.quick else 0.1
    return BatchSource(lambda random: flip_flop_batch(random, TRIALS, dt, round(DURATION / dt)), seed=1)


def learn_neurons(
    neurons: Neurons,
    source: BatchSource,
    rate: float,
    epochs: int,
    step: Callable[[], None],
    adam: bool = False,
) -> FlipFlopRun:
    """Descent at ``rate`` of the overlaps, or Adam at ``rate`` a weight, from the same gradient."""
    losses, overlaps, gap = [], [neurons.overlaps], []
    first, second = np.zeros_like(neurons.X), np.zeros_like(neurons.X)
    probe = source.batch(10**6)
    for epoch, task in enumerate(islice(source.tasks(), epochs)):
        if epoch % WATCHED == 0:
            gap.append(closure_gap(PROBLEM, probe, neurons))
        loss, gradient = loss_and_gradient(PROBLEM, task, neurons)
        if adam:  # Adam's own step from the gradient of a weight, 1/N of this one
            of_weight = gradient / len(neurons.X)
            first = 0.9 * first + 0.1 * of_weight
            second = 0.999 * second + 0.001 * of_weight**2
            scaled = np.sqrt(second / (1 - 0.999 ** (epoch + 1))) + 1e-8
            change = rate * first / (1 - 0.9 ** (epoch + 1)) / scaled
        else:
            change = rate * gradient
        neurons = Neurons(neurons.X - change, neurons.weights)
        losses.append(loss)
        overlaps.append(neurons.overlaps)
        step()
    gap.append(closure_gap(PROBLEM, probe, neurons))
    return FlipFlopRun(np.array(losses), np.array(overlaps), neurons, np.array(gap))


def learn_closure(
    S: Matrix, source: BatchSource, rate: float, epochs: int, direct: bool = False
) -> FlipFlopRun:
    """The closure under its preconditioner, or direct descent on its seven visible overlaps."""
    closure = RankOneClosure(PROBLEM)

    def loss_of(task: WeightedTrials) -> Callable[[Matrix], tuple[float, Matrix]]:
        def loss(overlaps: Matrix) -> tuple[float, Matrix]:
            value, derivatives = closure(overlaps[None], task)
            return float(value[0]), derivatives[0]

        return loss

    tasks = (loss_of(task) for task in source.tasks())
    if direct:
        states = list(islice(visible_descent(PROBLEM, tasks, S, rate), epochs + 1))
        return FlipFlopRun(
            np.array([value for value, _ in states[:-1]]), np.array([S for _, S in states]), None, np.zeros(0)
        )
    from derive.overlaps.descent import curve_of, descend_batches

    curve = curve_of(PROBLEM, descend_batches(PROBLEM, tasks, S, rate), epochs)
    return FlipFlopRun(curve.loss[:-1], curve.overlaps, None, np.zeros(0))


def smooth(loss: Array, width: int = 20) -> Array:
    """Losses of fresh batches scatter: their running mean, shape as given where long enough."""
    width = min(width, len(loss))
    return np.asarray(np.convolve(loss, np.full(width, 1 / width), mode="valid"))
