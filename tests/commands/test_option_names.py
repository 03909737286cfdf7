"""An option means the same in every command of both packages: what it takes is written the same way."""

from collections import defaultdict

import typer.main

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
