"""Text from options, files, headers and stores is data: whatever it says, none of it is compiled or run.

An audit hook watches everything that Python compiles while a command runs: text that holds the token of
these tests must not be among it. Every command takes every hostile text in every option and file.
"""

import json
import re
import shlex
import sys
import time

import numpy as np
import pytest
import sympy
import typer
from in_process import derive_here, run_here
from rank_one import RANK_ONE

import derive.cli
import verify.cli
from derive.command_line import UsageProblem
from derive.overlaps.filter_formula import filter_loss
from derive.overlaps.learning_series import learning_series

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
WORKING = {  # arguments with which a command works, so that one more is what is refused
    "": ["--order", "1", "--no-write"],
    "curve": ["--g", "0.3", "--zhat", "1"],
    "radius": ["--g", "0.3", "--zhat", "1"],
    "learning-times": ["--g", "0.3", "--zhat", "1"],
    "stability": ["--g", "0.3", "--zhat", "1", "--multiples", "0.5", "--epochs", "1", "--size", "8"],
    "moment": ["B"],
    "modes": ["target.json", "--order", "1"],
    "network": ["network.npz", "--order", "1", "--zhat", "1"],
    "outliers": ["--g", "0.3", "--zhat", "1"],
    "overlap": ["--evolve", "start.json", "--decay", "0.3", "--epochs", "1", "--steps", "4"],
    "closed-form": ["--g", "0.3"],
    "flow": ["flow.toml", "--order", "1", "--no-write"],
}
OTHERWISE = {  # where an option counts only beside others
    ("curve", "--learning-rate"): ["--g", "0.3", "--zhat", "1", "--epochs", "1"],
    ("curve", "--epochs"): ["--g", "0.3", "--zhat", "1", "--learning-rate", "0.1"],
    ("overlap", "--terms-per-line"): ["--format", "latex"],
    ("overlap", "--target"): ["--evolve", "start.json"],
    ("overlap", "--task"): ["--evolve", "start.json"],
    ("overlap", "--series"): ["--evolve", "start.json", "--decay", "0.3"],
    ("sweep", "--task"): [],
    ("overlap", "--teacher"): ["--evolve", "start.json"],
    ("overlap", "--nodes"): [
        *("--evolve", "start.json", "--decay", "1"),
        *("--nonlinearity", "erf", "--limit", "exact"),
    ],
}
VERIFY = {
    "sweep": ["--g", "0.3", "--zhat", "1", "--learning-rate", "0.1"],
    "modes": ["target.json"],
    "flow": ["flow.toml"],
    "task": ["flip-flop"],
}
READ_LATE = {("task", "--data"), ("task", "--embeddings"), ("figures", "--data"), ("figures", "--embeddings")}
"""Files of sentences and vectors, read where the task is sentiment."""
FLOW = """
[vectors]
names = ["w", "m"]
[overlaps]
"w.m" = "rho"
[parameters]
zhat = "3/2"
rho = "1/2"
[definitions]
eps = "zhat - z"
[readouts]
z = "w' R m"
[loss]
L = "(zhat - z)**2/2"
train = ["W"]
"""
PLACES = ("out", "store", "install_completion", "show_completion")  # names of folders and files: not read

_compiled, _watching = [], False


def _watch(event, arguments):
    if event == "compile" and _watching and "HOSTILE" not in str(arguments[0]):  # this very file
        _compiled.append(str(arguments[0]))


sys.addaudithook(_watch)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with the files that the commands read; nothing with the token is compiled in it."""
    global _watching
    monkeypatch.chdir(tmp_path)
    (tmp_path / "start.json").write_text(json.dumps(RANK_ONE))
    np.savez(tmp_path / "network.npz", W0=np.zeros((4, 4)), m=np.ones(4) / 2, w=np.eye(4)[0])
    (tmp_path / "flow.toml").write_text(FLOW)
    (tmp_path / "target.json").write_text("[[1, 0.5], [0, 0.25]]")
    _compiled.clear()
    _watching = True
    yield tmp_path
    _watching = False
    assert [text for text in _compiled if TOKEN in text] == []


def refused(main, name, *arguments, token=True):
    """The command refuses with one line and status 2, at once."""
    start = time.process_time()
    done = run_here(main, name, *arguments)
    assert done.returncode == 2, (arguments, done)
    assert done.stderr.count("\n") == 1, (arguments, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    if token:
        assert TOKEN in done.stderr, (arguments, done.stderr)  # it is this text that is refused
    assert time.process_time() - start < 20
    return done


def text_options(command):
    """Its options and arguments that take a value."""
    for parameter in command.params:
        if parameter.name not in PLACES and not getattr(parameter, "is_flag", False):
            yield parameter.opts[0] if parameter.param_type_name == "option" else None


def cases(app, working):
    group = typer.main.get_command(app)
    return [
        pytest.param(
            name,
            option,
            OTHERWISE.get((name, option), working.get(name, [])),
            id=f"{name or 'main'} {option or 'argument'}",
        )
        for name, command in (("", group), *group.commands.items())
        for option in text_options(command)
    ]


def with_text(command, option, working, text):
    """The command line with the text as the value of the option, or in the place of the argument."""
    arguments = [*working, option, text] if option else [text, *working[1:]]
    return [*([command] if command else []), *arguments]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "option", "working"), cases(derive.cli.app, WORKING))
def test_every_option_of_derive(command, option, working, folder):
    for text in HOSTILE[:3]:
        refused(derive.cli.main, "derive", *with_text(command, option, working, text))


@pytest.mark.slow
@pytest.mark.parametrize(("command", "option", "working"), cases(verify.cli.app, VERIFY))
def test_every_option_of_verify(command, option, working, folder):
    if (command, option) == ("sweep", None):
        pytest.skip("the grid's file: below")
    if (command, option) in READ_LATE:
        pytest.skip("read where the task is sentiment")
    for text in HOSTILE[:3]:
        refused(verify.cli.main, "verify", *with_text(command, option, working, text))


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_every_field_of_a_file_of_overlaps(text, folder):
    series = ["overlap", "--series", "1", "--decay", "0.3", "--evolve", "given.json"]
    evolve = ["overlap", "--decay", "0.3", "--epochs", "1", "--evolve", "given.json"]
    for name in RANK_ONE:
        (folder / "given.json").write_text(json.dumps(RANK_ONE | {name: text}))
        for form in ("text", "json", "latex", "python"):
            if form == "text" or name == "vu":
                refused(derive.cli.main, "derive", *series, "--format", form)
    refused(derive.cli.main, "derive", *evolve)
    (folder / "given.json").write_text(json.dumps(RANK_ONE | {text: 1}))
    refused(derive.cli.main, "derive", *series)
    refused(derive.cli.main, "derive", *evolve)
    for option in ("--amplitude", "--frequency", "--decay"):
        given = ["overlap", "--series", "1", "--evolve", "start.json", "--decay", "0.3", option, text]
        refused(derive.cli.main, "derive", *given)


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_targets(text, folder):
    for content in ([text], {"a": text}, text):
        (folder / "given.json").write_text(json.dumps(content))
        given = ["overlap", "--evolve", "start.json", "--target", "given.json"]
        refused(derive.cli.main, "derive", *given, token=False)
        (folder / "given.json").write_text(json.dumps([[1, content]]))
        refused(derive.cli.main, "derive", "modes", "given.json", "--order", "1", token=False)
        refused(verify.cli.main, "verify", "modes", "given.json", token=False)


@pytest.mark.parametrize("text", HOSTILE)
def test_every_key_of_a_grid(text, folder):
    rates = {"learning_rate": [0.1]}
    working = {"g": [0.3], "zhat": [1.0], "epochs": 1}
    keys = ["g", "zhat", "learning_rate", "size", "seeds", "epochs", "simulator", "dtype", "tolerance"]
    for key in (*keys, text):
        grid = working | rates | {key: text}
        lines = [f"{json.dumps(k)} = {json.dumps(v)}" for k, v in grid.items()]
        (folder / "grid.toml").write_text("\n".join(lines), encoding="utf-8")
        refused(verify.cli.main, "verify", "sweep", "grid.toml", token=False)


@pytest.mark.parametrize("text", HOSTILE)
def test_headers_of_generated_files(text, folder):
    """What a header asks for is an order, numbers and names, whoever wrote it."""
    for line in (text, f"derive --order {text}", f"derive --order 1 --alignment {shlex.quote(text)}"):
        (folder / "order_1.py").write_text(f"# Made by the command: {line}\n", encoding="utf-8")
        done = derive_here("--check", "--out", ".")
        assert done.returncode in (1, 2), done  # 1: an honest header, of which the rest is the file's
        assert "Traceback" not in done.stderr
    (folder / "order_1.py").write_text("# Made by the command: derive --order 500\n")
    start = time.process_time()
    done = derive_here("--check", "--out", ".")
    assert done.returncode in (1, 2)
    assert "order_1.py" in done.stderr
    assert time.process_time() - start < 20


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_every_field_of_a_flow(text, folder):
    """In the place of every quoted value and name of the file."""
    lines = FLOW.strip().splitlines()
    for number, line in enumerate(lines):
        for part in re.findall(r'"[^"]*"', line):
            changed = [*lines[:number], line.replace(part, json.dumps(text), 1), *lines[number + 1 :]]
            (folder / "flow.toml").write_text("\n".join(changed), encoding="utf-8")
            refused(derive.cli.main, "derive", "flow", "flow.toml", "--order", "1", "--no-write", token=False)


def test_networks_hold_no_objects(folder):
    class Payload:
        def __reduce__(self):
            return (exec, (f"{TOKEN} = 1",))

    np.savez("given.npz", W0=np.array([[Payload()]], dtype=object), m=np.ones(1), w=np.ones(1))
    refused(derive.cli.main, "derive", "network", "given.npz", "--order", "1", "--zhat", "1", token=False)


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_files_of_sentences_and_vectors(text, folder):
    """``--data`` and ``--embeddings``, read where the task is sentiment; the grid as an argument."""
    for content in (text, f"sentence\tlabel\n{text}\t{text}\n", f"{text} {text} {text}\n"):
        (folder / "given.tsv").write_text(content, encoding="utf-8")
        for command in (["task", "sentiment"], ["figures", "fig5"]):
            refused(verify.cli.main, "verify", *command, "--data", "given.tsv", token=False)
    for option in ("--data", "--embeddings"):
        data = ("--data", "given.tsv") if option == "--embeddings" else ()
        given = ["task", "sentiment", *data, option, text]
        refused(verify.cli.main, "verify", *given, token=False)
    refused(verify.cli.main, "verify", "sweep", text)


@pytest.mark.parametrize("text", HOSTILE)
def test_attributes_of_a_store(text, folder):
    pytest.importorskip("zarr")
    store = folder / "runs"
    store.mkdir()
    attributes = {"verify_store": text, "commands": [text], "versions": {text: text}}
    (store / "zarr.json").write_text(
        json.dumps({"zarr_format": 3, "node_type": "group", "attributes": attributes})
    )
    given = ["sweep", "--g", "0.3", "--zhat", "1", "--learning-rate", "0.1", "--store", "runs"]
    refused(verify.cli.main, "verify", *given, token=False)
    with pytest.raises(UsageProblem, match="a store of version"):
        verify.open(store)


@pytest.mark.parametrize("text", HOSTILE)
def test_python_s_own_functions(text, folder):
    for call in (
        lambda: learning_series(RANK_ONE | {"zz": text}, "1", 1),
        lambda: learning_series(RANK_ONE, text, 1),
        lambda: filter_loss(text, 1),
        lambda: derive.FixedPointTask(alignment=text),
        lambda: derive.moment(f"B[{text}]"),
        lambda: learning_series(RANK_ONE | {"zz": sympy.Symbol(text)}, "1", 1),
    ):
        with pytest.raises(ValueError, match="allowed"):
            call()
