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
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.command_line import UsageProblem
from verify.simulators.run import FACTS, Run
from verify.sweeps.damage import (
    Damage,
    arrays_of,
    contents,
    damaged_chunk,
    groups_in,
    metadata,
    put_aside,
    refusal,
)
from verify.sweeps.dataset import COORDINATES, VERSION, check_version
from verify.sweeps.grid import RunKey
from verify.sweeps.lock import LOCK, locked

if TYPE_CHECKING:
    import zarr

CURVES = ("readout", "loss", "gradient_norm", "frobenius_norm", "shuffled_loss")
EPOCHS_A_CHUNK = 1024


class Store:
    """A store open for writing; use as a context manager. Raises UsageProblem where it cannot be.

    Makes the folder where there is none. Another process that writes to it is refused, and a group that
    cannot be read; with ``repair`` it is put aside and ``repaired`` says so.
    """

    def __init__(self, path: Path, command: str = "", repair: bool = False) -> None:
        self.path = path
        self._lock = locked(path)
        self._open: dict[Path, dict[str, zarr.Array[Any]]] = {}
        try:
            _root(path, command)
            self.repaired: list[str] = []
            self._keys: set[RunKey] = set()
            for group in groups_in(path):
                self._take(group, repair)
            for unfinished in path.glob("*/.new-*"):
                shutil.rmtree(unfinished)
        except BaseException:
            self.close()
            raise

    def _take(self, group: Path, repair: bool) -> None:
        """Read the keys of a group; what an interruption has left is mended."""
        try:
            _recover(group)
            self._keys.update(_keys_of(group))
        except Damage as damage:
            if not repair:
                raise refusal(damage, group) from None
            said = f"{damage}; {contents(group)}"
            self.repaired.append(f"{said} put aside in {put_aside(group)}")

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let other processes write."""
        os.close(self._lock)

    def __contains__(self, key: RunKey) -> bool:
        return key in self._keys

    def add(self, key: RunKey, run: Run) -> None:
        """Append a finished run. Raises OSError where the disk is full; the store is then as before."""
        group = self.path / key.simulator / f"N_{key.size}"
        columns = _columns(key, run)
        with _quiet():
            if group.is_dir():
                _append(group, columns, self._open.setdefault(group, {}))
            else:
                _create(group, columns)
        self._keys.add(key)


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
        check_version(path)
        attributes = metadata(path)["attributes"]
    commands = attributes.get("commands", [])
    if command and command not in commands:
        attributes["commands"] = [*commands, command]
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


def _keys_of(group: Path) -> Iterator[RunKey]:
    import xarray

    try:
        with _quiet(), xarray.open_zarr(group, consolidated=True, chunks=None) as part:
            columns = {name: part[name].values for name in COORDINATES}
    except Exception as problem:
        found = damaged_chunk(group, COORDINATES)
        raise found or Damage(group, f"damaged ({type(problem).__name__})") from problem
    simulator, size = group.parent.name, int(group.name[2:])
    for g, zhat, seed, rate, epochs, precision in zip(*(columns[name] for name in COORDINATES), strict=True):
        yield RunKey(
            simulator, size, float(g), float(zhat), int(seed), float(rate), int(epochs), f"float{precision}"
        )


def _recover(group: Path) -> None:
    """Shorten arrays that an interrupted addition has lengthened."""
    import zarr

    for name, array_metadata in arrays_of(group).items():
        try:
            array = zarr.open_array(group / name, mode="r+")
        except Exception as problem:
            raise Damage(group / name / "zarr.json", f"damaged ({type(problem).__name__})") from problem
        if list(array.shape) != list(array_metadata["shape"]):
            array.resize(tuple(array_metadata["shape"]))


def _columns(key: RunKey, run: Run) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Dimensions after ``run``, and values, of everything that is kept of a run."""
    eigenvalues = np.stack([run.eigenvalues.real, run.eigenvalues.imag], axis=-1)
    columns: dict[str, tuple[tuple[str, ...], np.ndarray]] = {
        name: ((), np.asarray(getattr(key, name))) for name in COORDINATES
    }
    columns |= {name: (("epoch",), getattr(run, name)) for name in CURVES}
    columns |= {
        "singular_values": (("epoch", "mode"), run.singular_values),
        "eigenvalue_epoch": (("look",), run.eigenvalue_epochs.astype(float)),
        "eigenvalues": (("look", "outlier", "part"), eigenvalues),
        "left": (("neuron", "factor"), run.left),
        "strengths": (("factor",), run.strengths),
        "right": (("neuron", "factor"), run.right),
    }
    facts = {name: run.facts.get(name, np.nan) for name in FACTS}
    return columns | {name: ((), np.asarray(value)) for name, value in facts.items()}


def _create(group: Path, columns: dict[str, tuple[tuple[str, ...], np.ndarray]]) -> None:
    import zarr

    group.parent.mkdir(exist_ok=True)
    zarr.open_group(group.parent, mode="a")
    temporary = group.parent / f".new-{uuid.uuid4().hex}"
    try:
        zarr.open_group(temporary, mode="w", attributes={"coordinates": " ".join(COORDINATES)})
        epochs = np.arange(columns["readout"][1].shape[0])
        zarr.create_array(
            temporary / "epoch", data=epochs, chunks=(EPOCHS_A_CHUNK,), dimension_names=("epoch",)
        )
        for name, (dimensions, values) in columns.items():
            array = zarr.create_array(
                temporary / name,
                shape=(1, *values.shape),
                dtype=values.dtype,
                chunks=(1, *_chunks(dimensions, values.shape)),
                dimension_names=("run", *dimensions),
                fill_value=_fill(values.dtype),
            )
            array[0] = values
        zarr.consolidate_metadata(temporary)
        temporary.rename(group)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _append(
    group: Path,
    columns: dict[str, tuple[tuple[str, ...], np.ndarray]],
    opened: dict[str, zarr.Array[Any]],
) -> None:
    """Append a run; ``opened`` keeps the group's arrays from one run to the next."""
    import zarr

    count = arrays_of(group)["readout"]["shape"][0]
    try:
        for name, (_, values) in columns.items():
            if name not in opened:
                opened[name] = zarr.open_array(group / name, mode="r+")
            array = opened[name]
            rest = tuple(max(a, b) for a, b in zip(array.shape[1:], values.shape, strict=True))
            array.resize((count + 1, *rest))
        epoch = zarr.open_array(group / "epoch", mode="r+")
        long = opened["readout"].shape[1]
        if long > epoch.shape[0]:
            epoch.resize((long,))
            epoch[:] = np.arange(long)
        for name, (_, values) in columns.items():
            whole = np.full(opened[name].shape[1:], _fill(values.dtype), dtype=values.dtype)
            whole[tuple(slice(n) for n in values.shape)] = values
            opened[name][count] = whole
        zarr.consolidate_metadata(group)
    except OSError:
        opened.clear()
        _recover(group)
        raise


def _chunks(dimensions: tuple[str, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """A run's own chunks: one, cut only along epochs."""
    return tuple(
        EPOCHS_A_CHUNK if d in ("epoch", "look") else n for d, n in zip(dimensions, shape, strict=True)
    )


def _fill(dtype: np.dtype[Any]) -> Any:
    return np.nan if dtype.kind == "f" else 0


@contextmanager
def _quiet() -> Iterator[None]:
    """Without zarr's warning that consolidated metadata is an extension of its format."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
