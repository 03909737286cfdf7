"""Trained networks in a store of `verify.sweeps.store`: reading them one by one, or as one Dataset.

A kill at any moment leaves finished networks whole, and costs the others the epochs since their last
saved one. One process writes at a time; the workers of a cluster compute (`verify.training.sweep`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem
from verify.sweeps.damage import Damage, groups_in, refusal
from verify.sweeps.dataset import check_version, found
from verify.sweeps.run_group import keys_of
from verify.sweeps.store import Store
from verify.training.layout import CURVES, END, NETWORKS, STATES, NetworkKey
from verify.training.networks import Network
from verify.training.run import TrainedNetwork, looks

if TYPE_CHECKING:
    import xarray


def networks_store(path: Path, command: str = "", repair: bool = False) -> Store:
    """The store at ``path`` open for writing, made where there is none. Raises UsageProblem."""
    store = Store(path, command, repair, NETWORKS)
    for begun in (path / STATES).glob(".*"):  # a state whose writing was killed
        begun.unlink(missing_ok=True)
    return store


def open_trained(path: str | Path, task: str | None = None, size: int | None = None) -> xarray.Dataset:
    """The networks of a store as one Dataset with dimension ``run``.

    Coordinates task, size, g, seed, learning_rate, epochs, settings (JSON). Variables: loss, recorded,
    norms, strengths, and of one size and task left, right, end_W, end_m, end_w. Shorter runs are filled
    with nan. Safe while a sweep is writing. Raises UsageProblem where there is no such store or network.
    """
    import xarray

    runs = read_runs(Path(path), task, size)
    alike = len({(run.task, run.identity.size) for run in runs}) == 1
    parts = [_labelled(run, alike) for run in runs]
    return xarray.concat(parts, "run", coords="all", join="outer", combine_attrs="drop")


def read_runs(path: Path, task: str | None = None, size: int | None = None) -> list[TrainedNetwork]:
    """The finished networks of a store, by task, size, g and seed. Raises UsageProblem."""
    check_version(path, NETWORKS)
    runs = []
    for group in groups_in(path):
        name, neurons = group.parent.name.rsplit(".", 3)[0], int(group.name[2:])
        if task in (None, name) and size in (None, neurons):
            runs += list(_group_runs(group))
    if not runs:
        raise UsageProblem(f"{path}: no networks of task {task or 'any'}, size {size or 'any'}")
    return sorted(runs, key=lambda run: (run.task, run.identity.size, run.identity.g, run.identity.seed))


def read_run(store: Store, key: NetworkKey) -> TrainedNetwork:
    """A network that is there. Raises UsageProblem where its group cannot be read."""
    group, row = store.place(key)
    with _readable(group) as content:
        return _run(content, row, key)


def _group_runs(group: Path) -> Iterator[TrainedNetwork]:
    try:
        keys = list(keys_of(group, NETWORKS))
    except Damage as damage:
        raise refusal(damage, group) from None
    with _readable(group) as content:
        for row, key in enumerate(keys):
            yield _run(content, row, key)


def _readable(group: Path) -> xarray.Dataset:
    import xarray

    try:
        content: xarray.Dataset = xarray.open_zarr(group, consolidated=True, chunks=None)
    except Exception as problem:
        raise found(group, problem, NETWORKS.coordinates) from problem
    return content


def _run(content: xarray.Dataset, row: int, key: NetworkKey) -> TrainedNetwork:
    try:
        one = content.isel(run=row).load()
    except Exception as problem:
        raise found(
            Path(content.encoding["source"]), problem, (*CURVES, *(f"end_{n}" for n in END))
        ) from None
    epochs = key.settings.epochs
    arrays = {
        name: one[name].values[: epochs if dimensions == ("epoch",) else looks(epochs)]
        for name, dimensions in CURVES.items()
    }
    end = Network(*(one[f"end_{name}"].values for name in END))
    return TrainedNetwork(key.task, key.identity, key.settings, end=end, **arrays)


def _labelled(run: TrainedNetwork, wide: bool) -> xarray.Dataset:
    """The run as a Dataset; ``wide``: with what has a dimension of neurons."""
    import xarray

    variables = {name: (dims, getattr(run, name)) for name, dims in CURVES.items()}
    variables |= {f"end_{name}": (dims, getattr(run.end, name)) for name, dims in END.items()}
    if not wide:
        variables = {name: value for name, value in variables.items() if "neuron" not in value[0]}
    labels = {"task": run.task, "learning_rate": run.settings.rate, "epochs": run.settings.epochs}
    labels |= {**asdict(run.identity), "settings": json.dumps(asdict(run.settings))}
    return xarray.Dataset(variables, labels)
