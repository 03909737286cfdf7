"""Names that a flow's author may choose: no two things of one name in any language, or a refusal."""

import re
import shutil
import subprocess

import pytest

import derive
from derive.flow.statement.tokens import FlowProblem
from derive.write.code.languages import LANGUAGES
from derive.write.modules.flow import flow_module

NAMES = ("var", "var_", "static", "static_", "y_1", "y1", "aroot", "free", "main")


def flow(readouts, vectors=("w", "m")):
    return derive.Flow(
        derive.Ensemble(list(vectors)),
        readouts={
            name: text if text else f"{place} + w' R m" for place, (name, text) in enumerate(readouts.items())
        },
        velocity={"W": "w m' R'"},
    )


def source(language):
    expansion = derive.expand(flow(dict.fromkeys(NAMES, "")), 1)
    return LANGUAGES[language](flow_module(expansion, "named", "Made here"))


@pytest.mark.parametrize("compiler", ["gcc -std=gnu17", "gcc -std=c99", "g++ -x c++"])
def test_c_compiles_without_a_warning(tmp_path, compiler):
    if shutil.which(compiler.split()[0]) is None:
        pytest.skip(f"no {compiler}")
    (tmp_path / "named.c").write_text(source("c"))
    command = [*compiler.split(), "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "named.c"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_javascript_has_every_readout(tmp_path):
    """Each holds its own place as a constant, in the order in which they are stated."""
    if shutil.which("node") is None:
        pytest.skip("no node")
    (tmp_path / "named.mjs").write_text(source("javascript"))
    called = re.findall(r"^export function (\w+)", source("javascript"), re.M)[: len(NAMES)]
    calls = ", ".join(f"m.{name}(0, 0.5)" for name in called)
    (tmp_path / "main.mjs").write_text(
        f"import * as m from './named.mjs'; console.log(JSON.stringify([{calls}]));"
    )
    done = subprocess.run(["node", "main.mjs"], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == f"[{','.join(map(str, range(len(NAMES))))}]", done.stderr


def test_mathematica_defines_no_name_twice():
    heads = re.findall(r"^(\w+)(?:\[.*\] :=| = )", source("mathematica"), re.M)
    assert len(set(heads)) == len(heads) > len(NAMES)


@pytest.mark.parametrize(
    ("readouts", "vectors", "said"),
    [
        ({"z": "w' R(2 + I) m", "z_re": "w' R m"}, "wm", "'z_re' is a part of the complex z"),
        ({"z": "w' R m", "y": "m' R w", "z_y": "w' R w"}, "wm", "ntk_z_y is of z_y too"),
        ({"z": "w' R m"}, ["w", "m", "w_w"], "A_w_w_w is of w and w_w too"),
        ({"ORDER": "w' R m"}, "wm", "'ORDER' has a meaning of its own"),
        ({"ζ": "w' R m"}, "wm", "names of letters a-z"),
    ],
)
def test_what_would_mean_two_things_is_refused(readouts, vectors, said):
    with pytest.raises(FlowProblem, match=re.escape(said)):
        _ = flow(readouts, vectors).meaning


def test_an_observable_whose_name_a_readout_has_is_said_to_be_absent():
    found = derive.expand(flow({"frobenius_norm_squared": "w' R m"}), 1)
    assert "frobenius_norm_squared" in found.readouts
    assert found.absent["frobenius_norm_squared"] == "a readout, or what moves, has this name"
