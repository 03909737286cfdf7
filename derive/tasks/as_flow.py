"""The built-in tasks as flows in words: the fixed-point task with overlaps and what learns, and its modes.

Each is expanded by routes of its own (`derive.tasks.expansion`, `derive.tasks.modes`); as a flow it goes by
the same engine as any flow, and may be changed like one.
"""

from __future__ import annotations

from derive.flow.fixed_point_task import FixedPointTask
from derive.flow.statement.task import Ensemble, Flow
from derive.tasks.modes import MatrixTask


def as_flow(task: FixedPointTask | MatrixTask) -> Flow:
    """The task as a flow; of one at g = 0 its ensemble has g = 0. Raises TypeError for another task.

    The parameters are zhat and, where the overlap is a symbol, rho; a target matrix stands in numbers, with
    readouts z_i_j of outputs w1, w2, ... and inputs m1, m2, ...

    >>> as_flow(FixedPointTask(alignment="rho")).ensemble.overlaps
    {'w.m': 'rho'}
    """
    if isinstance(task, MatrixTask):
        return _modes(task)
    if not isinstance(task, FixedPointTask):
        raise TypeError(f"task {task!r}: allowed are FixedPointTask and MatrixTask")
    overlaps = {} if task.alignment == 0 else {"w.m": str(task.alignment)}
    parameters = {"zhat": "1"} | ({"rho": "1/2"} if task.alignment == "rho" else {})
    return Flow(
        Ensemble(["w", "m"], overlaps, "0" if task.g0 else None),
        readouts={"z": "w' R m"},
        loss="(zhat - z)**2/2",
        train=task.train,
        parameters=parameters,
        title="fixed-point task",
    )


def _modes(task: MatrixTask) -> Flow:
    """|Zhat - Z|^2/2 of all outputs and inputs."""
    rows = [(i, j, entry) for i, row in enumerate(task.exact, 1) for j, entry in enumerate(row, 1)]
    outputs, inputs = len(task.exact), len(task.exact[0])
    vectors = [*(f"w{i}" for i in range(1, outputs + 1)), *(f"m{j}" for j in range(1, inputs + 1))]
    return Flow(
        Ensemble(vectors, {}, "0" if task.g0 else None),
        readouts={f"z_{i}_{j}": f"w{i}' R m{j}" for i, j, _ in rows},
        loss=" + ".join(f"({entry} - z_{i}_{j})**2/2" for i, j, entry in rows),
        title="fixed-point task of several inputs and outputs",
    )
