"""The script that mypy reads in .ci/run does what its types say."""

import user_script
from project import ROOT

import derive
import verify


def test_the_script_runs():
    user_script.main()


def test_both_packages_show_their_types():
    for package in (derive, verify):
        assert (ROOT / package.__name__ / "py.typed").exists()
        assert f'{package.__name__} = ["py.typed"' in (ROOT / "pyproject.toml").read_text()
