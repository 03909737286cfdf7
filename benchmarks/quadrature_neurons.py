"""Quadrature neurons: accuracy, seconds and memory against their number, at ranks 1, 2 and 3.

The limit N = infinity of a filter task (erf, 50 steps of 0.1, 300 epochs of learning rate 0.02) with rising
numbers of nodes. The accuracy is the largest difference of an overlap, at any epoch, from another rule: one
node a dimension fewer at rank 1, another scramble above. Seconds of the processor are of one rule;
memory is the peak.

    OMP_NUM_THREADS=1 python benchmarks/quadrature_neurons.py [--epochs 300] [--ranks 1,2,3]
"""

from __future__ import annotations

import argparse
import time
import tracemalloc

import numpy as np

from derive.overlaps.discrete_filter import exponential_target
from derive.overlaps.neurons import (
    Neurons,
    gauss_hermite_neurons,
    loss_and_gradient,
    neuron_curve,
    quasi_random_neurons,
)
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.tasks import WeightedTrials, impulse_task
from verify.overlaps.settings import start

RATE, DT, STEPS = 0.02, 0.1, 50
RULES = {1: (4, 6, 8), 2: (8, 10, 12, 13, 15), 3: (10, 12)}


def rules(problem: OverlapProblem, number: int) -> tuple[Neurons, Neurons]:
    """A rule and the one it is compared with."""
    S = start(problem)
    if problem.size == 4:
        return gauss_hermite_neurons(problem, S, number), gauss_hermite_neurons(problem, S, number - 1)
    return quasi_random_neurons(problem, S, 2**number, 0), quasi_random_neurons(problem, S, 2**number, 1)


def peak(problem: OverlapProblem, task: WeightedTrials, neurons: Neurons) -> int:
    """Peak bytes of one gradient."""
    tracemalloc.start()
    loss_and_gradient(problem, task, neurons)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--ranks", default="1,2,3")
    options = parser.parse_args()
    print("rank   nodes   accuracy   seconds   ns a node, step and epoch   MB   bytes a node and step")
    for rank in map(int, options.ranks.split(",")):
        problem = OverlapProblem(rank, nonlinearity="erf")
        task = impulse_task(DT, exponential_target(problem, DT, STEPS, 0.3, amplitude=1.2))
        for number in RULES[rank]:
            rule, other = rules(problem, number)
            before = time.process_time()
            curve = neuron_curve(problem, task, rule, RATE, options.epochs)
            seconds = time.process_time() - before
            compared = neuron_curve(problem, task, other, RATE, options.epochs)
            accuracy = np.abs(curve.overlaps - compared.overlaps).max()
            nodes, memory = len(rule.X), peak(problem, task, rule)
            each = 1e9 * seconds / (nodes * STEPS * options.epochs)
            print(
                f"{rank:>4}  {nodes:>6}   {accuracy:.1e}   {seconds:>7.1f}   {each:>25.1f}   "
                f"{memory / 1e6:>4.0f}   {memory / (nodes * STEPS):>20.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
