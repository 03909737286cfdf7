"""What is broken in a store of runs: which file, and how a group that cannot be read is put aside."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from derive.command_line import UsageProblem

NAME = re.compile(r"N_[0-9]{1,9}")


class Damage(Exception):
    """A file of a store that does not hold what it should."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


def groups_in(store: Path) -> list[Path]:
    """The folders of all groups, whole or damaged."""
    return sorted(path for path in store.glob("*/N_*") if path.is_dir() and NAME.fullmatch(path.name))


def metadata(group: Path) -> dict[str, Any]:
    """What a group's own ``zarr.json`` says. Raises Damage."""
    path = group / "zarr.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Damage(path, "it is missing") from None
    except (OSError, ValueError, RecursionError) as problem:
        raise Damage(path, f"damaged ({str(problem).splitlines()[0]})") from None
    if not isinstance(content, dict) or not isinstance(content.get("attributes"), dict):
        raise Damage(path, "damaged (it is no group of zarr)")
    return content


def arrays_of(group: Path) -> dict[str, Any]:
    """Metadata of a group's arrays as its own file has it. Raises Damage."""
    try:
        arrays: dict[str, Any] = metadata(group)["consolidated_metadata"]["metadata"]
        if not all(isinstance(array["shape"], list) for array in arrays.values()):
            raise TypeError
        arrays["loss"], arrays["epoch"]
    except (KeyError, TypeError, AttributeError):
        raise Damage(group / "zarr.json", "damaged (the list of its arrays is not whole)") from None
    return arrays


def damaged_chunk(group: Path, names: Iterable[str]) -> Damage | None:
    """The first file of the arrays named that cannot be read, looked for chunk by chunk."""
    import zarr

    for name in names:
        try:
            array: Any = zarr.open_array(group / name, mode="r")
        except Exception as problem:
            return Damage(group / name / "zarr.json", f"damaged ({type(problem).__name__})")
        counts = [-(-n // chunk) for n, chunk in zip(array.shape, array.chunks, strict=True)]
        for place in itertools.product(*map(range, counts)):
            where = tuple(slice(i * n, (i + 1) * n) for i, n in zip(place, array.chunks, strict=True))
            try:
                array[where]
            except Exception as problem:
                return Damage(
                    group / name / "c" / "/".join(map(str, place)), f"damaged ({type(problem).__name__})"
                )
    return None


def refusal(damage: Damage, group: Path) -> UsageProblem:
    """One line for a group that cannot be read, and the way out."""
    return UsageProblem(
        f"{damage}; the runs of {group} cannot be read; allowed is --repair (of verify sweep), which puts "
        f"that group ({contents(group)}) aside and does its runs again"
    )


def drop_damaged(folder: Path) -> None:
    """Take away the file of a folder above groups where it is damaged: it says nothing that is not known."""
    try:
        metadata(folder)
    except Damage as damage:
        damage.path.unlink(missing_ok=True)


def contents(group: Path) -> str:
    """What stands in the folder of a group, counted: runs by their chunks of the loss, and bytes."""
    runs = len([path for path in (group / "loss" / "c").glob("*") if path.name.isdigit()])
    size = sum(path.stat().st_size for path in group.rglob("*") if path.is_file())
    return f"about {runs} runs, {size / 1e6:.3g} megabytes"


def put_aside(group: Path) -> Path:
    """Move a damaged group out of the store's sight; its new place, beside it."""
    place = group.parent / f"damaged-{group.name}-{uuid.uuid4().hex[:8]}"
    shutil.move(group, place)
    return place
