"""One group of a store: runs of one kind and size, added so that no interruption damages them."""

from __future__ import annotations

import shutil
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from verify.sweeps.damage import Damage, arrays_of, damaged_chunk, drop_damaged
from verify.sweeps.layout import Columns, RunLayout

if TYPE_CHECKING:
    import zarr

EPOCHS_A_CHUNK = 1024


def keys_of(group: Path, layout: RunLayout) -> Iterator[Any]:
    """What its runs were asked for. Raises Damage."""
    import xarray

    try:
        with quiet(), xarray.open_zarr(group, consolidated=True, chunks=None) as part:
            without = {name: was for name, was in layout.later.items() if name not in part}
            columns = {name: np.full(part.sizes["run"], was) for name, was in without.items()}
            columns |= {name: part[name].values for name in layout.coordinates if name not in without}
    except Exception as problem:
        there = [x for x in layout.coordinates if x not in layout.later or (group / x).exists()]
        found = damaged_chunk(group, ("epoch", *there))
        raise found or Damage(group, f"damaged ({type(problem).__name__})") from problem
    yield from layout.keys(group.parent.name, int(group.name[2:]), columns)


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


def create(group: Path, columns: Columns, coordinates: Sequence[str]) -> None:
    """Make a group with its first run in it."""
    import zarr

    group.parent.mkdir(exist_ok=True)
    drop_damaged(group.parent)
    zarr.open_group(group.parent, mode="a")
    temporary = group.parent / f".new-{uuid.uuid4().hex}"
    try:
        zarr.open_group(temporary, mode="w", attributes={"coordinates": " ".join(coordinates)})
        epochs = np.arange(columns["loss"][1].shape[0])
        zarr.create_array(
            temporary / "epoch", data=epochs, chunks=(EPOCHS_A_CHUNK,), dimension_names=("epoch",)
        )
        for name, (dimensions, values) in columns.items():
            _array(temporary / name, 1, dimensions, values, _fill(values.dtype))[0] = values
        zarr.consolidate_metadata(temporary)
        temporary.rename(group)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def append(
    group: Path,
    columns: Columns,
    opened: dict[str, zarr.Array[Any]],
    later: Mapping[str, Any],
) -> int:
    """Append a run, its row; ``opened`` keeps the group's arrays from one run to the next.

    Arrays of ``later`` that the group lacks are made, with what they say of the runs before.
    """
    import zarr

    arrays = arrays_of(group)
    count = arrays["loss"]["shape"][0]
    try:
        for name, (dimensions, values) in columns.items():
            if name not in opened and name in later and name not in arrays:
                opened[name] = _array(group / name, count, dimensions, values, later[name])
            if name not in opened:
                opened[name] = zarr.open_array(group / name, mode="r+")
            array = opened[name]
            rest = tuple(max(a, b) for a, b in zip(array.shape[1:], values.shape, strict=True))
            array.resize((count + 1, *rest))
        epoch = zarr.open_array(group / "epoch", mode="r+")
        long = opened["loss"].shape[1]
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
    return int(count)


def _array(path: Path, runs: int, dimensions: tuple[str, ...], values: Any, fill: Any) -> zarr.Array[Any]:
    """An array for values like these of so many runs."""
    import zarr

    return zarr.create_array(
        path,
        shape=(runs, *values.shape),
        dtype=values.dtype,
        chunks=(1, *_chunks(dimensions, values.shape)),
        dimension_names=("run", *dimensions),
        fill_value=fill,
        overwrite=True,
    )


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
