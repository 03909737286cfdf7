"""``derive overlap --evolve`` and ``--start``: the overlaps that learning starts from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.command_line import UsageProblem, refused, whole_number
from derive.commands.data_file import read_json

if TYPE_CHECKING:
    from derive.overlaps.problem import OverlapProblem

RANDOM = ("random", "balanced")
DEFAULT_SIZE = "500"


def start_file(evolve: Path | None, start: str | None) -> Path | None:
    """The file of named overlaps, of ``--evolve`` or of ``--start``; None for a random start or none."""
    if evolve is not None and start is not None:
        raise UsageProblem(f"--evolve {evolve} and --start {start}: allowed is one of them")
    if evolve is not None:
        return evolve
    return Path(start) if start is not None and start not in RANDOM else None


def random_overlaps(problem: OverlapProblem, start: str, size: str | None, seed: int) -> Any:
    """S of a random or balanced network; the linear network must be stable."""
    neurons = whole_number("--size", size or DEFAULT_SIZE, problem.size)
    from derive.overlaps.starts import random_start

    with refused(f"--start {start} --size {neurons} --seed {seed}: "):
        return _stable(problem, random_start(problem, neurons, seed, balanced=start == "balanced"))


def read_overlaps(problem: OverlapProblem, path: Path, option: str) -> Any:
    """S from a file of named overlaps; the linear network must be stable."""
    named = read(path, option)
    if not isinstance(named, dict):
        raise UsageProblem(f"{option} {path}: allowed is an object of named overlaps")
    with refused(f"{option} {path}: "):
        return _stable(problem, problem.matrix(named))


def read(path: Path, option: str) -> Any:
    """What the JSON file of an option holds. Raises UsageProblem."""
    return read_json(path, f"{option} {path}", "allowed is a JSON file")


def _stable(problem: OverlapProblem, S: Any) -> Any:
    """S itself. Raises ValueError for a linear network that is not stable."""
    if problem.nonlinearity == "linear":
        from derive.overlaps.continuous_filter import effective_system

        effective_system(problem, S)
    return S
