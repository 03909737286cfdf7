"""The pages of docs/ show what the package prints today."""

import doctest
import re
import shlex
import subprocess
import sys

from project import ROOT

PAGE = ROOT / "docs" / "scalars_and_spectra.md"


def test_python_examples(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)  # as Python does when started in the repository
    options = doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, optionflags=options)
    assert failed == 0
    assert tried >= 20


def test_commands():
    shown = re.findall(r"^\$ derive (.*)\n((?:(?!\$ |```).*\n)+)", PAGE.read_text(), flags=re.MULTILINE)
    assert len(shown) == 5
    for arguments, printed in shown:
        command = [sys.executable, "-c", "from derive.cli import main; main()", *shlex.split(arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.stdout or done.stderr).strip() == printed.strip()
