"""Packages of an extra that a command needs and a base installation lacks."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from derive.command_line import UsageProblem


def need_extra(*packages: str) -> None:
    """Raises UsageProblem, with the command to install them, where packages are not installed."""
    missing = [name for name in packages if not _installed(name)]
    if missing:
        raise UsageProblem(
            f'{", ".join(missing)} not installed; install with: pip install "derive-rnn[verify]"'
        )


def _installed(name: str) -> bool:
    if name in sys.modules:  # None there forbids the import, and find_spec would raise
        return sys.modules[name] is not None
    return find_spec(name) is not None
