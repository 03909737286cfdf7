"""One group of a store: runs of one simulator and size, added so that no interruption damages them."""

from __future__ import annotations

import shutil
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from verify.simulators.run import FACTS, SimulatedRun
from verify.sweeps.damage import COORDINATES, Damage, arrays_of, damaged_chunk
from verify.sweeps.grid import RunKey

if TYPE_CHECKING:
    import zarr

CURVES = ("readout", "loss", "gradient_norm", "frobenius_norm", "shuffled_loss")
EPOCHS_A_CHUNK = 1024
Columns = dict[str, tuple[tuple[str, ...], np.ndarray]]
"""By name the dimensions after ``run``, and the values of one run."""


def keys_of(group: Path) -> Iterator[RunKey]:
    """What its runs were asked for. Raises Damage."""
    import xarray

    try:
        with quiet(), xarray.open_zarr(group, consolidated=True, chunks=None) as part:
            columns = {name: part[name].values for name in COORDINATES}
    except Exception as problem:
        found = damaged_chunk(group, ("epoch", *COORDINATES))
        raise found or Damage(group, f"damaged ({type(problem).__name__})") from problem
    simulator, size = group.parent.name, int(group.name[2:])
    for row in zip(*(columns[name].tolist() for name in COORDINATES), strict=True):
        said = dict(zip(COORDINATES, row, strict=True))
        said["dtype"] = f"float{said.pop('precision')}"
        yield RunKey(simulator=simulator, size=size, **said)


def recover(group: Path) -> None:
    """Shorten arrays that an interrupted addition has lengthened. Raises Damage."""
    import zarr

    for name, metadata in arrays_of(group).items():
        try:
            array = zarr.open_array(group / name, mode="r+")
        except Exception as problem:
            raise Damage(group / name / "zarr.json", f"damaged ({type(problem).__name__})") from problem
        if list(array.shape) != list(metadata["shape"]):
            array.resize(tuple(metadata["shape"]))


def columns_of(key: RunKey, run: SimulatedRun) -> Columns:
    """Dimensions after ``run``, and values, of everything that is kept of a run."""
    eigenvalues = np.stack([run.eigenvalues.real, run.eigenvalues.imag], axis=-1)
    columns: Columns = {name: ((), np.asarray(getattr(key, name))) for name in COORDINATES}
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


def create(group: Path, columns: Columns) -> None:
    """Make a group with its first run in it."""
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


def append(
    group: Path,
    columns: Columns,
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
        recover(group)
        raise


def _chunks(dimensions: tuple[str, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """A run's own chunks: one, cut only along epochs."""
    return tuple(
        EPOCHS_A_CHUNK if d in ("epoch", "look") else n for d, n in zip(dimensions, shape, strict=True)
    )


def _fill(dtype: np.dtype[Any]) -> Any:
    return np.nan if dtype.kind == "f" else 0


@contextmanager
def quiet() -> Iterator[None]:
    """Without zarr's warning that consolidated metadata is an extension of its format."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
