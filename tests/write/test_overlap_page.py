"""The examples of docs/overlaps.md run."""

import doctest

from project import ROOT

PAGE = ROOT / "docs" / "overlaps.md"


def test_examples():
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted >= 8
    assert result.failed == 0
