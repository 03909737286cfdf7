"""Files that are read: UTF-8 in every locale, a byte-order mark, CRLF, and what is refused in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from in_process import derive_here, refusal, run_here
from rank_one import RANK_ONE

import derive.cli
import verify.cli

ROOT = str(Path(__file__).parent.parent)
OVERLAPS = json.dumps(RANK_ONE)
GRID = 'g = [0.3] # γ\nzhat = [1.0]\nlearning_rate = "slow"\n'
READING = {  # every kind of file: the arguments, good content, and the name that messages give it
    "overlaps": ("derive overlap --evolve FILE --decay 1 --epochs 1 --steps 3", OVERLAPS, "--evolve FILE"),
    "series": ("derive overlap --evolve FILE --decay 1 --series 1", OVERLAPS, "--evolve FILE"),
    "teacher": (
        "derive overlap --evolve start.json --teacher FILE --epochs 1 --steps 3",
        OVERLAPS,
        "--teacher",
    ),
    "target": ("derive overlap --evolve start.json --target FILE --epochs 1", "[1, 0.5]", "--target FILE"),
    "modes": ("derive modes FILE --order 1", "[[1.0, 0], [0, 2]]", "FILE"),
    "verify modes": ("verify modes FILE --size 1", "[[1.0, 0], [0, 2]]", "FILE"),
    "grid": ("verify sweep FILE", GRID, "FILE"),
}
DONE_LATER = {"verify modes": "--size 1: allowed", "grid": "learning_rate = 'slow'"}
"""What is refused after the file has been read."""


def run(kind, content, folder):
    (folder / "FILE").write_bytes(content)
    (folder / "start.json").write_text(OVERLAPS)
    name, *arguments = READING[kind][0].split()
    return run_here({"derive": derive.cli.main, "verify": verify.cli.main}[name], name, *arguments)


def check_read(kind, done):
    if kind in DONE_LATER:
        assert DONE_LATER[kind] in done.stderr
    else:
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("kind", READING)
def test_utf_8_with_and_without_a_mark_and_crlf(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = READING[kind][1].replace(", ", ",\n").encode()
    for variant in (content, b"\xef\xbb\xbf" + content, content.replace(b"\n", b"\r\n")):
        check_read(kind, run(kind, variant, tmp_path))


def test_a_flow_is_read_with_a_mark_and_crlf(tmp_path):
    content = (Path(ROOT) / "docs" / "flows" / "weight_decay.toml").read_bytes()
    for name, variant in (("mark", b"\xef\xbb\xbf" + content), ("crlf", content.replace(b"\n", b"\r\n"))):
        (tmp_path / name).write_bytes(variant)
        assert derive.read_flow(tmp_path / name) == derive.read_flow(ROOT + "/docs/flows/weight_decay.toml")


@pytest.mark.slow
def test_the_locale_does_not_matter(tmp_path):
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    for locale in ("C", "POSIX"):
        environment = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        done = subprocess.run(
            [sys.executable, "-m", "verify", "sweep", "grid.toml"],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": ROOT},
            capture_output=True,
            check=False,
        )
        assert b"learning_rate = 'slow'" in done.stderr


@pytest.mark.parametrize("kind", READING)
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"", "not JSON|missing"),
        (b"{", "not JSON|not TOML"),
        (b"[" * 100_000 + b"]" * 100_000, "not JSON|not TOML"),
        (b'{"zz": 1, "zz": 2}', "zz is given twice|not TOML"),
        (b"[NaN]", "NaN is not finite|unknown key NaN"),
        (b"[" + b"1" * 5000 + b"]", "not JSON|unknown key 1111"),
    ],
    ids=["bytes", "empty", "half", "deep", "twice", "nan", "digits"],
)
def test_what_is_no_such_file(kind, content, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    complaint = refusal(run(kind, content, tmp_path))
    assert len(complaint) < 1000
    assert any(part in complaint for part in reason.split("|")), complaint
    assert READING[kind][2] in complaint


@pytest.mark.parametrize("kind", READING)
def test_places_that_are_no_files(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name, *arguments = READING[kind][0].split()
    (tmp_path / "start.json").write_text(OVERLAPS)
    main = {"derive": derive.cli.main, "verify": verify.cli.main}[name]
    for place, reason in ((".", "Is a directory"), ("none", "No such file"), ("/dev/zero", "megabytes")):
        complaint = refusal(run_here(main, name, *[place if word == "FILE" else word for word in arguments]))
        assert reason in complaint


def test_generated_files_with_crlf_are_up_to_date(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert derive_here("--order", "2").returncode == 0
    for path in (tmp_path / "generated").iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert derive_here("--check").returncode == 0
    path.write_bytes(path.read_bytes().replace(b"2", b"3", 1))
    assert derive_here("--check", "--order", "2").returncode == 1
