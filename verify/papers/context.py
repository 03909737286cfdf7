"""What every figure gets: a sweep to take its simulations from, and the theories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import numpy as np
import xarray

from derive import limit
from derive.arrays import Array
from derive.radius.singularities import singularities
from verify.sweeps.dataset import open_store
from verify.sweeps.engine import RunReport, sweep
from verify.sweeps.grid import Grid, RunKey
from verify.sweeps.layout import SIMULATIONS
from verify.sweeps.store import Store
from verify.truth.theory import Theory

LEARNED = 0.05
"""Learning time is when the loss has fallen to this part of its first value (the paper's definition)."""


@dataclass(frozen=True, eq=False)
class Context:
    """``published`` is the series through tau^3, ``ours`` through tau^K; N, seeds; where runs are kept."""

    published: Theory
    ours: Theory
    size: int
    seeds: int
    store: Path
    command: str
    progress: Callable[[str], RunReport]
    workers: int | None = None

    def runs(self, label: str, keys: Sequence[RunKey], factors: bool = False) -> xarray.Dataset:
        """The runs of ``keys``, done now where the store lacks them; one row for each key, in order.

        ``factors``: with the factors of dW, which keys of one size have.
        """
        with Store(self.store, self.command) as store:
            sweep(Grid(tuple(keys)), store, workers=self.workers, report=self.progress(label))
        parts = []
        several = len({key.size for key in keys}) > 1
        for size in dict.fromkeys(key.size for key in keys):
            data = open_store(self.store, keys[0].simulator, size).load()
            columns = (data[name].values.tolist() for name in SIMULATIONS.coordinates)
            rows = {row: k for k, row in enumerate(zip(*columns, strict=True))}
            identified = attrgetter(*SIMULATIONS.coordinates)
            found = [rows[identified(key)] for key in keys if key.size == size]
            chosen = data.isel(run=found)
            parts.append(chosen if factors else chosen.drop_vars(["left", "right"]))
            if several:  # looked at different epochs
                parts[-1] = parts[-1].drop_vars(["eigenvalues", "eigenvalue_epoch"])
        whole = parts[0] if len(parts) == 1 else xarray.concat(parts, "run", join="outer")
        return whole.isel(epoch=slice(0, max(key.epochs for key in keys) + 1))


def key(
    g: float, zhat: float, seed: int, effective_rate: float, epochs: int, size: int, stride: int = 0
) -> RunKey:
    """A run of the reduced simulator; the rate is in units of ttilde, ``stride`` that of the eigenvalues."""
    rate = effective_rate * (1 - g * g) ** 2
    return RunKey("reduced", size, g, zhat, seed, rate, epochs, eigenvalue_stride=stride)


def radius(g: float, zhat: float) -> float:
    """The series' radius of convergence in ttilde (THEORY 5)."""
    return singularities(g, zhat).radius


def learning_time(g: float, zhat: float) -> float:
    """ttilde at which the exact limit's loss has fallen to `LEARNED`."""
    return limit.learning_curve(g, zhat).time_to(LEARNED) / (1 - g * g) ** 2


def mean_and_deviation(values: Array) -> tuple[Array, Array]:
    """Over the first axis, runs that left the finite numbers left out."""
    return np.nanmean(values, axis=0), np.nanstd(values, axis=0, ddof=1)
