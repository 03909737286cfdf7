"""Running a grid on dask.distributed: workers compute, this process alone writes.

By default a local cluster with one process a core and one thread a process, so that torch's and
BLAS's threads do not fight over the cores; or a running cluster by its address. A worker that dies
is replaced and its runs are done again; what has been written stays.
"""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from derive.command_line import UsageProblem
from verify.simulators import Options, SimulatedRun, sample_problem, simulate
from verify.sweeps.grid import Grid, RunKey
from verify.sweeps.store import Store

if TYPE_CHECKING:
    from distributed import Client

AHEAD = 4
"""Runs handed out for each worker: enough to keep it busy, few enough to keep memory small."""

CONNECT_SECONDS = 10
ATTEMPTS = 10
"""How many times a run may take its worker down before the sweep gives it up."""

RunReport = Callable[[int, int], None]
"""report(finished, all): how many of the runs that were missing are there now."""


def compute(key: RunKey, options: Options) -> SimulatedRun:
    """One run, on one thread. The seed alone fixes the network, whoever computes it and when.

    numpy's threads are limited by the environment that dask gives its worker processes.
    """
    if key.simulator != "reduced" or options.device != "cpu":  # the reduced simulator needs no torch
        import torch

        torch.set_num_threads(1)
    problem = sample_problem(key.size, key.g, key.seed, key.zhat, key.learning_rate, key.epochs, key.dtype)
    return simulate(key.simulator, problem, options)


def sweep(
    grid: Grid,
    store: Store,
    scheduler: str | None = None,
    workers: int | None = None,
    report: RunReport = lambda finished, count: None,
) -> list[tuple[RunKey, str]]:
    """Do the runs of ``grid`` that ``store`` lacks; each is written the moment it is finished.

    ``scheduler`` is the address of a running dask scheduler; otherwise ``workers`` processes are
    started here, one for each core by default. Returns the runs that could not be done, with the
    reason (a network without a fixed point). Raises UsageProblem where no scheduler answers or where
    the disk is full; all that is finished is kept.
    """
    missing = [key for key in dict.fromkeys(grid.keys) if key not in store]
    failures: list[tuple[RunKey, str]] = []
    if not missing:
        return failures
    with _client(scheduler, workers, len(missing)) as client:
        report(0, len(missing))
        for finished, (key, outcome) in enumerate(_results(client, missing, grid.options), 1):
            if isinstance(outcome, SimulatedRun):
                _write(store, key, outcome)
            else:
                failures.append((key, str(outcome) or type(outcome).__name__))
            report(finished, len(missing))
    return failures


def _results(
    client: Client, keys: list[RunKey], options: Options
) -> Iterator[tuple[RunKey, SimulatedRun | BaseException]]:
    """Each key with its run, or with what went wrong, as they finish."""
    from distributed import as_completed

    waiting = iter(keys)
    jobs: dict[Any, RunKey] = {}

    def submit() -> list[Any]:
        for key in waiting:
            job = client.submit(compute, key, options, key=f"{key}-{id(jobs)}", pure=False)
            jobs[job] = key
            return [job]
        return []

    width = max(1, sum(client.nthreads().values())) * AHEAD
    first = [job for _ in range(width) for job in submit()]
    done = as_completed(first, with_results=False)
    for job in done:
        key = jobs.pop(job)
        problem = job.exception()
        outcome = job.result() if problem is None else problem
        job.release()
        for following in submit():
            done.add(following)
        yield key, outcome


def _write(store: Store, key: RunKey, run: SimulatedRun) -> None:
    try:
        store.add(key, run)
    except OSError as problem:
        full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = "no space left on the disk" if full else problem.strerror or str(problem)
        raise UsageProblem(
            f"{store.path}: {reason}; every run written so far is kept, the same command goes on from there"
        ) from None


@contextmanager
def _client(scheduler: str | None, workers: int | None, most: int) -> Iterator[Client]:
    import dask
    from distributed import Client, LocalCluster

    quiet = {
        "distributed.scheduler.allowed-failures": ATTEMPTS,
        "distributed.admin.low-level-log-length": 0,
        "distributed.scheduler.dashboard.status.task-stream-length": 10,
    }
    _silence_logs()
    with dask.config.set(quiet):
        if scheduler is not None:
            try:
                client = Client(scheduler, timeout=CONNECT_SECONDS)
            except (OSError, ValueError, TimeoutError) as problem:
                reason = str(problem).splitlines()[0] if str(problem) else "no answer"
                raise UsageProblem(
                    f"--scheduler {scheduler}: {reason}; allowed is the address of a running dask scheduler, "
                    "like tcp://host:8786"
                ) from None
            with client:
                deadline = time.monotonic() + CONNECT_SECONDS
                while not client.nthreads() and time.monotonic() < deadline:
                    time.sleep(0.1)
                yield client
            return
        count = min(workers or len(os.sched_getaffinity(0)), most)
        # memory limits off: the size of a run is known, and a paused worker helps nobody
        with (
            LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                memory_limit=0,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client


def _silence_logs() -> None:
    for name in ("distributed", "tornado", "bokeh"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
