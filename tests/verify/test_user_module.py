"""A module that somebody else wrote cannot end a check: what it raises is a failure with status 2."""

import pytest
from in_process import derive_here, refusal, verify_here

from derive.command_line import UsageProblem
from derive.document.request import Request
from derive.write.render import Rendering
from verify.truth.theory import read_theory

ENDINGS = (
    "import sys; sys.exit(0)",
    "raise SystemExit",
    "exit()",
    "raise BaseException('no')",
    "1/0",
    "quit(0)",
)
PRINTED = Rendering(Request(1, singular_values=1)).module


def edited(ending, place):
    """The printed module with an ending at its top, its bottom, or within a function."""
    if place == "top":
        return f"{ending}\n{PRINTED}"
    if place == "bottom":
        return f"{PRINTED}\n{ending}\n"
    head, _, tail = PRINTED.partition("def readout(tau, zhat, g):\n")
    return f"{head}def readout(tau, zhat, g):\n    {ending}\n\n\ndef unused(tau, zhat, g):\n{tail}"


@pytest.mark.parametrize("place", ["top", "bottom", "function"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_every_command_that_executes_a_module(ending, place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated" / "order_1.py").write_text(edited(ending, place))
    for arguments in (
        ["regress", "--quick"],
        ["regress", "generated/order_1.py", "--quick"],
        ["--order", "1", "--quick", "--size", "8", "--seeds", "1", "--epochs", "4"],
    ):
        done = verify_here(*arguments)
        assert done.returncode == 2, (arguments, done)
        assert done.stdout == ""
        last = done.stderr.splitlines()[-1]
        assert "order_1.py" in last
        assert "cannot be used" in last
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("place", ["top", "bottom", "function"])
def test_modules_of_modes(place, tmp_path, monkeypatch):

    monkeypatch.chdir(tmp_path)
    (tmp_path / "target.json").write_text("[[1]]")
    printed = derive_here("modes", "target.json", "--order", "1", "--format", "python").stdout
    head, name, tail = printed.partition("def readout(tau, g):\n")
    ending = "raise SystemExit(0)"
    sources = {
        "top": f"{ending}\n{printed}",
        "bottom": f"{printed}\n{ending}\n",
        "function": f"{head}{name}    {ending}\n\n\ndef unused(tau, g):\n{tail}",
    }
    (tmp_path / "modes.py").write_text(sources[place])
    given = ["modes", "target.json", "--order", "1", "--module", "modes.py", "--quick", "--size", "8"]
    complaint = refusal(verify_here(*given, "--seeds", "1", "--epochs", "4"))
    assert "cannot be used (SystemExit" in complaint


@pytest.mark.parametrize("change", [("ORDER = 1", "ORDER = '1'"), ("def loss", "loss = 1\ndef lost")])
def test_a_module_that_holds_something_else(change, tmp_path):
    path = tmp_path / "order_1.py"
    path.write_text(PRINTED.replace(*change))
    with pytest.raises(UsageProblem, match=r"order_1\.py cannot be used: its ORDER|has no function loss"):
        read_theory(path)


def test_help_says_that_modules_are_executed():
    for command in ("regress", "modes", "figures", ""):
        printed = verify_here(*([command] if command else []), "--help").stdout
        assert "executed" in printed
