"""The pages on the closed form and on error bars show what the package prints today."""

import doctest
import re
import shlex

import pytest
from in_process import run_here
from project import ROOT
from slow_cases import slow_but

from derive.cli import main

PAGES = slow_but({"closed_form.md"}, ("closed_form.md", "error_bars.md"))


@pytest.mark.parametrize("page", PAGES)
def test_python_examples(page):
    options = doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testfile(str(ROOT / "docs" / page), module_relative=False, optionflags=options)
    assert (failed, tried > 5) == (0, True)


@pytest.mark.parametrize("page", PAGES)
def test_commands(page):
    text = (ROOT / "docs" / page).read_text()
    shown = re.findall(r"^\$ derive (.*)\n((?:(?!\$ |```).*\n)+)", text, flags=re.MULTILINE)
    assert len(shown) == 1
    for arguments, printed in shown:
        assert run_here(main, "derive", *shlex.split(arguments)).stdout.strip() == printed.strip()
