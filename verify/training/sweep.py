"""Grids of trained networks on dask.distributed: workers train groups, this process alone writes.

The cluster, the store and what is said where either fails are those of `verify.sweeps`. A worker that
sees the store's folder (on this machine, or on a common file system) saves its networks' states there
every hundred epochs, and whoever takes the group over goes on from them; without it a group whose worker
dies begins anew.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from derive.command_line import UsageProblem
from verify.device import NoRoom
from verify.sweeps.cluster import connected, cores
from verify.sweeps.engine import lost_line, reason_of, results
from verify.sweeps.store import Store
from verify.training.jobs import GROUP, Job, Report, jobs_for, keep, states_folder, train_job
from verify.training.layout import NetworkKey
from verify.training.run import TrainedNetwork
from verify.training.tasks.task import Task

if TYPE_CHECKING:
    from distributed import Client

AHEAD = 1
"""Groups handed out for each worker beyond what it trains: none, so that progress is spread evenly."""

TOLD_SECONDS = 1.0
"""How often a worker says how far it is."""


@dataclass(frozen=True)
class Cluster:
    """Where groups of networks are trained: at a scheduler's address, or by ``workers`` processes here."""

    scheduler: str | None = None
    workers: int | None = None
    group: int | None = None
    device: str = "cpu"

    @property
    def side_by_side(self) -> int:
        """Groups that are trained at a time as far as is known beforehand."""
        return self.workers or (1 if self.device != "cpu" else cores())


def sweep(
    wanted: Sequence[tuple[Task, NetworkKey]],
    store: Store,
    cluster: Cluster,
    report: Report = lambda finished, count: None,
    say: Callable[[str], None] = lambda line: None,
) -> list[tuple[NetworkKey, str]]:
    """Train the networks that ``store`` lacks; each is written the moment its group is finished.

    ``report(finished, all)`` counts network-epochs. Returns the networks that could not be trained, with the
    reason. Raises UsageProblem where no scheduler answers or is lost and where the disk is full; all that is
    finished is kept, and of the rest what was saved.
    """
    states = states_folder(store)
    group = cluster.group or GROUP[cluster.device]
    tasks = {task.name: task for task, _ in wanted}
    jobs = []
    for name in tasks:
        missing = [
            key for key in dict.fromkeys(k for _, k in wanted) if key.task == name and key not in store
        ]
        jobs += jobs_for(missing, cluster.side_by_side, group, states)
    failures: list[tuple[NetworkKey, str]] = []
    if not jobs:
        return failures
    lost = lost_line(cluster.scheduler, store.path)
    with (
        connected(cluster.scheduler, cluster.side_by_side, len(jobs)) as client,
        _progress(client, sum(job.work for job in jobs), report) as topic,
    ):
        work = partial(_on_worker, tasks=tasks, device=cluster.device, states=states, topic=topic)
        for job, outcome in results(client, jobs, work, say, lost, AHEAD):
            if isinstance(outcome, BaseException):
                failures += [(key, _reason(outcome)) for key in job.keys]
                continue
            for key, run in zip(job.keys, outcome, strict=True):
                keep(store, key, run)
    return failures


def _on_worker(
    job: Job, tasks: dict[str, Task], device: str, states: Path, topic: str
) -> list[TrainedNetwork]:
    from distributed import get_worker

    if device == "cpu":
        torch.set_num_threads(1)
    worker, done, told = get_worker(), 0, 0.0
    name = str(job.keys)

    def count(epochs: int) -> None:
        nonlocal done, told
        done += epochs
        if time.monotonic() - told >= TOLD_SECONDS or done == job.work:
            told = time.monotonic()
            worker.log_event(topic, (name, done))

    return train_job(job, tasks[job.keys[0].task], device, states, count)


@contextmanager
def _progress(client: Client, whole: int, report: Report) -> Iterator[str]:
    """Give a topic on which workers say how far they are; ``report`` gets the sum over groups."""
    topic, done = f"network-epochs-{uuid.uuid4().hex}", dict[str, int]()

    def heard(event: tuple[float, tuple[str, int]]) -> None:
        _, (job, epochs) = event
        done[job] = epochs  # a group that begins anew takes back what it had
        report(sum(done.values()), whole)

    report(0, whole)
    client.subscribe_topic(topic, heard)
    try:
        yield topic
    finally:
        with suppress(Exception):  # the scheduler may be gone
            client.unsubscribe_topic(topic)


def _reason(problem: BaseException) -> str:
    if isinstance(problem, UsageProblem) and not isinstance(problem, NoRoom):
        raise problem
    return reason_of(problem)
