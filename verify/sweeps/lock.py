"""A lock file that the system frees when the process ends, however; on Linux, macOS and Windows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from derive.command_line import UsageProblem

LOCK = ".lock"


def locked(path: Path) -> int:
    """A descriptor that holds the lock of a store's folder, which is made where there is none.

    Raises UsageProblem where another process holds it, or the folder cannot be written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as problem:
        raise UsageProblem(
            f"{path}: {problem.strerror}; allowed is a folder that can be written to"
        ) from None
    try:
        _take(descriptor)
    except OSError:
        os.close(descriptor)
        raise UsageProblem(f"{path}: another sweep is writing to it; allowed is one at a time") from None
    return descriptor


def _take(descriptor: int) -> None:
    """Raises OSError where the lock is held."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        windows: Any = msvcrt
        windows.locking(descriptor, windows.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
