"""Reading a store of runs as one labelled Dataset; `verify.sweeps.store` says how it is laid out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem
from verify.extras import need_extra
from verify.sweeps.damage import Damage, arrays_of, damaged_chunk, groups_in, metadata, refusal
from verify.sweeps.layout import FIRST_COORDINATES, LATER, SECOND_COORDINATES, SIMULATIONS, RunLayout

if TYPE_CHECKING:
    import xarray

FIRST, VERSION = 1, 3
READABLE: dict[int, tuple[str, ...]] = {FIRST: FIRST_COORDINATES}
READABLE |= dict.fromkeys((2, VERSION), (*FIRST_COORDINATES, *SECOND_COORDINATES))
"""The versions that can be read, and what they say of every run."""

WIDE = ("left", "right")
PARTS = ("real", "imaginary")


def open_store(
    path: str | Path, simulator: str | None = None, size: int | None = None, plain: bool = False
) -> xarray.Dataset:
    """The finished runs of a store as one labelled Dataset with dimension ``run``.

    Coordinates: ``simulator``, ``size``, ``g``, ``zhat``, ``seed``, ``learning_rate``, ``epochs``,
    ``precision`` (bits), ``tolerance``, ``eigenvalue_stride``, ``matrix_free`` of each run (these three
    not in stores of version 1), ``momentum``, ``nesterov``, and ``tau`` of each run and epoch.
    ``simulator`` and ``size`` choose groups. The factors of W (``left``, ``right``) are there where all
    chosen groups have one size. Shorter runs are filled with nan. ``plain``: no complex numbers and
    attributes of text alone, as netCDF
    has them: ``verify.open("runs", plain=True).to_netcdf("runs.nc")``; ``eigenvalues`` then has a
    dimension ``part``, real and imaginary. Safe while a sweep is writing. Raises UsageProblem where there is
    no store, or one of another version, or no such group, or one that is damaged; large arrays are read
    when they are needed, and a damaged file of one raises it then.
    """
    need_extra("xarray", "zarr")
    import xarray

    path = Path(path)
    coordinates = READABLE[check_version(path)]
    chosen = [
        group
        for group in groups_in(path)
        if simulator in (None, group.parent.name) and size in (None, int(group.name[2:]))
    ]
    if not chosen:
        have = ", ".join(f"{group.parent.name} {group.name}" for group in groups_in(path)) or "none yet"
        raise UsageProblem(
            f"{path}: no runs of simulator {simulator or 'any'}, size {size or 'any'}; there are: {have}"
        )
    parts = [_opened(group, coordinates) for group in chosen]
    if len({group.name for group in chosen}) > 1:
        parts = [part.drop_vars(WIDE) for part in parts]
    looks = max(part.sizes["look"] for part in parts)
    parts = [part.pad(look=(0, looks - part.sizes["look"])) for part in parts]
    whole = parts[0] if len(parts) == 1 else xarray.concat(parts, "run", join="outer", combine_attrs="drop")
    whole = whole.assign_coords(tau=whole["learning_rate"] / (1 - whole["momentum"]) * whole["epoch"])
    root = metadata(path)["attributes"]
    if plain:
        texts = {name: v if isinstance(v, int | str) else json.dumps(v) for name, v in root.items()}
        return whole.assign_coords(part=list(PARTS)).drop_attrs().assign_attrs(texts)
    eigenvalues = whole["eigenvalues"].isel(part=0) + 1j * whole["eigenvalues"].isel(part=1)
    return whole.drop_vars("eigenvalues").assign(eigenvalues=eigenvalues).assign_attrs(root)


def _opened(group: Path, coordinates: Sequence[str]) -> xarray.Dataset:
    """The runs of one group with all that says what they are. Raises UsageProblem."""
    import xarray

    from verify.sweeps.guarded_array import guarded

    try:
        arrays_of(group)
        part = guarded(xarray.open_zarr(group, consolidated=True, chunks=None), group)
        for name in (*coordinates, *(name for name in LATER if name in part)):
            part[name].load()
    except Damage as damage:
        raise refusal(damage, group) from None
    except UsageProblem:
        raise
    except Exception as problem:
        later = [name for name in LATER if (group / name).exists()]
        raise found(group, problem, (*coordinates, *later)) from problem
    known = {**LATER, "simulator": group.parent.name, "size": int(group.name[2:])}
    given = {name: ("run", [x] * part.sizes["run"]) for name, x in known.items() if name not in part}
    return part.set_coords([name for name in LATER if name in part]).assign_coords(given)


def found(group: Path, problem: Exception, names: Sequence[str]) -> UsageProblem:
    """A group whose arrays cannot be read: the file that is damaged, by looking for it."""
    damage = damaged_chunk(group, ("epoch", *names)) or Damage(group, f"damaged ({type(problem).__name__})")
    return refusal(damage, group)


def check_version(path: Path, layout: RunLayout = SIMULATIONS) -> int:
    """The version of a store of these runs that can be read. Raises UsageProblem."""
    try:
        attributes = metadata(path)["attributes"]
        version = attributes["verify_store"]
    except Damage as damage:
        reason = f"not a store of runs ({damage.path.name}: {damage.reason})"
        way_out = ", or --repair of that command, which writes the file anew" if groups_in(path) else ""
        raise UsageProblem(
            f"{path}: {reason}; allowed is a folder made by `{layout.made_by}`{way_out}"
        ) from None
    except KeyError:
        raise UsageProblem(
            f"{path}: not a store of runs; allowed is a folder made by `{layout.made_by}`"
        ) from None
    if not isinstance(version, int) or version not in READABLE:
        versions = " and ".join(map(str, READABLE))
        raise UsageProblem(f"{path}: a store of version {str(version)[:80]}; allowed are versions {versions}")
    holds = attributes.get("holds", SIMULATIONS.holds)
    if holds != layout.holds:
        raise UsageProblem(
            f"{path}: a store of {str(holds)[:80]}; allowed is one of {layout.holds}, made by "
            f"`{layout.made_by}`"
        )
    return version
