"""``verify regress`` over modules of ``derive flow``: right ones pass, every wrong coefficient is noticed."""

import shutil

import pytest
from in_process import derive_here, refusal, run_here
from project import ROOT

from derive.command_line import UsageProblem
from verify.cli import main
from verify.regression.flow_modules import flow_module_checks, is_flow_module

FLOWS = ROOT / "docs" / "flows"


@pytest.fixture
def printed(tmp_path):
    def make(name, order=3):
        shutil.copy(FLOWS / f"{name}.toml", tmp_path)
        done = derive_here("flow", tmp_path / f"{name}.toml", "--order", order, "--out", tmp_path)
        assert done.returncode == 0, done.stderr
        return tmp_path / f"{name}.py"

    return make


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gradient", "weight_decay", "feedback_alignment", "two_outputs", "hebbian"])
def test_printed_flows_pass(name, printed, regression):
    path = printed(name)
    assert is_flow_module(path)
    checks = flow_module_checks(path)
    assert [check for check in checks if not check.passed] == []
    assert len(checks) >= 2
    regression.module(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("weight_decay", "one = (", "one = 1.001 * ("),
        ("gradient", "8 * zhat**2", "8.008 * zhat**2"),
        ("two_outputs", "* f0", "* f0 * 1.001"),
    ],
)
def test_a_wrong_coefficient_fails(name, right, wrong, printed):
    path = printed(name)
    source = path.read_text()
    assert right in source
    head, functions = source.split("def ", 1)
    first, *others = functions.split("\n\n\n")
    first = first.replace(right, wrong) if right in first else first
    others = others if first != functions.split("\n\n\n")[0] else [x.replace(right, wrong) for x in others]
    path.write_text(head + "def " + "\n\n\n".join([first, *others]))
    assert [check for check in flow_module_checks(path) if not check.passed]


def test_the_command(printed):
    path = printed("weight_decay_from_start", 2)
    done = run_here(main, "verify", "regress", path, "--quick")
    assert done.returncode == 0, done.stdout
    assert "printed z against the flow" in done.stdout
    (path.parent / "weight_decay_from_start.toml").unlink()
    assert "weight_decay_from_start.toml" in refusal(run_here(main, "verify", "regress", path, "--quick"))


def test_derive_check_covers_flows(printed):
    """The header's command is run again on the file beside the module."""
    path = printed("momentum", 2)
    again = derive_here("--check", "--out", path.parent)
    assert again.returncode == 0, again.stderr
    path.write_text(path.read_text().replace("mu", "nu", 1))
    assert derive_here("--check", "--out", path.parent).returncode == 1


def test_no_module_of_a_flow(tmp_path):
    (tmp_path / "mine.py").write_text(
        "# Made by the command: derive flow gone.toml --order 2 --format python\n"
    )
    with pytest.raises(UsageProblem, match=r"gone\.toml is neither"):
        flow_module_checks(tmp_path / "mine.py")
