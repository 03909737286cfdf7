"""The Python on the pages on the closed form and on error bars prints what stands there."""

import doctest

import pytest
from project import ROOT
from slow_cases import slow_but

PAGES = slow_but({"closed_form.md"}, ("closed_form.md", "error_bars.md"))


@pytest.mark.parametrize("page", PAGES)
def test_python_examples(page):
    options = doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testfile(str(ROOT / "docs" / page), module_relative=False, optionflags=options)
    assert (failed, tried > 5) == (0, True)
