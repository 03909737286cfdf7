"""Nonlinear networks trained on tasks, as Schuessler et al. 2020, sections 2 and 4, ran them.

tasks/      one object a task: what its trials are
networks, dynamics, optimizers, update, group, train, store
            many networks as one computation, resumable
measures, report
            convergence, singular values, truncation, functional rank, shuffled W0
"""

from __future__ import annotations

from verify.training.jobs import train
from verify.training.store import open_trained
from verify.training.tasks import TASKS, Task, Trials

__all__ = ["TASKS", "Task", "Trials", "open_trained", "train"]
