"""Folders of figures: made, and written to."""

from __future__ import annotations

import os
from pathlib import Path

from derive.command_line import UsageProblem

ALLOWED = "allowed is a folder that can be written to"


def prepare_folder(folder: Path) -> None:
    """Make ``folder``; UsageProblem where that, or writing into it, is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UsageProblem(f"--out {folder}: {problem.strerror}; {ALLOWED}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageProblem(f"--out {folder}: not writable; {ALLOWED}")


def save(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file into ``folder`` and return its path. Raises UsageProblem."""
    from derive.write.files import write_atomically

    path = folder / name
    try:
        write_atomically(path, content)
    except OSError as problem:
        raise UsageProblem(f"--out {folder}: {problem.strerror}; {ALLOWED}") from None
    return path
