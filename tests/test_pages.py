"""The pages of docs/ show what the package prints today."""

import doctest
import re
import shlex

import pytest
from in_process import derive_here
from project import ROOT
from slow_cases import slow_but

EXAMPLES = {  # how many at least
    "scalars_and_spectra.md": 20,
    "closed_form.md": 6,
    "error_bars.md": 6,
    "flows.md": 10,
    "overlaps.md": 8,
    "overlaps_beyond.md": 24,
}
COMMANDS = {"scalars_and_spectra.md": 5, "closed_form.md": 1, "error_bars.md": 1, "flows.md": 1}
QUICK = {"scalars_and_spectra.md", "closed_form.md", "overlaps.md"}


@pytest.fixture
def at_root(monkeypatch):
    """As Python does when started in the repository."""
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(ROOT)


@pytest.mark.parametrize("page", slow_but(QUICK, EXAMPLES))
def test_python_examples(page, at_root):
    options = doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testfile(str(ROOT / "docs" / page), module_relative=False, optionflags=options)
    assert failed == 0
    assert tried >= EXAMPLES[page]


@pytest.mark.parametrize("page", slow_but({*QUICK, "flows.md"}, COMMANDS))
def test_commands(page, at_root):
    text = (ROOT / "docs" / page).read_text()
    shown = re.findall(r"^\$ derive (.*)\n((?:(?!\$ |```).*\n)+)", text, flags=re.MULTILINE)
    assert len(shown) == COMMANDS[page]
    for arguments, printed in shown:
        done = derive_here(*shlex.split(arguments))
        assert (done.stdout or done.stderr).strip() == printed.strip()
