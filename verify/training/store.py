"""Trained networks on disk: one zarr group each, written beside its place and renamed into it.

    STORE/TASK/N_256/g_0.9_seed_3_HASH.zarr      a finished network, an xarray Dataset
    STORE/TASK/unfinished/HASH.npz               the last saved epoch of a group in training

HASH stands for the settings (epochs, optimizer, rate, what is trained, ...), which are in the
group's attributes. A kill at any moment leaves finished networks whole, and costs the others the
epochs since the last saved one. Several processes may write to one store, the jobs of a cluster for
example: every network has a place of its own. `open_trained` gives the networks of a store as one
labelled Dataset.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import time
import uuid
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem
from derive.reading.read_number import number_text
from verify.sweeps.damage import Damage, damaged_chunk, metadata
from verify.training.networks import Identity, Network
from verify.training.run import TrainedNetwork
from verify.training.settings import Settings

if TYPE_CHECKING:
    import xarray

VERSION = 1
MARK = "verify_trained_networks"
ABANDONED = 86400.0  # seconds after which an unfinished writing of one network is nobody's any more
DIMENSIONS = {
    "loss": ("epoch",),
    "recorded": ("look",),
    "norms": ("look",),
    "strengths": ("look", "mode"),
    "left": ("look", "neuron", "mode"),
    "right": ("look", "neuron", "mode"),
}
END = {"W": ("neuron", "presynaptic"), "m": ("input", "neuron"), "w": ("neuron", "output")}


class TrainedStore:
    """A store to write to. Raises UsageProblem where that is not possible."""

    def __init__(self, path: Path, command: str = "") -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            _mark(path, command)
            for unfinished in path.glob("*/N_*/.new-*"):
                if time.time() - unfinished.stat().st_mtime > ABANDONED:
                    shutil.rmtree(unfinished, ignore_errors=True)
        except OSError as problem:
            raise UsageProblem(
                f"--store {path}: {problem.strerror}; allowed is a folder that can be written to"
            ) from None

    def get(self, task: str, identity: Identity, settings: Settings) -> TrainedNetwork | None:
        """The network that was trained so, or None."""
        path = _place(self.path, task, identity, settings)
        return _read(path) if path.is_dir() else None

    def add(self, run: TrainedNetwork) -> None:
        """Keep a network. Raises UsageProblem where the disk is full; the store is then as before."""
        place = _place(self.path, run.task, run.identity, run.settings)
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.parent / f".new-{uuid.uuid4().hex}"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # zarr's: consolidated metadata extends its format
                dataset(run).to_zarr(temporary)
            temporary.rename(place)
        except OSError as problem:
            shutil.rmtree(temporary, ignore_errors=True)
            if place.is_dir():  # another process was faster
                return
            raise UsageProblem(
                f"{self.path}: {problem.strerror or problem}; every network finished so far is kept, the "
                "same command goes on from there"
            ) from None

    def unfinished(self, task: str, name: str) -> Path:
        """Where a group in training saves its state."""
        folder = self.path / task / "unfinished"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.npz"


def dataset(run: TrainedNetwork) -> xarray.Dataset:
    """The run as an xarray Dataset; settings and identity in its attributes."""
    import xarray

    variables = {name: (dimensions, getattr(run, name)) for name, dimensions in DIMENSIONS.items()}
    variables |= {f"end_{name}": (dimensions, getattr(run.end, name)) for name, dimensions in END.items()}
    attributes = {
        "task": run.task,
        **dataclasses.asdict(run.identity),
        "settings": json.dumps(dataclasses.asdict(run.settings)),
    }
    return xarray.Dataset(variables, attrs=attributes)


def open_trained(path: str | Path, task: str | None = None, size: int | None = None) -> xarray.Dataset:
    """The networks of a store as one Dataset with dimension ``run`` and coordinates g, seed, size.

    Variables: loss, recorded, norms, strengths, and of one size left, right, end_W, end_m, end_w.
    Shorter runs are filled with nan. Raises UsageProblem where there is no such store or network, or where
    one is damaged, with the name of the file.
    """
    import xarray

    runs = [dataset(run) for run in read_runs(Path(path), task, size)]
    sizes = {part.attrs["size"] for part in runs}
    shared = [name for name in runs[0] if len(sizes) == 1 or "neuron" not in runs[0][name].dims]
    coordinates = ("task", "size", "g", "seed", "settings")
    parts = [
        part[shared].assign_coords({name: part.attrs[name] for name in coordinates}).drop_attrs()
        for part in runs
    ]
    return xarray.concat(parts, "run", join="outer", combine_attrs="drop")


def read_runs(path: Path, task: str | None = None, size: int | None = None) -> list[TrainedNetwork]:
    """The finished networks of a store, by task, size, g and seed. Raises UsageProblem."""
    _check(path)
    places = sorted(path.glob(f"{task or '*'}/N_{size or '*'}/*.zarr"))
    runs = [_read(place) for place in places if not place.name.startswith(".")]
    if not runs:
        raise UsageProblem(f"{path}: no networks of task {task or 'any'}, size {size or 'any'}")
    return sorted(runs, key=lambda run: (run.task, run.identity.size, run.identity.g, run.identity.seed))


def _read(place: Path) -> TrainedNetwork:
    import xarray

    try:
        with xarray.open_zarr(place, chunks=None) as found:
            content = found.load()
        settings = json.loads(content.attrs["settings"])
        settings["train"] = tuple(settings["train"])
        identity = Identity(*(content.attrs[name] for name in ("size", "g", "seed")))
        end = Network(*(content[f"end_{name}"].values for name in END))
        arrays = {name: content[name].values for name in DIMENSIONS}
        return TrainedNetwork(content.attrs["task"], identity, Settings(**settings), end=end, **arrays)
    except Exception as problem:
        raise _refusal(place, problem) from problem


def _refusal(place: Path, problem: Exception) -> UsageProblem:
    """A network that cannot be read: which of its files is damaged, and the way out."""
    try:
        metadata(place)
        damage = damaged_chunk(place, (*DIMENSIONS, *(f"end_{name}" for name in END)))
    except Damage as found:
        damage = found
    damage = damage or Damage(place, f"damaged ({type(problem).__name__})")
    return UsageProblem(f"{damage}; the way out is to delete {place}: the same command trains it again")


def _place(path: Path, task: str, identity: Identity, settings: Settings) -> Path:
    digest = hashlib.sha256(repr(settings).encode()).hexdigest()[:12]
    name = f"g_{number_text(identity.g)}_seed_{identity.seed}_{digest}.zarr"
    return path / task / f"N_{identity.size}" / name


def _mark(path: Path, command: str) -> None:
    """Make the folder a store of trained networks, or check that it is one, and note the command."""
    from derive.write.files import write_atomically

    if (path / f"{MARK}.json").is_file():
        _check(path)
        content = json.loads((path / f"{MARK}.json").read_text())
    else:
        others = [entry.name for entry in path.iterdir() if not entry.name.startswith(".")]
        if others:
            raise UsageProblem(
                f"{path}: a folder with other things in it ({others[0]}, ...); "
                "allowed is a store of trained networks or an empty folder"
            )
        content = {"version": VERSION, "commands": []}
    if command and command not in content["commands"]:
        content["commands"].append(command)
    write_atomically(path / f"{MARK}.json", json.dumps(content, indent=1) + "\n")


def _check(path: Path) -> None:
    try:
        version = json.loads((path / f"{MARK}.json").read_text())["version"]
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageProblem(
            f"{path}: not a store of trained networks; allowed is a folder made by `verify task --store`"
        ) from None
    if version != VERSION:
        raise UsageProblem(f"{path}: a store of version {version}; allowed is version {VERSION}")
