"""The examples in the docstrings of both packages."""

import doctest
import importlib

import pytest
from project import ROOT


def modules():
    """Every module of both packages by its dotted name, and its file."""
    for package in ("derive", "verify"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


SHOWN = [name for name, path in modules() if ">>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", SHOWN)
def test_examples(name):
    results = doctest.testmod(importlib.import_module(name))
    assert results.failed == 0
    assert results.attempted > 0


def test_every_module_is_importable():
    for name, _ in modules():
        importlib.import_module(name)
