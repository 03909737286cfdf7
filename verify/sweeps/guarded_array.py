"""Arrays of a store that are read when they are first needed, and then name the file that is damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xarray
from xarray.backends import BackendArray
from xarray.core import indexing

from verify.sweeps.damage import Damage, damaged_chunk, refusal


class GuardedArray(BackendArray):
    """One array of a group, read lazily. Raises UsageProblem, with the file's name, where it cannot be."""

    def __init__(self, group: Path, name: str, array: Any) -> None:
        self.group, self.name, self.array = group, name, array
        self.shape, self.dtype = array.shape, array.dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._read)

    def _read(self, key: tuple[Any, ...]) -> Any:
        try:
            return self.array[key]
        except Exception as problem:
            damage = damaged_chunk(self.group, [self.name])
            damage = damage or Damage(self.group / self.name, f"damaged ({type(problem).__name__})")
            raise refusal(damage, self.group) from problem


def guarded(part: xarray.Dataset, group: Path) -> xarray.Dataset:
    """The Dataset of a group, its data variables read by `GuardedArray`."""
    import zarr

    arrays = zarr.open_group(group, mode="r", use_consolidated=True)
    variables = {
        name: xarray.Variable(
            part[name].dims,
            indexing.LazilyIndexedArray(GuardedArray(group, str(name), arrays[str(name)])),
            part[name].attrs,
        )
        for name in part.data_vars
    }
    return part.assign(variables)
