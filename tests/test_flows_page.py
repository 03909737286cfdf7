"""The page "your own flow": its first file is an example, its table names all of them, and they expand."""

import re

import pytest
from project import ROOT

import derive

PAGE = ROOT / "docs" / "flows.md"
EXAMPLES = sorted((ROOT / "docs" / "flows").glob("*.toml"))


def test_the_first_file_is_the_example():
    text = re.search(r"```toml\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)[1]
    assert text == (ROOT / "docs" / "flows" / "weight_decay.toml").read_text()


def test_every_example_is_in_the_table():
    named = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), flags=re.MULTILINE))
    assert {path.stem for path in EXAMPLES} <= named


@pytest.mark.parametrize(
    ("path", "order"),
    [
        *((path, 3 if "freq" in path.stem else 6) for path in EXAMPLES),
        *(pytest.param(path, 6, marks=pytest.mark.slow) for path in EXAMPLES if "freq" in path.stem),
    ],
    ids=lambda value: getattr(value, "stem", value),
)
def test_every_example_expands(path, order):
    expansion = derive.expand(derive.read_flow(path), order)
    assert all(len(series) == order + 1 for series in expansion.series.values())
    assert any(series.coefficients[order].numerator for series in expansion.series.values())
