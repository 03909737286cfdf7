"""``derive flow``: its formats, its files, and one line for every flow that makes no sense."""

import json
import re
import subprocess
import sys
from functools import partial

import pytest
import sympy
from in_process import derive_here, refusal
from pdflatex import compiled, needs_latex
from project import ROOT
from slow_cases import slow_but

import derive
from derive.write.code.languages import LANGUAGES

EXAMPLES = ROOT / "docs" / "flows"
TASK = """\
title = "feedback alignment with weight decay"
[vectors]
names = ["w", "m", "f"]
[overlaps]
"f.w" = "rho"
[parameters]
zhat = "3/2"
lam = "1/10"
rho = "1/2"
[definitions]
eps = "zhat - z"
[ensemble]
g = "3/5"
[readouts]
z = "w' R m"
[velocity]
W = "eps f m' R' - lam * W"
"""
LOSS = TASK[: TASK.index("[velocity]")] + '[loss]\nL = "{}"\ntrain = {}\n'


@pytest.fixture
def task(tmp_path):
    path = tmp_path / "alignment.toml"
    path.write_text(TASK)
    return path


flow = partial(derive_here, "flow")


def test_json_is_the_flow(task):
    result = flow(task, "--order", 3, "--format", "json", "--no-write")
    document = json.loads(result.stdout)
    assert (document["system"], document["order"], document["route"]) == ("flow", 3, "product rule")
    assert document["parameters"] == {"zhat": "3/2", "lam": "1/10", "rho": "1/2"}
    names = {name: sympy.Symbol(name) for name in document["symbols"] if name.isidentifier()}
    z = [sympy.sympify(text, locals=names) for text in document["readouts"]["z"]]
    zhat, rho, beta = names["zhat"], names["rho"], names["beta"]
    assert (z[0], z[1]) == (0, zhat * rho * beta)
    first = document["W"][0]
    assert first == {
        "k": 1,
        "W0": "-lam",
        "terms": [{"coefficient": "zhat", "left": "f", "right": "m' B'"}],
    }
    assert "loss" not in document


@pytest.mark.slow
def test_further_matrices_vectors_and_complex_readouts(tmp_path):
    document = json.loads(
        flow(EXAMPLES / "nesterov.toml", "--order", 2, "--format", "json", "--no-write").stdout
    )
    assert document["V"][0]["terms"] == [{"coefficient": "zhat", "left": "B' w", "right": "m' B'"}]
    chain = json.loads(
        flow(EXAMPLES / "feedforward_chain.toml", "--order", 2, "--format", "json", "--no-write").stdout
    )
    assert chain["m"][0]["terms"] == [{"coefficient": "zhat", "vector": "W0' w"}]
    complex_one = json.loads(
        flow(EXAMPLES / "frequency.toml", "--order", 2, "--format", "json", "--no-write").stdout
    )
    assert set(complex_one["readouts"]) == {"z_re", "z_im"}
    assert "B(1+I*omega)'" in complex_one["W"][0]["terms"][0]["left"]


def test_files_are_named_after_the_task_and_checked(task, tmp_path):
    out = tmp_path / "out"
    assert flow(task, "--order", 3, "--out", out, "--standalone").returncode == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "alignment.py", "alignment.tex", "alignment_standalone.tex"
    ]  # fmt: skip
    assert flow(task, "--order", 3, "--out", out, "--check").returncode == 0
    (out / "alignment.py").write_text((out / "alignment.py").read_text().replace("rho", "sigma", 1))
    assert flow(task, "--order", 3, "--out", out, "--check").returncode == 1
    assert flow(task, "--order", 4, "--out", out, "--check").returncode == 1


def test_emitted_module_is_the_series(task, tmp_path):
    flow(task, "--order", 5, "--out", tmp_path)
    module = {}
    exec((tmp_path / "alignment.py").read_text(), module)
    series = derive.expand(derive.read_flow(task), 5).readouts["z"]
    values = {derive.zhat: 1.5, derive.lam: 0.1, derive.rho: 0.5, derive.beta: 1 / (1 - 0.36)}
    expected = sum(float(series[k].subs(values)) * 0.1**k for k in range(6))
    assert module["z"](0.1, 1.5, 0.1, 0.5, 0.6) == pytest.approx(expected, rel=1e-12)
    assert module["PARAMETERS"] == {"zhat": "3/2", "lam": "1/10", "rho": "1/2"}


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "latex", *LANGUAGES])
def test_every_format_prints_every_example(form):
    for path in sorted(EXAMPLES.glob("*.toml")):
        result = flow(path, "--order", 2, "--format", form, "--no-write")
        assert result.returncode == 0, result.stderr
        assert len(result.stdout) > 200


@pytest.mark.slow
@needs_latex
def test_every_examples_document_compiles(tmp_path):
    for path in sorted(EXAMPLES.glob("*.toml")):
        flow(path, "--order", 2, "--out", tmp_path, "--standalone")
        compiled(tmp_path, (tmp_path / f"{path.stem}_standalone.tex").read_text())


@pytest.mark.slow
@needs_latex
@pytest.mark.parametrize("name", ["gradient", "weight_decay", "frequency", "delay_memory", "hebbian"])
def test_named_overlaps_compile_within_the_page(name, tmp_path):
    order = "1" if name in ("frequency", "delay_memory") else "2"
    named = ["--named-overlaps", "--no-write", "--format", "latex", "--standalone"]
    source = flow(EXAMPLES / f"{name}.toml", "--order", order, *named).stdout
    assert r"D(x, \drvtau)" in source
    log = compiled(tmp_path, source)
    assert all(float(points) < 1 for points in re.findall(r"Overfull \\hbox \((\S+)pt", log))


WRONG = {
    "unknown letter": (("eps f", "eps Q' f"), ["'Q'", "character 5", "line 17"]),
    "unbound parameter": (('lam = "1/10"\n', ""), ["'lam'", "line 16"]),
    "unbound vector": (('"w", "m", "f"', '"w", "m"'), ["unknown vector 'f'", "line 5"]),
    "column behind column": (("f m' R'", "f m R'"), ["'m'", "a row", "line 17"]),
    "row missing": (('"w\' R m"', '"w R m"'), ["'R'", "line 15"]),
    "log 0": (('eps = "zhat - z"', 'eps = "log(z)"'), ["log", "line 11"]),
    "1/0 at the start": (('eps = "zhat - z"', 'eps = "1/z"'), ["division by 0", "line 11"]),
    "1/0": (('eps = "zhat - z"', 'eps = "1/0"'), ["division by 0", "character 3", "line 11"]),
    "inside the disc": (("w' R m", "w' R(1/2) m"), ["R(1/2)", "|c| <= g = 3/5", "line 15"]),
    "overlaps": (
        ('rho = "1/2"', 'rho = "3/2"'),
        ["overlap f.w, line 5", "f.w = 3/2", "positive semidefinite"],
    ),
    "no outer product": (("eps f m' R'", "eps R"), ["the term R", "outer product", "line 17"]),
    "W'": (("lam * W", "lam * W'"), ["the term W'", "line 17"]),
    "circle": (('eps = "zhat - z"', 'eps = "zhat - eta"\neta = "eps + 1"'), ["eps -> eta -> eps", "line 11"]),
    "shadow": (('lam = "1/10"', 'R = "1/10"'), ["'R'", "line 8"]),
    "twice": (('lam = "1/10"', 'w = "1/10"'), ["'w' is a vector already", "line 8"]),
    "code": (('"zhat - z"', "\"__import__('os')\""), ["'__import__'", "line 11"]),
    "three overlaps": (
        ("[overlaps]", '[overlaps]\n"w.m" = "9/10"\n"f.m" = "-9/10"'),
        ["line 6", "w.m = 9/10, f.m = -9/10", "positive semidefinite"],
    ),
    "complex velocity": (("eps f", "I eps f"), ["complex", "line 17"]),
    "complex multiple": (("lam * W", "I lam W"), ["velocity of W is complex", "line 17"]),
    "complex from order 2 on": (("w' R m", "w' R(1 + I) m"), ["velocity of W is complex", "line 17"]),
    "vector": (('"w", "m", "f"', '"w", "m", "f", "W0"'), ["'W0'", "line 3"]),
    "number": (('zhat = "3/2"', 'zhat = "two"'), ["'two'", "line 7"]),
    "g": (('g = "3/5"', 'g = "3/2"'), ["0 <= g < 1", "line 13"]),
    "no word": (('"w\' R m"', '"zhat"'), ["holds no word", "line 15"]),
    "tower": (('"zhat - z"', '"9**9**9"'), ["power of a power", "line 11"]),
    "deep": (('"zhat - z"', '"' + "(" * 500 + '"'), ["brackets", "line 11"]),
    "section": (("[readouts]", "[outputs]"), ["'outputs'"]),
    "not TOML": (("[vectors]", "[vectors"), ["not TOML"]),
    "keyword": (('lam = "1/10"', 'lambda = "1/10"'), ["'lambda'", "line 8"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_flow_that_makes_no_sense_is_one_line(case, task, tmp_path):
    (old, new), said = WRONG[case]
    assert old in TASK
    task.write_text(TASK.replace(old, new))
    result = flow(task, "--order", 3, "--out", tmp_path / "out")
    assert result.returncode == 2, result.stdout
    assert result.stderr.count("\n") == 1
    assert not result.stdout
    assert not (tmp_path / "out").exists()
    for words in said:
        assert words in result.stderr


@pytest.mark.parametrize(
    ("loss", "train", "said"),
    [
        ("(zhat - z)**2/2", "[]", "empty"),
        ("(zhat - z)**2/2", '["V"]', "'V'"),
        ("sqrt(z)", '["W"]', "smooth"),
        ("log(z)", '["W"]', "log of 0 or less"),
        ("1/z", '["W"]', "division by 0"),
        ("exp(w)", '["W"]', "exp of a column"),
        ("(zhat - z)**2/2 +", '["W"]', "something is missing"),
        ("(I - z)**2", '["W"]', "complex"),
    ],
)
def test_a_loss_that_makes_no_sense_is_one_line(loss, train, said, task):
    task.write_text(LOSS.format(loss, train))
    complaint = refusal(flow(task, "--order", 2, "--no-write"))
    assert said in complaint
    assert "line" in complaint


@pytest.mark.parametrize(
    "arguments", [[], ["--order", "0"], ["--order", "x"], ["--order", "2", "--format", "pdf"]]
)
def test_options_that_make_no_sense(arguments, task):
    refusal(flow(task, *arguments))


def test_a_file_that_is_not_there(tmp_path):
    refusal(flow(tmp_path / "missing.toml", "--order", 2))


@pytest.mark.parametrize("flag", slow_but({"-O"}, ["-O", "-OO", "-Werror", "-Xdev", "-Xutf8=0"]))
def test_no_flag_of_python_changes_a_byte(flag):
    """By a route each: dressed moments, chain, product rule."""
    program = "import sys; from derive.cli import main; sys.argv = ['derive', *sys.argv[1:]]; main()"
    for name in ("gradient", "feedback_alignment", "momentum"):
        arguments = ("flow", EXAMPLES / f"{name}.toml", "--order", 3, "--no-write", "--format", "json")
        command = [sys.executable, flag, "-c", program, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == flow(*arguments[1:]).stdout
