"""The page on extending: its code runs, in order, as it stands, and what it adds is in every command."""

import re
import subprocess
import sys

import numpy as np
import pytest
from in_process import run_here
from project import ROOT

from derive import FixedPointTask, Instance, cli, expand
from derive.document.expansion import expansion_document
from derive.document.model import Layout
from derive.document.request import Request
from derive.observables import registry
from derive.write import writers
from derive.write.code import languages

PAGE = ROOT / "docs" / "extending.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
ARGUMENTS = {
    "": "--order 3 --no-write",
    "curve": "--g 0.6 --zhat 1 --until 0.5",
    "flow": f"{ROOT}/docs/flows/hebbian.toml --order 2 --no-write",
    "closed-form": "--g 0.6 --nodes 2",
    "radius": "--g 0.5 --zhat 1",
    "learning-times": "--g 0.5 --zhat 1",
    "stability": "--g 0.5 --zhat 1",
    "moment": "B",
    "modes": "modes.json --order 3",
    "network": "network.npz --zhat 1 --order 3",
    "outliers": "--g 0.6 --zhat 1 --times 0.1",
    "overlap": "--rank 1",
}
NUMBERS = (
    "flow {root}/docs/flows/gradient.toml --curve --times 0.1",
    "overlap --start random --size 20 --seed 1 --decay 0.2 --epochs 5 --learning-rate 0.01",
    "curve --g 0.6 --zhat 1 --learning-rate 0.01 --epochs 5",
    "curve --g 0.6 --zhat 1 --times 0.1 --certified",
    "curve --network network.npz --zhat 1 --until 0.5",
)
WITHOUT_FORMATS = {"explore", "squares"}


@pytest.fixture
def extended(monkeypatch, tmp_path):
    """The names of the page, everything on it registered; afterwards the registries are as they were."""
    cli.application(tuple(cli.COMMANDS))  # what comes later is offered by commands that are imported, too
    monkeypatch.chdir(ROOT)
    mappings = (writers.WRITERS, languages.LANGUAGES, cli.COMMANDS)
    kept, observables = [dict(mapping) for mapping in mappings], list(registry.OBSERVABLES)
    names: dict[str, object] = {}
    for block in BLOCKS:
        exec(compile(block, str(PAGE), "exec"), names)
    cli.application.cache_clear()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "modes.json").write_text("[[0.5, 0.2], [0.1, 0.3]]")
    network = Instance.sample(20, 0.5, 1)
    np.savez(tmp_path / "network.npz", W0=network.W0, m=network.m, w=network.w)
    yield names
    for mapping, before in zip(mappings, kept, strict=True):
        mapping.clear()
        mapping.update(before)
    registry.OBSERVABLES[:] = observables
    cli.application.cache_clear()


def run(*arguments):
    done = run_here(cli.main, "derive", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_code_of_the_page_runs(extended, capsys):
    assert len(BLOCKS) == 6
    extended["squares"]("4")
    assert capsys.readouterr().out == "0 1 4 9\n"
    with pytest.raises(extended["UsageProblem"]):
        extended["squares"]("0")


def test_the_paths_of_the_page_exist():
    for path in re.findall(r"`((?:derive|tests)/[\w/.]+)`", PAGE.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path


def test_the_format_of_the_page_prints_a_document(extended):
    document = expansion_document(expand(FixedPointTask(), 2), Request(2))
    assert "- readout z: (zhat*beta**2) tau^1 + ..." in extended["markdown"](document, Layout())


def test_all_commands_are_walked():
    assert {*ARGUMENTS, *WITHOUT_FORMATS} == {"", "squares", *cli.COMMANDS}


@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_new_format_is_one_of_every_command(extended, command):
    arguments = [command] * bool(command) + ARGUMENTS[command].split()
    text = run(*arguments, "--format", "markdown")
    assert command not in ("", "flow") or text.startswith("- ")
    assert "markdown" in run(*[command] * bool(command), "--help")
    done = run_here(cli.main, "derive", *arguments, "--format", "nothing")
    assert (done.returncode, "markdown" in done.stderr) == (2, True)


@pytest.mark.parametrize("arguments", NUMBERS)
def test_a_new_format_is_one_of_every_kind_of_curve(extended, arguments):
    run(*arguments.format(root=ROOT).split(), "--format", "markdown")


@pytest.mark.parametrize("command", ["", "flow", "moment", "modes", "network", "closed-form"])
def test_a_new_language_is_one_of_every_command_of_formulas(extended, command, tmp_path):
    arguments = [command] * bool(command) + ARGUMENTS[command].replace(" --no-write", "").split()
    assert run(*arguments, "--format", "outline")
    if not command:
        assert "readout" in (tmp_path / "generated" / "order_3.txt").read_text().splitlines()


def test_a_new_observable_is_in_every_format(extended):
    for form in (*writers.FORMULAS, *languages.LANGUAGES, "markdown"):
        text = run(*ARGUMENTS[""].split(), "--format", form)
        assert re.search("input.?gain", text, re.IGNORECASE), form


def test_a_program_of_ones_own_takes_the_place_of_the_command(tmp_path):
    """In a process of its own, by the page alone; the command next to it knows nothing of it."""
    blocks = [*BLOCKS, 'import os\nos.chdir(os.environ["HERE"])\nmain()\n']
    (tmp_path / "mine.py").write_text("\n".join(blocks))
    for arguments, expected in (
        (["squares", "--count", "4"], "0 1 4 9"),
        (["--order", "2", "--no-write", "--format", "markdown"], "- input gain |b|^2: (beta) tau^0 + ..."),
    ):
        done = subprocess.run(
            [sys.executable, tmp_path / "mine.py", *arguments],
            cwd=ROOT,
            env={"PATH": "", "PYTHONPATH": str(ROOT), "HERE": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert expected in done.stdout
    assert run_here(cli.main, "derive", "squares").returncode == 2
