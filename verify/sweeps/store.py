"""A zarr store of finished runs that no interruption can damage.

    STORE/                           attributes: verify_store (its version), versions, commands
      SIMULATOR/N_SIZE/              one group per simulator and size; dimension ``run``
        g, zhat, seed, learning_rate, epochs, precision               (run,)
        readout, loss, gradient_norm, frobenius_norm, shuffled_loss   (run, epoch)
        singular_values (run, epoch, mode), eigenvalues (run, look, outlier, part)
        left, right (run, neuron, factor), strengths (run, factor)    W = W0 + left strengths right^T

How a run is added. One process writes (a lock file sees to it), and each run has chunks of its own:
 1. the arrays are lengthened by one and the new chunks written, every file beside its name and then
    renamed; readers do not see any of it, because the lengths they go by stand in step 2's file;
 2. the group's ``zarr.json``, which holds the metadata of all its arrays (zarr's consolidated
    metadata), is replaced by one atomic rename. With it the run is there.
An interruption before 2 leaves the store as it was, apart from chunks beyond the end that the next
run overwrites; `Store` shortens such arrays when it is opened for writing. A new group is built
in a hidden folder and renamed into place with its first run in it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.command_line import UsageProblem
from verify.simulators.run import SimulatedRun
from verify.sweeps.grid import RunKey
from verify.sweeps.run_group import (
    append,
    columns_of,
    create,
    groups_of,
    keys_of,
    metadata_of,
    quiet,
    recover,
)

if TYPE_CHECKING:
    import xarray
    import zarr

VERSION = 1
LOCK = ".lock"
WIDE = ("left", "right")


class Store:
    """A store open for writing; use as a context manager. Raises UsageProblem where it cannot be.

    Makes the folder where there is none. Another process that writes to it is refused.
    """

    def __init__(self, path: Path, command: str = "") -> None:
        self.path = path
        self._lock = locked(path)
        self._open: dict[Path, dict[str, zarr.Array[Any]]] = {}
        try:
            _root(path, command)
            for group in groups_of(path):
                recover(group)
            for unfinished in path.glob("*/.new-*"):
                shutil.rmtree(unfinished)
            self._keys = {key for group in groups_of(path) for key in keys_of(group)}
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let other processes write."""
        os.close(self._lock)

    def __contains__(self, key: RunKey) -> bool:
        return key in self._keys

    def add(self, key: RunKey, run: SimulatedRun) -> None:
        """Append a finished run. Raises OSError where the disk is full; the store is then as before."""
        group = self.path / key.simulator / f"N_{key.size}"
        columns = columns_of(key, run)
        with quiet():
            if group.is_dir():
                append(group, columns, self._open.setdefault(group, {}))
            else:
                create(group, columns)
        self._keys.add(key)


def open_store(path: str | Path, simulator: str | None = None, size: int | None = None) -> xarray.Dataset:
    """The finished runs of a store as one labelled Dataset with dimension ``run``.

    Coordinates: ``simulator``, ``size``, ``g``, ``zhat``, ``seed``, ``learning_rate``, ``epochs``,
    ``precision`` (bits) of each run, ``tau`` of each run and epoch. ``simulator`` and ``size`` choose
    groups. The factors of W (``left``, ``right``) are there where all chosen groups have one size.
    Shorter runs are filled with nan. Safe while a sweep is writing. Raises UsageProblem where there is
    no store, or one of another version, or no such group.
    """
    import xarray

    path = Path(path)
    _check_version(path)
    chosen = [
        group
        for group in groups_of(path)
        if simulator in (None, group.parent.name) and size in (None, int(group.name[2:]))
    ]
    if not chosen:
        have = ", ".join(f"{group.parent.name} {group.name}" for group in groups_of(path)) or "none yet"
        raise UsageProblem(
            f"{path}: no runs of simulator {simulator or 'any'}, size {size or 'any'}; there are: {have}"
        )
    one_size = len({group.name for group in chosen}) == 1
    parts = []
    for group in chosen:
        part = xarray.open_zarr(group, consolidated=True, chunks=None)
        part = part.assign_coords(
            simulator=("run", [group.parent.name] * part.sizes["run"]),
            size=("run", [int(group.name[2:])] * part.sizes["run"]),
        )
        parts.append(part if one_size else part.drop_vars(WIDE))
    looks = max(part.sizes["look"] for part in parts)
    parts = [part.pad(look=(0, looks - part.sizes["look"])) for part in parts]
    whole = parts[0] if len(parts) == 1 else xarray.concat(parts, "run", join="outer", combine_attrs="drop")
    eigenvalues = whole["eigenvalues"].isel(part=0) + 1j * whole["eigenvalues"].isel(part=1)
    whole = whole.drop_vars("eigenvalues").assign(eigenvalues=eigenvalues)
    whole = whole.assign_coords(tau=whole["learning_rate"] * whole["epoch"])
    root = metadata_of(path)["attributes"]
    return whole.assign_attrs(root)


def locked(path: Path) -> int:
    """A descriptor that holds the store's lock; the system frees it when the process ends, however."""
    import fcntl

    try:
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as problem:
        raise UsageProblem(
            f"{path}: {problem.strerror}; allowed is a folder that can be written to"
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise UsageProblem(f"{path}: another sweep is writing to it; allowed is one at a time") from None
    return descriptor


def _root(path: Path, command: str) -> None:
    """Make the root group, or check its version and add the command to its attributes."""
    import zarr

    if not (path / "zarr.json").is_file():
        others = [entry.name for entry in path.iterdir() if entry.name != LOCK]
        if others:
            raise UsageProblem(
                f"{path}: a folder with other things in it ({others[0]}, ...); "
                "allowed is a store or an empty folder"
            )
        attributes: dict[str, Any] = {"verify_store": VERSION, "versions": _versions(), "commands": []}
    else:
        _check_version(path)
        attributes = metadata_of(path)["attributes"]
    if command and command not in attributes["commands"]:
        attributes["commands"] = [*attributes["commands"], command]
    zarr.open_group(path, mode="a").update_attributes(attributes)


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("derive-rnn", "numpy", "torch", "zarr", "xarray"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            from derive import __version__

            found[name] = __version__
    return found


def _check_version(path: Path) -> None:
    try:
        found = metadata_of(path)["attributes"]["verify_store"]
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageProblem(
            f"{path}: not a store of runs; allowed is a folder made by `verify sweep`"
        ) from None
    if found != VERSION:
        raise UsageProblem(f"{path}: a store of version {found}; allowed is version {VERSION}")
