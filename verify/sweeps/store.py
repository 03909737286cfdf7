"""A zarr store of finished runs that no interruption can damage.

    STORE/                           attributes: verify_store (its version), holds, versions, commands
      SIMULATOR/N_SIZE/              one group per simulator and size; dimension ``run``
        g, zhat, seed, learning_rate, epochs, precision               (run,)
        tolerance, eigenvalue_stride, matrix_free, momentum, nesterov (run,)
        readout, loss, gradient_norm, frobenius_norm, shuffled_loss   (run, epoch)
        singular_values (run, epoch, mode), eigenvalues (run, look, outlier, part)
        left, right (run, neuron, factor), strengths (run, factor)    W = W0 + left strengths right^T

A store of trained networks has groups of its own (`verify.training.layout`).

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
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.command_line import UsageProblem
from verify.sweeps.damage import (
    Damage,
    arrays_of,
    contents,
    groups_in,
    metadata,
    put_aside,
    refusal,
)
from verify.sweeps.dataset import FIRST, VERSION, check_version
from verify.sweeps.layout import SIMULATIONS, RunLayout
from verify.sweeps.lock import LOCK, locked
from verify.sweeps.run_group import append, create, keys_of, quiet, recover

if TYPE_CHECKING:
    import zarr


class Store:
    """A store open for writing; use as a context manager. Raises UsageProblem where it cannot be.

    Makes the folder where there is none. Another process that writes to it is refused, and a group that
    cannot be read; with ``repair`` it is put aside and ``repaired`` says so.
    """

    def __init__(
        self, path: Path | str, command: str = "", repair: bool = False, layout: RunLayout = SIMULATIONS
    ) -> None:
        path = Path(path)
        self.path, self.layout = path, layout
        self._lock = locked(path)
        self._open: dict[Path, dict[str, zarr.Array[Any]]] = {}
        try:
            self.repaired = _repaired_root(path, layout) if repair else []
            _root(path, command, layout, bool(self.repaired))
            self._keys: dict[Any, tuple[Path, int]] = {}
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
            recover(group)
            for row, key in enumerate(keys_of(group, self.layout)):
                self._keys[key] = group, row
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

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def place(self, key: Any) -> tuple[Path, int]:
        """The group of a run that is there, and its row in it."""
        return self._keys[key]

    def add(self, key: Any, run: Any) -> None:
        """Append a finished run. Raises OSError where the disk is full; the store is then as before."""
        group = self.path / self.layout.group(key)
        columns = self.layout.columns(key, run)
        with quiet():
            if group.is_dir():
                row = append(group, columns, self._open.setdefault(group, {}), self.layout.later)
            else:
                create(group, columns, self.layout.coordinates)
                row = 0
        self._keys[key] = group, row


def _repaired_root(path: Path, layout: RunLayout) -> list[str]:
    """Take the root's file away where it is damaged and all groups that can be read are of this layout.

    What was done, in a line.
    """
    try:
        metadata(path)
    except Damage as damage:
        readable = []
        for group in groups_in(path):
            with suppress(Damage):
                readable.append(arrays_of(group))
        needed = set(layout.coordinates) - set(layout.later)
        if not readable or not all(needed <= set(arrays) for arrays in readable):
            return []
        damage.path.unlink(missing_ok=True)
        return [f"{damage}; it is written anew, without the commands that it listed"]
    return []


def _root(path: Path, command: str, layout: RunLayout, repaired: bool) -> None:
    """Make the root group, or check its version and add the command to its attributes."""
    import zarr

    if not (path / "zarr.json").is_file():
        others = [entry.name for entry in path.iterdir() if entry.name not in (LOCK, *layout.beside)]
        if others and not repaired:
            way_out = ", or --repair of a store that has lost its zarr.json" if groups_in(path) else ""
            raise UsageProblem(
                f"{path}: a folder with other things in it ({others[0]}, ...); "
                f"allowed is a store or an empty folder{way_out}"
            )
        attributes: dict[str, Any] = {"verify_store": VERSION, "holds": layout.holds}
        attributes |= {"versions": _versions(), "commands": []}
    else:
        found = check_version(path, layout)
        if found == FIRST:
            raise UsageProblem(
                f"{path}: a store of version {found}, whose runs do not say their tolerance, stride and "
                "solver; allowed is another --store (`verify.open` reads this one)"
            )
        attributes = metadata(path)["attributes"] | {"verify_store": VERSION}
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
