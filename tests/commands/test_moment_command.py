"""The command line of moments, alignment and training: output, and one line for what makes no sense."""

import json
import subprocess
import sys

import pytest
from in_process import derive_here, refusal
from project import ROOT
from slow_cases import slow_but


def test_moment_as_text_and_json():
    assert derive_here("moment", "B B B' B'").stdout == "2*beta**3 - beta**2\n"
    document = json.loads(derive_here("moment", " B  B B' B' ", "--format", "json").stdout)
    assert document == {"word": "B B B' B'", "moment": "2*beta**3 - beta**2"}


def test_moment_imports_no_sympy():
    code = (
        "import sys\nfrom derive.cli import main\n"
        "try: main()\nexcept SystemExit: assert 'sympy' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "moment", "B B'"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


BAD = [
    (["moment", "B D B'"], "unknown letter 'D'"),
    (["moment", "B[lambda]"], "unknown letter 'B[lambda]'"),
    (["moment", "B", "--format", "xml"], "--format xml"),
    (["moment"], "WORD"),
    (["--order", "3", "--alignment", "1.01"], "--alignment 1.01: allowed are rho or a number from -1 to 1"),
    (["--order", "3", "--alignment", "sigma"], "--alignment sigma: allowed are rho or a number from -1 to 1"),
    (["--order", "3", "--train", ""], "--train is empty: allowed is a non-empty subset of W, m, w"),
    (["--order", "3", "--train", "W,x"], "--train x: allowed is a non-empty subset of W, m, w"),
    (["--order", "4", "--singular-values", "3"], "order >= 5 is needed"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input_is_one_line(arguments, message, tmp_path):
    assert message in refusal(derive_here(*arguments, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "options",
    slow_but(
        [["--g0", "--train", "m"]],
        [["--alignment", "rho"], ["--alignment", "0.25", "--train", "W,m,w"], ["--g0", "--train", "m"]],
    ),
)
def test_files_are_written_and_checked_by_their_headers(options, tmp_path):
    assert derive_here("--order", "2", *options, "--out", str(tmp_path)).returncode == 0
    assert len(list(tmp_path.iterdir())) == 2
    done = derive_here("--check", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    path = next(tmp_path.glob("*.py"))
    path.write_text(path.read_text().replace("zhat", "zhad"))
    assert derive_here("--check", "--out", str(tmp_path)).returncode == 1


def test_options_of_the_same_meaning_give_the_same_bytes(tmp_path):
    for name, options in (("a", ["--alignment", "0", "--train", "W"]), ("b", [])):
        derive_here("--order", "3", *options, "--out", str(tmp_path / name))
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
        assert path.read_bytes() == (ROOT / "generated" / path.name).read_bytes()
