"""Folders of figures: tried, made, and written to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from derive.command_line import UsageProblem
from derive.write.files import obstacle, write_together

ALLOWED = "allowed is a folder that can be written to"


def prepare_folder(folder: Path) -> None:
    """UsageProblem where ``folder`` is not, or cannot be made, a folder that can be written to.

    It is made for trial and taken away again: what is refused later leaves no trace.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
        for place in missing:
            place.rmdir()
    except OSError as problem:
        raise UsageProblem(f"--out {folder}: {obstacle(folder, problem)}; {ALLOWED}") from None
    if not writable:
        raise UsageProblem(f"--out {folder}: not writable; {ALLOWED}")


def save(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file into ``folder`` and return its path. Raises UsageProblem."""
    return save_together(folder, {name: content})[0]


def save_together(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write files by name into ``folder``, which is made, and return their paths. Raises UsageProblem."""
    try:
        return write_together(folder, files)
    except OSError as problem:
        raise UsageProblem(f"--out {folder}: {obstacle(folder, problem)}; {ALLOWED}") from None
