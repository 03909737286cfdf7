"""The examples of docs/overlaps.md run."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "overlaps.md"


def test_examples():
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted >= 8
    assert result.failed == 0
