"""The examples of the pages on overlaps run."""

import doctest

import pytest
from project import ROOT


@pytest.mark.parametrize(
    ("page", "least"), [("overlaps.md", 8), pytest.param("overlaps_beyond.md", 24, marks=pytest.mark.slow)]
)
def test_examples(page, least):
    result = doctest.testfile(str(ROOT / "docs" / page), module_relative=False)
    assert result.attempted >= least
    assert result.failed == 0
