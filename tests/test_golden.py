"""Everything that `derive` prints, held against outputs kept from before: tests/golden/COMMAND.json.xz.

`python tests/test_golden.py` makes them anew and names those that changed: a deliberate change of bytes is
a commit of its own that says why.
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
from golden_cases import CASES, TOLERANCE, Case, write_inputs
from in_process import run_here

from derive.cli import main

GOLDEN = Path(__file__).parent / "golden"
NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


def output(case: Case) -> str:
    """What the command prints; a complaint is a failure."""
    done = run_here(main, "derive", *case.words)
    assert done.returncode == 0, f"{case.arguments}: {done.stderr}"
    return done.stdout


def archive(case: Case) -> Path:
    """Where the case is kept: one file a command."""
    command = case.words[0]
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


def agrees(before: str, after: str) -> bool:
    """The same text around numbers that agree to the tolerance."""
    if NUMBER.sub("#", before).split() != NUMBER.sub("#", after).split():
        return False
    pairs = zip(NUMBER.findall(before), NUMBER.findall(after), strict=True)
    return all(abs(float(a) - float(b)) <= TOLERANCE * max(1.0, abs(float(a))) for a, b in pairs if a != b)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_output_is_as_kept(case, inputs, monkeypatch):
    monkeypatch.chdir(inputs)
    before, after = kept(archive(case))[case.name], output(case)
    same = before == after if case.exact else agrees(before, after)
    assert same, differences(before, after)


def test_nothing_is_kept_without_a_case():
    names = {case.name for case in CASES}
    assert len(names) == len(CASES)
    assert {name for path in GOLDEN.glob("*.json.xz") for name in kept(path)} == names


def make() -> None:
    """Write every archive anew, and print the names of outputs that changed."""
    import os

    with tempfile.TemporaryDirectory() as folder:
        write_inputs(Path(folder))
        before = os.getcwd()
        os.chdir(folder)
        try:
            outputs = {case: output(case) for case in CASES}
        finally:
            os.chdir(before)
    archives: dict[Path, dict[str, str]] = {}
    for case, text in outputs.items():
        old = kept(archive(case)).get(case.name)
        unchanged = old is not None and (old == text if case.exact else agrees(old, text))
        archives.setdefault(archive(case), {})[case.name] = old if unchanged else text
        if not unchanged:
            print("new" if old is None else "changed", case.name)
    GOLDEN.mkdir(exist_ok=True)
    for path, content in archives.items():
        packed = lzma.compress(json.dumps(content, indent=0, ensure_ascii=False).encode(), preset=9)
        if not path.exists() or lzma.decompress(path.read_bytes()) != lzma.decompress(packed):
            path.write_bytes(packed)


if __name__ == "__main__":
    make()
