"""The Python on the pages of docs/ prints what stands there."""

import doctest

import pytest
from project import ROOT
from slow_cases import slow_but

EXAMPLES = {  # how many at least
    "scalars_and_spectra.md": 15,
    "spectra.md": 10,
    "one_network.md": 5,
    "several_outputs.md": 2,
    "closed_form.md": 6,
    "error_bars.md": 6,
    "flows.md": 10,
    "overlaps.md": 8,
    "overlaps_beyond.md": 24,
}
SLOW = {"error_bars.md", "flows.md", "overlaps_beyond.md"}


@pytest.fixture
def at_root(monkeypatch):
    """As Python does when started in the repository."""
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(ROOT)


@pytest.mark.parametrize("page", slow_but(EXAMPLES.keys() - SLOW, EXAMPLES))
def test_python_examples(page, at_root):
    options = doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testfile(str(ROOT / "docs" / page), module_relative=False, optionflags=options)
    assert failed == 0
    assert tried >= EXAMPLES[page]
