"""An option means the same in every command of both packages: what it takes is written the same way."""

from collections import defaultdict

import pytest
import typer.main
from in_process import run_here

import derive.cli
import verify.cli

LISTS = {  # of a grid or a survey, several values where other commands take one
    "--g": {"G", "G1,G2,...", "G1,G2,...|LOW:HIGH:COUNT"},
    "--zhat": {"Z", "Z1,...", "Z1,Z2,...|LOW:HIGH:COUNT"},
    "--size": {"N", "N1,..."},
    "--learning-rate": {"LR", "LR1,..."},
    "--momentum": {"MU", "MU1,...", "MU|best"},
    "--multiples": {"F1,F2,...|best", "F1,F2,...|LOW:HIGH:COUNT"},
}
CHOICES = {"--format", "--task", "--nonlinearity", "--train"}
"""What may be chosen is the command's own."""
PLACES = {"--out": {"DIR", "FILE"}}


def options():
    """Where each option stands, by its name: the command, and what it takes."""
    found = defaultdict(dict)

    def walk(name, command):
        for parameter in command.params:
            for option in getattr(parameter, "opts", ()):
                if option.startswith("--"):
                    takes = None if getattr(parameter, "is_flag", False) else parameter.metavar
                    found[option][name] = takes
        for inner, child in getattr(command, "commands", {}).items():
            walk(f"{name} {inner}", child)

    walk("derive", typer.main.get_command(derive.cli.app))
    walk("verify", typer.main.get_command(verify.cli.app))
    return found


def test_options_agree():
    different = {}
    for option, places in options().items():
        takes = set(places.values())
        allowed = LISTS.get(option) or PLACES.get(option)
        if option in CHOICES:
            assert all("|" in text or text.isupper() or "," in text for text in takes), (option, places)
        elif not (takes <= allowed if allowed else len(takes) == 1):
            different[option] = places
    assert different == {}


def test_all_commands_are_walked():
    found = options()
    assert len(found["--format"]) >= 20
    assert "verify sweep" in found["--seeds"]
    assert found["--yes"] == dict.fromkeys(found["--yes"])


def test_every_option_with_a_value_is_given_once():
    """In every command of both packages; the parser's convention is that the last one counts."""
    walked = [
        (place.split(), option, takes)
        for option, places in options().items()
        for place, takes in places.items()
        if option not in ("--help", "--install-completion", "--show-completion")
    ]
    assert len(walked) > 200
    for (program, *command), option, takes in walked:
        if takes is None:
            continue
        main = {"derive": derive.cli.main, "verify": verify.cli.main}[program]
        refused = run_here(main, program, *command, option, "1", option, "1")
        said = f"{program}: {option}: given 2 times; allowed is once\n"
        assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", said)


@pytest.mark.parametrize("again", [["--no-write"], ["--check", "--check"]])
def test_a_flag_says_no_more_when_it_is_given_again(again, tmp_path):
    result = run_here(derive.cli.main, "derive", "--order", 2, "--no-write", *again, "--out", tmp_path)
    assert "given" not in result.stderr
