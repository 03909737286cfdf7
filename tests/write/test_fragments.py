"""The LaTeX of all commands in one paper: no macro and no label twice, no line wider than the column."""

import re
import shlex
from functools import cache

import pytest
from golden_cases import CASES, write_inputs
from in_process import derive_here
from pdflatex import compiled, needs_latex

from derive.document.variables import known_variables

LAYOUT = re.compile(r" --format latex| --no-write| --standalone| --terms-per-line \d+")
COMMANDS = sorted({LAYOUT.sub("", case.arguments) for case in CASES if "--format latex" in case.arguments})
MORE = [
    "--order 10",
    "--order 11 --singular-values 5",
    "--order 6 --train W,m,w",
    "overlap --rank 3",
    "overlap --rank 2 --inputs 2 --outputs 2 --frozen u1",
    "overlap --series 4 --evolve overlaps.json --decay 0.3",
    "overlap --series 4 --evolve symbols.json --decay c --amplitude 2*a",
    "closed-form --g 0.5 --nodes 1",
    "closed-form --g 0.5 --nodes 2",
    "closed-form --g 0.5 --nodes 9",
    "closed-form --g 0.6 --nodes 2",
    "overlap --rank 2 --whole-preconditioner",
    "network --order 5",
    "network other/network.npz --order 3 --zhat 0.7",
    "network network.npz --order 3 --zhat -0.7",
    "modes other/target.json --order 3",
    "modes wide.json --order 2",
    "modes tall.json --order 2",
    "moment \"B[lam]' B[nu_12] B[x]' B[Gamma] B' B B\"",
    'moment "B[Gamma_1] B[rate]\'"',
]
PAPER = r"\documentclass[{}]{{article}}\usepackage{{amsmath}}\begin{{document}}{}\end{{document}}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All input files, and others of the same names in a folder of their own."""
    import json

    import numpy as np

    folder = tmp_path_factory.mktemp("fragments")
    write_inputs(folder)
    (folder / "other").mkdir()
    write_inputs(folder / "other")
    rows = [[((7 * i + 3 * j) % 11 - 5) / 7 for j in range(14)] for i in range(3)]
    (folder / "wide.json").write_text(json.dumps(rows))
    (folder / "tall.json").write_text(json.dumps([list(column) for column in zip(*rows, strict=True)]))
    (folder / "other" / "target.json").write_text(json.dumps(rows))
    stored = dict(np.load(folder / "network.npz"))
    np.savez(folder / "other" / "network.npz", **(stored | {"W0": stored["W0"] / 2}))
    return folder


@cache
def fragment(folder, command, columns):
    words = [*shlex.split(command), "--format", "latex", "--columns", str(columns)]
    words += ["--no-write"] if command.startswith("--") else []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = derive_here(*words)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


@needs_latex
@pytest.mark.slow
@pytest.mark.parametrize("options", ["", "11pt", "12pt", "twocolumn", "twocolumn,a4paper,11pt"])
def test_all_fragments_in_one_paper(folder, tmp_path, options):
    """Compiled twice, so that the labels of the first time are known: a label given twice would be named."""
    columns = 2 if "twocolumn" in options else 1
    sources = [fragment(folder, command, columns) for command in (*COMMANDS, *MORE)]
    paper = PAPER.format(options, "\n".join(sources))
    compiled(tmp_path, paper)
    log = compiled(tmp_path, paper)
    assert "Overfull" not in log
    assert "multiply" not in log
    assert "undefined" not in log


@pytest.mark.slow
def test_labels_differ_between_documents_and_do_not_change_with_the_layout(folder):
    found = {}
    for command in (*COMMANDS, *MORE):
        labels = re.findall(r"\\label\{([^}]*)\}", fragment(folder, command, 1))
        assert labels == re.findall(r"\\label\{([^}]*)\}", fragment(folder, command, 2))
        assert len(set(labels)) == len(labels)
        for label in labels:
            assert found.setdefault(label, command) == command
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for command in ("--order 4 --no-write", "overlap --rank 2", "modes target.json --order 3"):
            printed = (
                derive_here(*shlex.split(command), "--format", "latex", "--terms-per-line", n) for n in (1, 7)
            )
            narrow, broad = (re.findall(r"\\label\{([^}]*)\}", one.stdout) for one in printed)
            assert narrow == broad


@pytest.mark.slow
def test_a_macro_means_one_thing_everywhere_and_is_defined_where_it_is_used(folder):
    meanings = {}
    for command in (*COMMANDS, *MORE):
        source = fragment(folder, command, 1)
        defined = dict(re.findall(r"\\providecommand\{(\\drv\w+)\}(?:\[1\])?(\{.*\})", source))
        for macro, meaning in defined.items():
            assert meanings.setdefault(macro, meaning) == meaning
        _, body = source.split(r"\begingroup", 1)
        assert set(re.findall(r"\\drv[A-Za-z]+", body)) == defined.keys()
    assert meanings.keys() <= known_variables().keys()


@needs_latex
def test_a_fragment_inside_subequations(folder, tmp_path):
    """Letters end at z: the fragment says what to do, and that works."""
    source = fragment(folder, "--order 5", 1)
    (advice,) = re.findall(r"% In subequations, .*: (\\renewcommand.*\}) first\.", source)
    inside = rf"\begin{{subequations}}{advice} {source}\end{{subequations}}"
    compiled(tmp_path, PAPER.format("", inside))
    assert source.count(r"\label") > 26
    assert "subequations" not in fragment(folder, "overlap", 1)


@needs_latex
@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        "--order 6 --train W,m,w --no-write",
        "--order 4 --alignment rho --no-write",
        "network --order 3",
        "network network.npz --order 3 --zhat 0.7",
        "modes target.json --order 3",
        "overlap --rank 2 --nonlinearity erf",
        "overlap --series 2 --evolve symbols.json --decay c*d+1/2",
        'moment "B B[lam]\'"',
    ],
)
@pytest.mark.parametrize("columns", ["1", "2"])
def test_standalone_documents_compile(folder, tmp_path, command, columns):
    words = [*shlex.split(command), "--format", "latex", "--standalone", "--columns", columns]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = derive_here(*words)
    assert done.returncode == 0, done.stderr
    log = compiled(tmp_path, done.stdout)
    assert "Overfull" not in log
