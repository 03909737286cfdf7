"""Of its commands `derive` loads those that the words can mean."""

import pytest

from derive.cli import COMMANDS, GROUPS, application, meant


def test_every_command_is_in_the_help_once():
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(COMMANDS)
    assert len(application(tuple(COMMANDS)).registered_commands) == len(COMMANDS)


@pytest.mark.parametrize(
    ("words", "commands"),
    [
        ("--order 5 --no-write", ()),
        ("--format latex --order 5", ()),
        ("curve --g 0.6", ("curve",)),
        ("curve --help", ("curve",)),
        ("", tuple(COMMANDS)),
        ("--help", tuple(COMMANDS)),
        ("crve", tuple(COMMANDS)),
        ("--order 5 5", tuple(COMMANDS)),
        ("--no-write curve", tuple(COMMANDS)),
        ("--check", tuple(COMMANDS)),
        ("curve --check", tuple(COMMANDS)),
    ],
)
def test_meant(words, commands):
    assert meant(words.split()) == commands


def test_completion_sees_all(monkeypatch):
    monkeypatch.setenv("_DERIVE_COMPLETE", "complete_bash")
    assert meant(["--order", "5"]) == tuple(COMMANDS)
