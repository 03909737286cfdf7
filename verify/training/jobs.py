"""Training all (g, seed) of a grid, groups of networks at a time, one group a core or all on a GPU."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import torch

from verify.sweeps.cluster import cores
from verify.training.group import TrainingGroup
from verify.training.networks import Identity
from verify.training.run import TrainedNetwork
from verify.training.settings import Settings, settings_for
from verify.training.store import TrainedStore
from verify.training.tasks.task import Task

GROUP = {"cpu": 8, "cuda": 64}
"""Networks of a group: on a CPU few enough to stay near the cache, on a GPU enough to fill it."""

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Job:
    """A group's networks and how they are trained."""

    identities: tuple[Identity, ...]
    settings: Settings


def train(
    task: Task,
    size: int = 256,
    g: Iterable[float] = (0.0,),
    seeds: Iterable[int] = (0,),
    store: Path | None = None,
    device: str = "cpu",
    workers: int | None = None,
    group: int | None = None,
    report: Report = lambda finished, count: None,
    command: str = "",
    **settings: object,
) -> list[TrainedNetwork]:
    """Train a network for every (g, seed), in that order; one TrainedNetwork each.

    ``settings`` are those of `settings_for` (epochs, optimizer, rate, train, nonlinearity, clip,
    dtype). With ``store``, finished networks are kept there and not trained again, and interrupted
    ones go on from their last saved epoch. ``group`` networks are one computation, ``workers`` groups
    run side by side (default: one a core, on a GPU one). ``report(finished, all)`` counts
    network-epochs. Raises ValueError where the request makes no sense, torch.OutOfMemoryError where
    a group does not fit the device.
    """
    if size < task.least_size:
        raise ValueError(f"size {size}: {task.name} has that many vectors; allowed is N >= {task.least_size}")
    seeds = tuple(seeds)
    wanted = [(Identity(size, strength, seed), settings_for(task, size, strength, **settings))  # type: ignore[arg-type]
              for strength in g for seed in seeds]  # fmt: skip
    if any(identity.g < 0 for identity, _ in wanted):
        raise ValueError("g < 0; allowed is a strength g >= 0")
    if store is None:
        found: dict[tuple[Identity, Settings], TrainedNetwork] = {}
        _train_missing(task, wanted, found, None, device, workers, group, report)
    else:
        opened = TrainedStore(store, command)
        found = {key: run for key in wanted if (run := opened.get(task.name, *key)) is not None}
        _train_missing(task, wanted, found, opened, device, workers, group, report)
    return [found[key] for key in wanted]


def _train_missing(
    task: Task,
    wanted: Sequence[tuple[Identity, Settings]],
    found: dict[tuple[Identity, Settings], TrainedNetwork],
    store: TrainedStore | None,
    device: str,
    workers: int | None,
    group: int | None,
    report: Report,
) -> None:
    missing = [key for key in dict.fromkeys(wanted) if key not in found]
    if not missing:
        return
    side_by_side = workers or (1 if device != "cpu" else cores())
    jobs = _jobs(missing, side_by_side, group or GROUP[device])
    whole = sum(len(job.identities) * job.settings.epochs for job in jobs)
    done, stop = 0, Event()

    def count(epochs: int) -> None:
        nonlocal done
        if stop.is_set():
            raise KeyboardInterrupt
        done += epochs
        report(done, whole)

    def one(job: Job) -> list[TrainedNetwork]:
        path = None if store is None else store.unfinished(task.name, _digest(job))
        trained = TrainingGroup(task, job.identities, job.settings, device, path)
        count(trained.epoch * len(job.identities))
        return trained.run(lambda: count(len(job.identities)))

    with _one_thread(device), ThreadPoolExecutor(min(side_by_side, len(jobs))) as pool:
        waiting = {pool.submit(one, job): job for job in jobs}
        try:
            for finished in as_completed(waiting):
                for run in finished.result():
                    if store is not None:
                        store.add(run)
                    found[run.identity, run.settings] = run
                if store is not None:
                    store.unfinished(task.name, _digest(waiting[finished])).unlink(missing_ok=True)
        except BaseException:  # the other groups end at their next epoch
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def _jobs(missing: Sequence[tuple[Identity, Settings]], workers: int, group: int) -> list[Job]:
    """Groups of one rate, at most ``group`` large, as many as there are workers where possible."""
    jobs = []
    for settings in dict.fromkeys(settings for _, settings in missing):
        identities = [identity for identity, its in missing if its == settings]
        share = min(group, -(-len(identities) // workers))
        jobs += [Job(tuple(identities[k : k + share]), settings) for k in range(0, len(identities), share)]
    return jobs


def _digest(job: Job) -> str:
    return hashlib.sha256(repr(job).encode()).hexdigest()[:16]


@contextmanager
def _one_thread(device: str) -> Iterator[None]:
    """Groups run side by side: threads within one would fight over the same cores."""
    before = torch.get_num_threads()
    if device == "cpu":
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
