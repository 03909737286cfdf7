"""Every option of every command, beside every way to use the command: it changes what is printed or
written, or it is refused in one line. None is taken without a word.
"""

import functools
import json
import re
import shutil

import numpy as np
import pytest
import typer
from in_process import derive_here, refusal, run_here
from rank_one import RANK_ONE

import derive.cli
import verify.cli

FLOW = """
[vectors]
names = ["w", "m"]
[parameters]
zhat = "3/2"
[readouts]
z = "w' R m"
[loss]
L = "(zhat - z)**2/2"
train = ["W"]
"""
WORD = "B/B/B/B'/B'/B'/B/B'/B/B'/B/B'"
EVOLVE = "overlap --evolve start.json --epochs 3 --steps 20"
USES = [  # ways to use the commands, one of each kind
    "--order 3 --no-write",
    "--order 3",
    "--order 3 --no-write --format latex",
    "--order 3 --check",
    "--check",
    "flow flow.toml --order 3 --no-write",
    "flow flow.toml --order 3",
    "flow flow.toml --order 3 --check",
    "moment B[x]",
    f"moment {WORD} --format latex",
    "modes target.json --order 3",
    "modes target.json --order 3 --format latex",
    "network --order 3",
    "network network.npz --order 5 --zhat 1",
    "curve --g 0.9 --zhat 1 --times 0.1,2",
    "curve --g 0.3 --zhat 1 --times 0.1,0.2 --certified",
    "curve --g 0.9 --zhat 1 --times 0.1,2 --size 100",
    "curve --zhat 1 --network network.npz --times 0.1,2",
    "curve --g 0.3 --zhat 1 --learning-rate 0.1 --epochs 4",
    "curve --g 0.3 --zhat 1 --learning-rate 0.1 --epochs 4 --momentum 0.5",
    "outliers --g 0.3 --zhat 2 --times 0.1,2",
    "outliers --zhat 2 --network network.npz --times 0.1,2",
    "closed-form --g 0.3 --nodes 2",
    "closed-form --g 0.3 --nodes 3 --zhat 1",
    "radius --g 0.3 --zhat 1",
    "learning-times --g 0.3 --zhat 1",
    "learning-times --g 0.3 --zhat 0.5 --momentum 0.5",
    "stability --g 0.3 --zhat 1 --multiples 0.5 --epochs 3",
    "stability --g 0.3 --zhat 1 --multiples 0.5 --epochs 3 --size 8 --seeds 1",
    "overlap",
    "overlap --format latex",
    "overlap --whole-preconditioner",
    "overlap --solutions",
    "overlap --evolve start.json --series 2 --decay 0.5",
    f"{EVOLVE} --decay 0.5",
    f"{EVOLVE} --teacher other.json",
    f"{EVOLVE} --decay 0.5 --label-noise 0.1",
    f"{EVOLVE} --decay 0.5 --nonlinearity erf --nodes 3",
    f"{EVOLVE} --decay 0.5 --nonlinearity erf --limit closure",
    f"{EVOLVE} --task flip-flop --batch 2",
    "overlap --start random --size 30 --epochs 2 --steps 20 --decay 0.5",
]
VALUES = {  # of each option, other than its default
    "--order": "4",
    "--format": "json",
    "--singular-values": "1",
    "--alignment": "3/10",
    "--train": "W,m,w",
    "--terms-per-line": "1",
    "--columns": "2",
    "--out": "written",
    "--zhat": "1.25",
    "--g": "0.45",
    "--times": "0.15",
    "--until": "0.3",
    "--network": "other.npz",
    "--tolerance": "1e-2",
    "--learning-rate": "0.03",
    "--epochs": "2",
    "--momentum": "0.25",
    "--size": "40",
    "--norms": "average",
    "--nodes": "4",
    "--fraction": "0.2",
    "--orders": "2",
    "--multiples": "0.75",
    "--seeds": "2",
    "--rank": "2",
    "--inputs": "2",
    "--outputs": "2",
    "--nonlinearity": "tanh",
    "--frozen": "m",
    "--evolve": "other.json",
    "--start": "balanced",
    "--seed": "5",
    "--decay": "0.75",
    "--amplitude": "0.5",
    "--frequency": "2",
    "--target": "response.json",
    "--teacher": "start.json",
    "--task": "flip-flop",
    "--batch": "3",
    "--sampling": "published",
    "--dt": "0.1",
    "--steps": "10",
    "--label-noise": "0.2",
    "--paths": "2",
    "--limit": "exact",
    "--series": "3",
}
OTHERWISE = {
    (f"{EVOLVE} --decay 0.5 --nonlinearity erf --nodes 3", "--limit"): "closure",
    ("overlap --start random --size 30 --epochs 2 --steps 20 --decay 0.5", "--epochs"): "1",
}
AGREEING = {"--yes", "--full", "--tolerance", "--vectors"}
"""They ask for what may be done anyway: --yes says yes where nothing is asked, --tolerance is a bound that
the least number of chain vectors may keep; --vectors is hidden."""


@functools.cache
def commands():
    group = typer.main.get_command(derive.cli.app)
    return {"": group, **group.commands}


def pairs():
    for use in USES:
        name = use.split()[0] if not use.startswith("--") else ""
        for parameter in commands()[name].params:
            option = parameter.opts[0]
            if parameter.param_type_name == "option" and option.split("-")[2] not in ("install", "show"):
                yield pytest.param(use, option, parameter.is_flag, id=f"{use} + {option}")


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A folder with the files that the uses read."""
    folder = tmp_path_factory.mktemp("uses")
    random = np.random.default_rng(0)
    for name in ("network", "other"):
        W0, m, w = random.standard_normal((40, 40)) / 8, *(random.standard_normal((2, 40)) / 6)
        np.savez(folder / f"{name}.npz", W0=W0, m=m, w=w)
    (folder / "start.json").write_text(json.dumps(RANK_ONE))
    (folder / "other.json").write_text(json.dumps(RANK_ONE | {"zm": 0.25}))
    (folder / "response.json").write_text(json.dumps([0.1] * 20))
    (folder / "flow.toml").write_text(FLOW)
    (folder / "target.json").write_text("[[1, 0.5], [0, 0.25]]")
    return folder


@pytest.fixture
def folder(given, monkeypatch):
    monkeypatch.chdir(given)
    for made in ("generated", "written"):
        shutil.rmtree(given / made, ignore_errors=True)
    return given


@functools.cache
def usual(use, folder):
    """What a use gives by itself."""
    return outcome([word.replace("/", " ") for word in use.split()], folder)


def outcome(words, folder):
    """Status, what was printed and written, without the lines that name the command."""
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    done = derive_here(*words)
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path not in before:
            files[str(path.relative_to(folder))] = _text(path.read_bytes().decode("latin-1"))
            path.unlink()
    return done.returncode, _text(done.stdout), files, done.stderr


def _text(content):
    return re.sub(r".*Made by the command.*(\n.*derive .*)?", "", content)


@pytest.mark.slow
@pytest.mark.parametrize(("use", "option", "flag"), list(pairs()))
def test_an_option_has_an_effect_or_is_refused(use, option, flag, folder):
    words = [word.replace("/", " ") for word in use.split()]
    if option in AGREEING or (flag and option in words):
        pytest.skip("asks for what is done anyway")
    place = words.index(option) if option in words else len(words)
    value = OTHERWISE.get((use, option), VALUES.get(option))
    if option == "--format" and use.startswith("overlap -") and re.search("--evolve|--start", use):
        value = "latex"  # it prints JSON without being asked
    more = [*words[:place], *words[place + 2 :], option, *([] if flag else [value])]
    if "--check" in words:
        there = ["--order", "1"] if "--order" not in words else [word for word in words if word != "--check"]
        assert derive_here(*there).returncode == 0
    code, printed, files, said = outcome(more, folder)
    if code == 2:
        assert printed == ""
        assert said.count("\n") == 1
        assert re.search("allowed|needed|needs|belong|go |goes |missing", said), said
        return
    assert (code, printed, files, said) != usual(use, folder), more


REFUSED = [
    ("derive", "overlap --epochs 5", "--epochs 5: allowed with --evolve"),
    (
        "derive",
        "overlap --limit exact --evolve start.json --decay 1",
        "--limit exact: allowed with a --nonlin",
    ),
    ("derive", "stability --g 0.3 --zhat 1 --seeds 3", "--seeds 3: allowed with --size"),
    ("derive", "--order 2 --no-write --standalone", "--standalone: allowed with --format latex, or where"),
    ("derive", "--order 2 --no-write --out there", "--out there: allowed without --no-write"),
    ("derive", "--order 2 curve --g 0.3 --zhat 1", "--order 2: without effect before curve"),
    ("derive", "--check --g0", "--g0: allowed with --order"),
    ("verify", "--g 0.3 regress", "--g 0.3: without effect before regress"),
    ("verify", "figures fig3 --epochs 3", "--epochs 3: allowed with fig1"),
    ("verify", "figures fig1 --order 3", "--order 3: allowed with fig3"),
    ("verify", "figures cosine --seeds 3", "--seeds 3: allowed with fig3"),
    ("verify", "figures overlap-fig1 --size 64", "--size 64: allowed with the figures of Schuessler"),
    ("verify", "figures fig1 --data x", "--data x: allowed with fig5"),
    ("verify", "figures all --embeddings x", "--embeddings x: allowed with --data"),
    ("verify", "regress a.py --generated there", "--generated there: allowed without MODULE.py"),
    ("verify", "task flip-flop --data x", "--data x: allowed with the task sentiment"),
    ("verify", "task sentiment --g 0.5", "--g 0.5: not for the task sentiment; allowed are"),
    ("verify", "degeneracy --quick --size 50 --epochs 3", "--quick: allowed without --size and --epochs"),
    ("verify", "degeneracy --task decision", "--task decision: allowed with a nonlinear network"),
    (
        "verify",
        "sweep --g 0.3 --zhat 1 --learning-rate 0.1 --simulator unrolled --matrix-free",
        "grid: matrix_free = True with simulator unrolled: without effect; allowed with reduced or inverse",
    ),
]


@pytest.mark.parametrize(("program", "words", "said"), REFUSED, ids=[words for _, words, _ in REFUSED])
def test_without_effect_is_refused(program, words, said, folder):
    before = sorted(folder.rglob("*"))
    complaint = refusal(
        run_here({"derive": derive.cli, "verify": verify.cli}[program].main, program, *words.split())
    )
    assert complaint.startswith(f"{program}: {said}")
    assert sorted(folder.rglob("*")) == before
