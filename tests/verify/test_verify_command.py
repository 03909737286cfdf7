"""The command ``verify`` as a user meets it: output, exit status, one-line errors."""

import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from in_process import refusal, verify_here
from project import GENERATED, ROOT

SMALL = ("--quick", "--size", "64", "--seeds", "2", "--epochs", "8", "--order", "3")


verify = partial(verify_here, cwd=ROOT)


def verify_alone(*arguments: object, code: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, after the code."""
    program = f"{code}\nfrom verify.cli import main; main()"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.mark.slow
def test_json_figure_and_exit_status(tmp_path: Path) -> None:
    run = verify(*SMALL, "--out", tmp_path, "--format", "json", "--times", "0.1,0.2,0.6")
    assert run.returncode == 0, run.stdout + run.stderr
    report = json.loads(run.stdout)
    assert report["ttilde"] == [0.1, 0.2, 0.6]
    assert report["passed"]
    names = [check["name"] for check in report["checks"]]
    assert len(names) == len(set(names))
    for check in report["checks"]:
        assert set(check) == {"name", "measured", "expected", "tolerance", "passed", "reason"}
        assert check["passed"]
        assert check["reason"]
    for part in ("series of", "learning rate", "network size", "unrolled against", "readout: mean"):
        assert any(name.startswith(part) for name in names)
    tables = [report["theory"], report["limit"]]
    for statistic in ("mean", "std"):
        assert set(report["simulation"][statistic]) == {"unrolled", "fixed_point"}
        tables += report["simulation"][statistic].values()
    for table in tables:
        assert len(table["readout"]) == len(table["loss"]) == 3
        assert [len(values) for values in table["singular_values"]] == [3, 3]
    # beyond the radius of convergence, 0.58, the series is drawn and not judged
    assert report["judged"]["readout"] == [True, False, False]
    assert Path(report["figure"]).read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == [Path(report["figure"]).name]


@pytest.mark.slow
def test_a_wrong_coefficient_is_found(tmp_path: Path) -> None:
    source = (GENERATED / "order_3.py").read_text()
    body = source[source.index("def readout") :]
    # the coefficient of ttilde^2 in the readout, -1/2, by a hundredth: -3 becomes -3.03
    spoilt = re.sub(r"\(-3 \+ t\)", "(-3 * (1 + one_hundredth) + t)", body, count=1)
    assert spoilt != body
    text = source.replace(body, "one_hundredth = 0.01\n\n\n" + spoilt)
    (tmp_path / "order_3.py").write_text(text)
    run = verify(*SMALL, "--generated", tmp_path, "--out", tmp_path / "figures")
    assert run.returncode == 1, run.stderr
    assert "FAIL  series of readout: printed against limit flow" in run.stdout
    assert "Traceback" not in run.stderr


def test_a_missing_order_names_the_command_that_makes_it(tmp_path: Path) -> None:
    complaint = refusal(verify("--order", "7", "--generated", tmp_path, "--out", tmp_path / "figures"))
    assert "derive --order 7" in complaint
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize("text", ["ORDER = 4\nSYSTEM = 'fixed-point'\n", "def (", "ORDER = 3\n"])
def test_a_module_of_another_kind(tmp_path: Path, text: str) -> None:
    (tmp_path / "order_3.py").write_text(text)
    assert "derive --order 3" in refusal(verify("--order", "3", "--generated", tmp_path))


@pytest.mark.parametrize(
    "arguments",
    [
        "--order 0",
        "--order 2.5",
        "--g 1",
        "--g -0.1",
        "--g nan",
        "--size 1",
        "--zhat 0",
        "--zhat inf",
        "--seeds 0",
        "--epochs 0",
        "--learning-rate 0",
        "--times 0.2,0.1",
        "--times 0.1,x",
        "--times 0,1",
        "--format xml",
        "--out /proc/nowhere",
        "--nonsense 3",
        "surprise",
        "--order",
        "--times 3 --learning-rate 0.001",
    ],
)
def test_requests_that_make_no_sense(arguments: str) -> None:
    assert refusal(verify(*arguments.split())).startswith("verify: ")


def test_a_missing_extra_is_one_line() -> None:
    without = "import sys\nfor name in ('torch', 'matplotlib'): sys.modules[name] = None"
    complaint = refusal(verify_alone("--order", "3", code=without))
    assert complaint.splitlines() == [complaint.strip()]
    assert 'pip install "derive-rnn[verify]"' in complaint


def test_help_loads_nothing_heavy() -> None:
    heavy = "('torch', 'matplotlib', 'numpy', 'scipy', 'sympy')"
    code = f"import atexit, sys; atexit.register(lambda: print([n for n in {heavy} if n in sys.modules]))"
    run = verify_alone("--help", code=code)
    assert run.returncode == 0
    assert run.stdout.rstrip().endswith("[]")
    assert "--learning-rate" in run.stdout
