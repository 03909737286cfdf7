"""Declared requirements: each says its lowest version, and the versions tested lie in the declared ranges."""

import itertools
import subprocess
import sys
import tomllib
from functools import cache

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from project import ROOT


@cache
def declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    found = [Requirement(text) for text in texts]
    return {canonicalize_name(each.name): each for each in found if each.name != project["name"]}


@cache
def pinned():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(pin.name): Version(next(iter(pin.specifier)).version) for pin in pins}


@cache
def lowest():
    """What `.ci/lowest` prints."""
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "lowest"], capture_output=True, text=True, check=True
    )
    pins = [Requirement(line) for line in done.stdout.splitlines()]
    return {canonicalize_name(pin.name): Version(next(iter(pin.specifier)).version) for pin in pins}


def test_tested_versions_are_declared_ones():
    for name, requirement in declared().items():
        assert requirement.specifier.contains(pinned()[name]), (name, pinned()[name])


def test_every_requirement_has_a_lowest_version_not_above_the_tested_one():
    assert set(lowest()) == set(declared())
    for name, version in lowest().items():
        assert declared()[name].specifier.contains(version)
        assert version <= pinned()[name]


def test_the_pins_agree_with_each_other():
    """What is installed here is what the constraints say, where the package is installed."""
    from importlib.metadata import PackageNotFoundError, version

    differing = {}
    for name in declared():
        try:
            installed = Version(version(name))
        except PackageNotFoundError:
            continue
        if not declared()[name].specifier.contains(installed):
            differing[name] = installed
    assert differing == {}
