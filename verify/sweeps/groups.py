"""Groups of runs that a worker computes together; each is written and known for itself all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from verify.device import no_room
from verify.simulators import TOGETHER, SimulatedRun, sample_task, simulate_together
from verify.sweeps.grid import RunKey

RunGroup = tuple[RunKey, ...]

ON_DEVICE = 16
"""Runs that a GPU computes together where nothing else is asked for, as far as they fit."""

DEVICE_ENTRIES = 2**26
"""Entries of all W of such a group; some 15 matrices of that many are held (8 GiB in float64)."""


def grouped(keys: Sequence[RunKey], batch: int | None, device: str) -> Iterator[RunGroup]:
    """``keys`` in groups of up to ``batch`` that differ in g, zhat, seed and learning rate alone.

    By default one by one on a CPU, and on a GPU up to `ON_DEVICE` as far as they fit.
    """
    alike: dict[Any, list[RunKey]] = {}
    for key in keys:
        same = (key.simulator, key.size, key.epochs, key.method, key.options(device))
        alike.setdefault(same, []).append(key)
    for group in alike.values():
        most = batch or _default_batch(group[0].size, device)
        for start in range(0, len(group), most):
            yield tuple(group[start : start + most])


def separated(results: Iterable[tuple[RunGroup, Any]]) -> Iterator[tuple[RunKey, Any]]:
    """Each run's key with what its group has for it; what went wrong with a group, for each of its runs."""
    for group, outcome in results:
        outcomes = [outcome] * len(group) if isinstance(outcome, BaseException) else outcome
        yield from zip(group, outcomes, strict=True)


def _default_batch(size: int, device: str) -> int:
    return 1 if device == "cpu" else min(max(DEVICE_ENTRIES // size**2, 1), ON_DEVICE)


def compute_group(keys: RunGroup, device: str = "cpu") -> list[SimulatedRun | ValueError]:
    """The runs of one group, on one thread; a run that cannot be done is given as the reason.

    numpy's threads are limited by the environment that dask gives its worker processes. Raises NoRoom where
    the device has no memory for the group.
    """
    first = keys[0]
    if first.simulator != "reduced" or device != "cpu":  # the reduced simulator needs no torch
        import torch

        torch.set_num_threads(1)
    problems = [
        sample_task(key.size, key.g, key.seed, key.zhat, key.learning_rate, key.epochs, key.dtype, key.method)
        for key in keys
    ]
    options = first.options(device)
    if device == "cpu":
        return simulate_together(first.simulator, problems, options)
    with suppress(torch.OutOfMemoryError):  # beyond it nothing holds the group's memory
        return simulate_together(first.simulator, problems, options)
    asked = f"{len(keys)} runs of N = {first.size} by {first.simulator} as one computation"
    if first.simulator not in TOGETHER:
        raise no_room(device, f"a run of N = {first.size} by {first.simulator}")
    from verify.simulators.full_networks import run_bytes

    raise no_room(device, asked, run_bytes(first.simulator, first.size, first.dtype), "--batch")
