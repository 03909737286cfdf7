"""Running a grid on dask.distributed: workers compute, this process alone writes.

By default a local cluster with one process a core and one thread a process, so that torch's and
BLAS's threads do not fight over the cores; or a running cluster by its address. A worker that dies
is replaced and its runs are done again; what has been written stays.
"""

from __future__ import annotations

import asyncio
import errno
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from derive.command_line import UsageProblem
from verify.simulators import SimulatedRun
from verify.sweeps.cluster import connected
from verify.sweeps.grid import Grid, RunKey
from verify.sweeps.groups import compute_group, grouped, separated
from verify.sweeps.store import Store

if TYPE_CHECKING:
    from distributed import Client

Key = TypeVar("Key")
Result = TypeVar("Result")

AHEAD = 4
"""Keys handed out for each worker: enough to keep it busy, few enough to keep memory small."""

LOOK_SECONDS = 1.0
"""How often it is looked how many workers there are."""

RunReport = Callable[[int, int], None]
"""report(finished, all): how many of the runs that were missing are there now."""


def compute(key: RunKey, device: str = "cpu") -> SimulatedRun:
    """One run, on one thread. The seed alone fixes the network, whoever computes it and when."""
    (run,) = compute_group((key,), device)
    if isinstance(run, ValueError):
        raise run
    return run


def sweep(
    grid: Grid,
    store: Store,
    scheduler: str | None = None,
    workers: int | None = None,
    report: RunReport = lambda finished, count: None,
    say: Callable[[str], None] = lambda line: None,
    batch: int | None = None,
) -> list[tuple[RunKey, str]]:
    """Do the runs of ``grid`` that ``store`` lacks; each is written the moment it is finished.

    ``scheduler`` is the address of a running dask scheduler; otherwise ``workers`` processes are
    started here, one for each core by default; a process gets ``batch`` runs at a time (`grouped`).
    ``say`` is told where there is no worker. Returns the runs that could not be done, with the reason
    (a network without a fixed point).
    Raises UsageProblem where no scheduler answers or is lost and where the disk is full; all that is
    finished is kept.
    """
    missing = [key for key in dict.fromkeys(grid.keys) if key not in store]
    failures: list[tuple[RunKey, str]] = []
    if not missing:
        return failures
    groups = list(grouped(missing, batch, grid.device))
    with connected(scheduler, workers, len(groups)) as client:
        report(0, len(missing))
        work = partial(compute_group, device=grid.device)
        found = separated(results(client, groups, work, say, lost_line(scheduler, store.path)))
        for finished, (key, outcome) in enumerate(found, 1):
            if isinstance(outcome, SimulatedRun):
                write(store, key, outcome)
            else:
                failures.append((key, reason_of(outcome)))
            report(finished, len(missing))
    return failures


def lost_line(scheduler: str | None, path: Path) -> str:
    """What is said where the scheduler is gone."""
    return (
        f"the scheduler {scheduler or 'of this machine'} is lost; every run written so far is kept in "
        f"{path}, the same command goes on from there"
    )


def reason_of(problem: BaseException) -> str:
    """Why a run could not be done."""
    return str(problem) or type(problem).__name__


@contextmanager
def _kept(lost: str) -> Iterator[None]:
    """Whatever dask says where its scheduler is gone (nearly all are OSErrors) becomes the line ``lost``."""
    from concurrent.futures import CancelledError

    try:
        yield
    except (CancelledError, asyncio.CancelledError, OSError):
        raise UsageProblem(lost) from None


def results(
    client: Client,
    keys: Sequence[Key],
    work: Callable[[Key], Result],
    say: Callable[[str], None],
    lost: str,
    ahead: int = AHEAD,
) -> Iterator[tuple[Key, Result | BaseException]]:
    """Each key with ``work(key)``, or with what went wrong, as they finish; ``ahead`` for each worker.

    As many keys are handed out as the workers of the moment ask for, so that workers may come and go.
    Raises UsageProblem with the line ``lost`` where the scheduler is gone.
    """
    waiting, jobs = iter(keys), dict[Any, Key]()
    sweep_name, width, looked = uuid.uuid4().hex, -1, -LOOK_SECONDS
    number, left = count(), len(keys)
    while left:
        if time.monotonic() - looked >= LOOK_SECONDS:
            before, looked = width, time.monotonic()
            with _kept(lost):
                width = ahead * _threads(client)
            if width == 0 != before:
                say("no worker is there: waiting for one")
        with _kept(lost):
            for key in islice(waiting, max(max(width, 1) - len(jobs), 0)):
                # the name is the run's alone: no two runs share a result
                job = client.submit(work, key, key=f"{sweep_name}-{next(number)}", pure=False)
                jobs[job] = key
            outcomes = [(jobs.pop(job), _outcome(job)) for job in _done(list(jobs))]
        left -= len(outcomes)
        yield from outcomes


def _done(jobs: list[Any]) -> list[Any]:
    """Those that are finished, at the latest after LOOK_SECONDS."""
    from distributed import wait

    try:
        return list(wait(jobs, timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED").done)
    except TimeoutError:
        return []


def _outcome(job: Any) -> Any:
    """A finished job's run or fault. Raises ConnectionError where the scheduler has forgotten it."""
    if job.cancelled():
        raise ConnectionError
    problem = job.exception()
    outcome = job.result() if problem is None else problem
    job.release()
    return outcome


def _threads(client: Client) -> int:
    if client.status not in ("running", "connecting"):
        raise ConnectionError
    return sum(client.nthreads().values())


def write(store: Store, key: Any, run: Any) -> None:
    """Add a run. Raises UsageProblem where the disk is full; the store is then as before."""
    try:
        store.add(key, run)
    except OSError as problem:
        full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = "no space left on the disk" if full else problem.strerror or str(problem)
        raise UsageProblem(
            f"{store.path}: {reason}; every run written so far is kept, the same command goes on from there"
        ) from None
