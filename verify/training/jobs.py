"""Training all (g, seed) of a grid, groups of networks at a time, one group a core or all on a GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock

import torch

from verify.device import no_room
from verify.sweeps.cluster import cores
from verify.sweeps.engine import write
from verify.sweeps.store import Store
from verify.training.group import TrainingGroup, network_bytes, saved_epoch, state_path
from verify.training.layout import STATES, NetworkKey
from verify.training.networks import Identity
from verify.training.run import TrainedNetwork
from verify.training.settings import Settings, settings_for
from verify.training.store import networks_store, read_run
from verify.training.tasks.task import Task

GROUP = {"cpu": 8, "cuda": 64}
"""Networks of a group: on a CPU few enough to stay near the cache, on a GPU enough to fill it."""

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Job:
    """Networks of one task, size and way of training that are trained as one computation."""

    keys: tuple[NetworkKey, ...]

    @property
    def settings(self) -> Settings:
        return self.keys[0].settings

    @property
    def work(self) -> int:
        """Network-epochs from the first epoch on."""
        return len(self.keys) * self.settings.epochs


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
    network-epochs. Raises ValueError where the request makes no sense, UsageProblem where the store
    cannot be written to and where a group does not fit the device.
    """
    wanted = keys_for(task, size, g, seeds, **settings)
    if store is None:
        trained: dict[NetworkKey, TrainedNetwork] = {}
        _train_missing(task, wanted, trained, None, device, workers, group, report)
    else:
        with networks_store(store, command) as opened:
            trained = {key: read_run(opened, key) for key in wanted if key in opened}
            _train_missing(task, wanted, trained, opened, device, workers, group, report)
    return [trained[key] for key in wanted]


def keys_for(
    task: Task, size: int, g: Iterable[float], seeds: Iterable[int], **settings: object
) -> list[NetworkKey]:
    """A key for every (g, seed). Raises ValueError where the request makes no sense."""
    if size < task.least_size:
        raise ValueError(f"size {size}: {task.name} has that many vectors; allowed is N >= {task.least_size}")
    seeds, strengths = tuple(seeds), tuple(g)
    if any(strength < 0 for strength in strengths):
        raise ValueError("g < 0; allowed is a strength g >= 0")
    return [
        NetworkKey(task.name, Identity(size, strength, seed), settings_for(task, size, strength, **settings))  # type: ignore[arg-type]
        for strength in strengths
        for seed in seeds
    ]


def _train_missing(
    task: Task,
    wanted: Sequence[NetworkKey],
    trained: dict[NetworkKey, TrainedNetwork],
    store: Store | None,
    device: str,
    workers: int | None,
    group: int | None,
    report: Report,
) -> None:
    missing = [key for key in dict.fromkeys(wanted) if key not in trained]
    if not missing:
        return
    side_by_side = workers or (1 if device != "cpu" else cores())
    states = None if store is None else states_folder(store)
    jobs = jobs_for(missing, side_by_side, group or GROUP[device], states)
    whole = sum(job.work for job in jobs)
    done, counting, stop = 0, Lock(), Event()

    def count(epochs: int) -> None:
        nonlocal done
        if stop.is_set():
            raise KeyboardInterrupt
        with counting:  # groups are trained in threads
            done += epochs
            report(done, whole)

    def one(job: Job) -> list[TrainedNetwork]:
        return train_job(job, task, device, states, count)

    with _one_thread(device), ThreadPoolExecutor(min(side_by_side, len(jobs))) as pool:
        waiting = {pool.submit(one, job): job for job in jobs}
        try:
            for finished in as_completed(waiting):
                for key, run in zip(waiting[finished].keys, finished.result(), strict=True):
                    trained[key] = run
                    if store is not None:
                        keep(store, key, run)
        except BaseException:  # the other groups end at their next epoch
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def train_job(
    job: Job, task: Task, device: str, states: Path | None, on_epochs: Callable[[int], None]
) -> list[TrainedNetwork]:
    """Train one group; ``on_epochs`` is told how many more network-epochs are done, saved ones first.

    ``states`` is used where it is a folder that this process sees, as the workers of a cluster with a common
    file system do. Raises NoRoom where the device has no memory for the group.
    """
    seen = states if states is not None and states.is_dir() else None
    count = len(job.keys)

    def run() -> list[TrainedNetwork]:
        trained = TrainingGroup(task, [key.identity for key in job.keys], job.settings, device, seen)
        on_epochs(trained.epoch * count)
        return trained.run(lambda: on_epochs(count))

    with suppress(torch.OutOfMemoryError):  # beyond it nothing holds the group's memory
        return run()
    size = job.keys[0].identity.size
    asked = f"{count} networks of N = {size} as one computation"
    raise no_room(device, asked, network_bytes(task, size, job.settings), "--group")


def jobs_for(missing: Sequence[NetworkKey], workers: int, group: int, states: Path | None) -> list[Job]:
    """Groups of one way of training and one saved epoch, at most ``group`` large, as many as workers."""
    alike: dict[tuple[Settings, int, int], list[NetworkKey]] = {}
    for key in missing:
        path = None if states is None else state_path(states, key.task, key.identity, key.settings)
        begun = 0 if path is None else saved_epoch(path)
        alike.setdefault((key.settings, key.identity.size, begun), []).append(key)
    jobs = []
    for keys in alike.values():
        share = min(group, -(-len(keys) // workers))
        jobs += [Job(tuple(keys[k : k + share])) for k in range(0, len(keys), share)]
    return jobs


def keep(store: Store, key: NetworkKey, run: TrainedNetwork) -> None:
    """Write a finished network; its saved state is no longer needed. Raises UsageProblem."""
    write(store, key, run)
    state_path(states_folder(store), key.task, key.identity, key.settings).unlink(missing_ok=True)


def states_folder(store: Store) -> Path:
    """Where networks in training keep their last saved epoch."""
    folder = store.path.resolve() / STATES
    folder.mkdir(exist_ok=True)
    return folder


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
