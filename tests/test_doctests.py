"""The examples in the docstrings of both packages."""

import doctest
import importlib
import pkgutil

import pytest

import derive
import verify

MODULES = sorted(
    module.name
    for package in (derive, verify)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
)


@pytest.mark.parametrize("name", ["derive", *MODULES])
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    examples = sum(
        len(test.examples) for name in MODULES for test in finder.find(importlib.import_module(name))
    )
    assert examples >= 5
