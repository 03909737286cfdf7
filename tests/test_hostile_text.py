"""Text from options, files, headers and stores is data: whatever it says, none of it is compiled or run.

An audit hook watches everything that Python compiles while a command runs: text that holds the token of
these tests must not be among it. Every command takes every hostile text in every option and file.
"""

import json
import os
import sys
import time

import click
import pytest
import typer
from in_process import run_here

import derive.cli
import verify.cli

TOKEN = "zqx"
HOSTILE = (
    f"\uff47\uff45\uff54\uff41\uff54\uff54\uff52({TOKEN}, 'a')",  # full-width letters
    f"__import__('os').system('{TOKEN}')",
    f"x.{TOKEN}()",
    f"(lambda: {TOKEN})()",
    f"[{TOKEN} for x in (1,)][0]",
    f"1\nimport {TOKEN}",
    f"9**9**9**9*{TOKEN}",
    f"{TOKEN}\u2126\u00b2",
)
NETWORK = {"zz": 1, "zv": 0, "zm": 0.3, "zu": 0.2, "vv": 1, "vm": 0.2, "vu": 0.4, "mm": 1, "mu": 0, "uu": 1}
COMMANDS = dict(typer.main.get_command(derive.cli.app).commands)
WORKING = {  # arguments with which a command works, so that one more is what is refused
    "": ["--order", "1", "--no-write"],
    "curve": ["--g", "0.3", "--zhat", "1", "--times", "0.1"],
    "radius": ["--g", "0.3", "--zhat", "1"],
    "learning-times": ["--g", "0.3", "--zhat", "1"],
    "stability": ["--g", "0.3", "--zhat", "1", "--multiples", "0.5", "--epochs", "1"],
    "moment": [],
    "modes": ["target.json", "--order", "1"],
    "network": ["--size", "8"],
    "outliers": ["--g", "0.3", "--zhat", "1", "--times", "0.1"],
    "overlap": ["--evolve", "start.json", "--decay", "0.3", "--epochs", "1", "--steps", "4"],
}
VERIFY = {"": [], "sweep": ["--g", "0.3", "--zhat", "1", "--learning-rate", "0.1"], "modes": ["target.json"]}
PLACES = ("out", "store", "install_completion", "show_completion")  # names of folders and files: not read

_compiled = []
_watching = False


def _watch(event, arguments):
    if _watching and event == "compile":
        _compiled.append(str(arguments[0]))


sys.addaudithook(_watch)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with the files that the commands read; nothing with the token is compiled in it."""
    global _watching
    monkeypatch.chdir(tmp_path)
    (tmp_path / "start.json").write_text(json.dumps(NETWORK))
    (tmp_path / "target.json").write_text("[[1, 0.5], [0, 0.25]]")
    _compiled.clear()
    _watching = True
    yield tmp_path
    _watching = False
    assert [text for text in _compiled if TOKEN in text] == []


def refused(main, name, *arguments):
    """The command refuses with one line and status 2, at once."""
    start = time.perf_counter()
    done = run_here(main, name, *arguments)
    assert done.returncode == 2, (arguments, done)
    assert done.stderr.count("\n") == 1, (arguments, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert time.perf_counter() - start < 20
    return done


def text_options(command):
    """Its options and arguments that take a value."""
    for parameter in command.params:
        if parameter.name not in PLACES and not getattr(parameter, "is_flag", False):
            yield parameter.opts[0] if isinstance(parameter, click.Option) else None


def cases(app, working):
    group = typer.main.get_command(app)
    for name in ("", *group.commands):
        command = group.commands[name] if name else group
        for option in text_options(command):
            yield pytest.param(name, option, working.get(name, []), id=f"{name or 'main'} {option or 'WORD'}")


@pytest.mark.parametrize(("command", "option", "working"), cases(derive.cli.app, WORKING))
def test_every_option_of_derive(command, option, working, folder):
    for text in HOSTILE:
        given = [option, text] if option else [text]
        arguments = given + working[1:] if option is None else working + given
        if option in ("--network", "--target", "--teacher", "--evolve"):
            assert not os.path.exists(text)
        refused(derive.cli.main, "derive", *([command] if command else []), *arguments)


@pytest.mark.parametrize(("command", "option", "working"), cases(verify.cli.app, VERIFY))
def test_every_option_of_verify(command, option, working, folder):
    for text in HOSTILE:
        given = [option, text] if option else [text]
        arguments = given + working[1:] if option is None else working + given
        refused(verify.cli.main, "verify", *([command] if command else []), *arguments)
