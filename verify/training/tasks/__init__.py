"""The tasks, one a file; `TASKS` is the registry that commands read."""

from __future__ import annotations

from verify.training.tasks.cosine import COSINE
from verify.training.tasks.flip_flop import FLIP_FLOP, FLIP_FLOP_BITS
from verify.training.tasks.mante import MANTE
from verify.training.tasks.romo import ROMO
from verify.training.tasks.task import Task, Trials

__all__ = ["TASKS", "Task", "Trials"]

TASKS: dict[str, Task] = {task.name: task for task in (FLIP_FLOP, FLIP_FLOP_BITS, MANTE, ROMO, COSINE)}
