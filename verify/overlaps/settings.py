"""The networks and tasks of the demonstrations, in one place."""

from __future__ import annotations

import numpy as np

from derive.overlaps.discrete_filter import exponential_target
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.tasks import WeightedTrials, decision, flip_flop, impulse_task

TASKS = ("filter", "flip-flop", "decision")
DT, STEPS, AMPLITUDE = 0.1, 100, 1.2


def start(problem: OverlapProblem) -> Matrix:
    """Unit norms; small overlaps of every output and V with every input and U; z.z and u.u apart.

    The slight differences between them keep the network free of accidental symmetries.
    """
    S = np.eye(problem.size)
    rows = range(problem.outputs + problem.rank)
    columns = range(problem.outputs + problem.rank, problem.size)
    for i in rows:
        for j in columns:
            S[i, j] = S[j, i] = (0.2 + 0.02 * i - 0.01 * j) / problem.rank
    S[problem.blocks["z"], problem.blocks["z"]] *= 1.2
    S[problem.blocks["u"], problem.blocks["u"]] *= 0.9
    return problem.check(S)


def make_task(
    name: str, problem: OverlapProblem, decay: float = 0.3, amplitude: float | None = None
) -> WeightedTrials:
    """The filter task exp(-decay t), a flip-flop of one bit a channel, or a decision.

    ``amplitude`` scales the target: 1.2 for the filter, 0.5 for the others unless given.
    """
    if name == "filter":
        steps = STEPS if problem.nonlinearity == "linear" else STEPS // 2
        return impulse_task(
            DT, exponential_target(problem, DT, steps, decay, amplitude=amplitude or AMPLITUDE)
        )
    if name == "flip-flop":
        return flip_flop(problem.inputs, 6, DT * 2, 60, seed=1, amplitude=amplitude or 0.5)
    return decision(16, DT * 2, 40, seed=1, amplitude=amplitude or 0.5)
