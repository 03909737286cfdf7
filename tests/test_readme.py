"""What the README shows is what the commands print today."""

import re
import subprocess
import sys

from project import ROOT

README = (ROOT / "README.md").read_text()


def blocks(language=""):
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)


def test_the_first_result_is_real():
    shown = next(block for block in blocks() if block.startswith("Fixed-point task"))
    done = subprocess.run(
        [sys.executable, "-c", "from derive.cli import main; main()", "--order", "5", "--no-write"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(shown.rstrip())


def test_the_python_lines_run(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)  # as Python does when started in the repository
    shown = 0
    for block in blocks("python"):
        names = {}
        for source, result in re.findall(r"^>>> (.*)\n((?:(?!>>>).+\n)*)", block, flags=re.MULTILINE):
            if result:
                assert repr(eval(source, names)) == result.strip(), source
                shown += 1
            else:
                exec(source, names)
    assert shown >= 2


def test_the_equations_of_the_table_name_things_that_exist():
    import derive

    rows = [line for line in README.splitlines() if line.startswith("|")]
    names = {name for row in rows for name in re.findall(r"`\.(\w+)`", row)}
    expansion = derive.expand(derive.FixedPointTask(), 2)
    assert {"readout", "loss", "a_matrix"} <= names
    assert all(hasattr(expansion, name) for name in names)


def test_the_tables_of_names_come_from_the_registry(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    import symbol_tables

    page = symbol_tables.PAGE.read_text()
    assert symbol_tables.filled(page) == page
    cut = page.replace("| `readout` |", "| `read_out` |")
    assert cut != page
    assert symbol_tables.filled(cut) == page
