"""The help of every command at every width: no line is wider, no option and no word is missing."""

import pytest
import typer

import derive.cli
import verify.cli
from derive.command_help import with_help_page

APPLICATIONS = {"derive": derive.cli.app, "verify": verify.cli.app}
HEADINGS = 29  # the longest heading, which is not cut


def pages(application):
    """Each command's parameters and help."""
    command = with_help_page(typer.main.get_command(application))
    with command.context_class(command, info_name="it") as context:
        yield command, command.get_help(context)
        for name, one in command.commands.items():
            with one.context_class(one, parent=context, info_name=name) as below:
                yield one, one.get_help(below)


@pytest.mark.parametrize("width", [HEADINGS, 40, 61, 62, 80, 200])
@pytest.mark.parametrize("name", APPLICATIONS)
def test_nothing_is_cut(name, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    seen = 0
    for command, page in pages(APPLICATIONS[name]):
        assert max(map(len, page.splitlines())) <= min(width, 80), page
        joined = "".join(page.split())
        for parameter in (one for one in command.params if not getattr(one, "hidden", False)):
            assert all(option in page for option in parameter.opts if option.startswith("--")), parameter
            metavar = (parameter.metavar or "").strip("{}[]")
            assert "".join(metavar.split()) in joined, metavar
            assert "".join((getattr(parameter, "help", None) or "").split()) in joined, parameter.help
            seen += 1
        assert "".join((command.help or "").split()) in joined
    assert seen > 60


@pytest.mark.parametrize("name", APPLICATIONS)
def test_commands_are_listed_with_their_whole_first_sentence(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    (group, page), *below = pages(APPLICATIONS[name])
    joined = "".join(page.split())
    assert len(below) == len(group.commands) > 9
    for command, _ in below:
        first = command.help.split("\n\n")[0].split(". ")[0]
        assert "".join(first.split()).rstrip(".") in joined, first
