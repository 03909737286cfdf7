"""All that `derive` and `verify` print, held against outputs kept from before: tests/golden/COMMAND.json.xz.

`PYTHONPATH=tests/helpers python tests/test_golden.py` makes them anew and names those that changed: a
deliberate change of bytes is a commit of its own that says why.
"""

from __future__ import annotations

import difflib
import json
import lzma
import re
import tempfile
from functools import cache
from pathlib import Path

import pytest
from golden_cases import CASES, TOLERANCE, VERIFIED, Case, write_inputs
from in_process import run_here
from project import TESTS

from derive.cli import main as derive
from verify.cli import main as verify

ALL = [*CASES, *VERIFIED]
GOLDEN = TESTS / "golden"
NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


def output(case: Case) -> str:
    """What the command prints; a complaint is a failure."""
    main = {"derive": derive, "verify": verify}[case.program]
    done = run_here(main, case.program, *case.words)
    assert done.returncode == 0, f"{case.arguments}: {done.stderr}"
    return done.stdout


def archive(case: Case) -> Path:
    """Where the case is kept: one file a command."""
    command = case.words[0] if case.program == "derive" else case.program
    return GOLDEN / f"{'expansion' if command.startswith('-') else command}.json.xz"


@cache
def kept(path: Path) -> dict[str, str]:
    return json.loads(lzma.decompress(path.read_bytes())) if path.exists() else {}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    write_inputs(folder)
    return folder


def differences(before: str, after: str) -> str:
    """The first lines that differ, before and after."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "kept", "printed", lineterm="", n=0)
    return "\n".join(list(lines)[:40])


def agrees(before: str, after: str, floor: float = 1.0) -> bool:
    """The same text around numbers that agree to the tolerance, relative or of ``floor``."""
    if NUMBER.sub("#", before).split() != NUMBER.sub("#", after).split():
        return False
    pairs = zip(NUMBER.findall(before), NUMBER.findall(after), strict=True)
    return all(abs(float(a) - float(b)) <= TOLERANCE * max(floor, abs(float(a))) for a, b in pairs if a != b)


def unchanged(case: Case, before: str | None, after: str) -> bool:
    """Whether the output is what it was, to the accuracy of the case."""
    return before is not None and (before == after if case.exact else agrees(before, after, case.floor))


SLOW = [*VERIFIED, *(case for case in CASES if re.search("--certified|--solutions", case.arguments))]
PARAMETERS = [pytest.param(case, marks=[pytest.mark.slow] if case in SLOW else []) for case in ALL]


@pytest.mark.parametrize("case", PARAMETERS, ids=lambda case: case.name)
def test_output_is_as_kept(case, inputs, monkeypatch):
    monkeypatch.chdir(inputs)
    before, after = kept(archive(case))[case.name], output(case)
    assert unchanged(case, before, after), differences(before, after)


def test_nothing_is_kept_without_a_case():
    names = {case.name for case in ALL}
    assert len(names) == len(ALL)
    assert {name for path in GOLDEN.glob("*.json.xz") for name in kept(path)} == names


def make() -> None:
    """Write every archive anew, and print the names of outputs that changed."""
    import os

    with tempfile.TemporaryDirectory() as folder:
        write_inputs(Path(folder))
        before = os.getcwd()
        os.chdir(folder)
        try:
            outputs = {case: output(case) for case in ALL}
        finally:
            os.chdir(before)
    archives: dict[Path, dict[str, str]] = {}
    for case, text in outputs.items():
        old = kept(archive(case)).get(case.name)
        same = unchanged(case, old, text)
        archives.setdefault(archive(case), {})[case.name] = old if same else text
        if not same:
            print("new" if old is None else "changed", case.name)
    GOLDEN.mkdir(exist_ok=True)
    for path, content in archives.items():
        packed = lzma.compress(json.dumps(content, indent=0, ensure_ascii=False).encode(), preset=9)
        if not path.exists() or lzma.decompress(path.read_bytes()) != lzma.decompress(packed):
            path.write_bytes(packed)


if __name__ == "__main__":
    make()
