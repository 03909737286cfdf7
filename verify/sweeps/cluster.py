"""The dask client that a sweep computes with: a cluster on this machine, or a running scheduler."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem

if TYPE_CHECKING:
    from distributed import Client

LOGGERS = ("distributed", "tornado", "bokeh", "asyncio")
CONNECT_SECONDS = 10
ATTEMPTS = 10
"""How many times a run may take its worker down before the sweep gives it up."""


@contextmanager
def connected(scheduler: str | None, workers: int | None, most: int) -> Iterator[Client]:
    """A client of the scheduler at this address, or of ``workers`` processes started here.

    By default as many as there are cores, at most ``most``. Raises UsageProblem where no scheduler
    answers.
    """
    import dask
    from distributed import Client, LocalCluster

    quiet = {
        "distributed.scheduler.allowed-failures": ATTEMPTS,
        "distributed.admin.low-level-log-length": 0,
        "distributed.scheduler.dashboard.status.task-stream-length": 10,
        "distributed.worker.preload": ["verify.sweeps.worker_process"],
    }
    _quiet_logs()
    with dask.config.set(quiet):
        if scheduler is not None:
            with _client_at(scheduler) as client:
                yield client
            return
        count = min(workers or cores(), most)
        # memory limits off: the size of a run is known, and a paused worker helps nobody
        with _deaf_children() as interrupts, warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"\s*Port \d+ is already in use", UserWarning)  # a second sweep
            cluster = LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                memory_limit=0,
                dashboard_address=":0",
                silence_logs=logging.CRITICAL,
            )
        with cluster, Client(cluster) as client:
            for number in interrupts:
                signal.raise_signal(number)
            yield client


def check_scheduler(scheduler: str) -> None:
    """Raises UsageProblem where no scheduler answers at the address."""
    _quiet_logs()
    with _client_at(scheduler):
        pass


def cores() -> int:
    """The cores that this process may use."""
    with suppress(AttributeError):  # macOS, Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _client_at(scheduler: str) -> Client:
    from distributed import Client

    try:
        return Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TypeError, TimeoutError, ImportError, RuntimeError) as problem:
        reason = str(problem).splitlines()[0] if str(problem) else "no answer"
        if scheduler.startswith("tls:") and isinstance(problem, TypeError | ValueError):
            reason = f"its certificates are not in dask's configuration, distributed.comm.tls ({reason})"
    gc.collect()  # a client that failed closes here: while the next one starts, it would wait for it for good
    raise UsageProblem(
        f"--scheduler {scheduler}: {reason}; allowed is the address of a running dask scheduler, "
        "like tcp://host:8786"
    )


def _quiet_logs() -> None:
    """What goes wrong is said in one line; dask's own loggers set levels of their own as they are loaded."""
    import distributed.client  # noqa: F401  sets them

    known = [name for name in logging.root.manager.loggerDict if name.startswith(LOGGERS)]
    for name in (*LOGGERS, *known):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


@contextmanager
def _deaf_children() -> Iterator[list[int]]:
    """Processes started in the block are spared the Ctrl-C of the terminal, which this process alone answers.

    One that comes in the block, or a SIGTERM, is kept in the list that is given, for after it.
    """
    kept: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield kept
        return
    resource_tracker.ensure_running()  # it would unblock the signal for the processes that follow it
    answered = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda number, _: kept.append(number)) for number in answered]
    try:
        with _blocked():
            yield kept
    finally:
        for number, answer in zip(answered, before, strict=True):
            signal.signal(number, answer)


@contextmanager
def _blocked() -> Iterator[None]:
    """SIGINT waits, and so it does in threads and processes started in the block, for good."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
