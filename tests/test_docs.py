"""The how-to page: a formula in C, and long work in a notebook."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from project import ROOT

import derive
import verify


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_a_formula_in_c_at_many_times(tmp_path, monkeypatch):
    """The how-to page's lines, run in an empty folder."""
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "how_to.md").read_text()
    blocks = page.split("```")[1::2]
    [shell] = [block for block in blocks if "loop.c" in block]
    [python] = [block.removeprefix("python") for block in blocks if "ctypes" in block]
    entry = f'"{sys.executable}" -c "from derive.cli import main; main()"'
    subprocess.run(shell.replace("derive --order", f"{entry} --order"), shell=True, check=True)
    names = {}
    exec(python, names)
    readout = derive.expand(derive.FixedPointTask(), 5).readout
    np.testing.assert_allclose(names["z"], readout(names["tau"], 1.2, 0.6), rtol=1e-12)


@pytest.mark.slow
def test_long_work_shows_a_bar_in_a_notebook(tmp_path):
    """The how-to page's cell: runs are stored, and the notebook displays a widget, in which the bar lives."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipywidgets")
    page = (ROOT / "docs" / "how_to.md").read_text()
    [cell] = [block.removeprefix("python") for block in page.split("```")[1::2] if "sweep_progress" in block]
    source = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{cell}"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    shown = [out["data"] for out in notebook.cells[0].outputs if out.output_type == "display_data"]
    assert any("application/vnd.jupyter.widget-view+json" in data for data in shown), notebook.cells[
        0
    ].outputs
    assert verify.open(tmp_path / "runs").sizes["run"] == 6


def test_docstrings_on_the_page_of_the_interface(monkeypatch):
    """Examples become code, and powers outside of code keep their stars."""
    pytest.importorskip("griffe")
    monkeypatch.syspath_prepend(ROOT / "docs")
    from docstrings import as_markdown

    text = "In tau**2, of ``a * b``.\n\n>>> 2**3\n8\n>>> 1\n1\n\nAfter."
    expected = "In tau\\*\\*2, of ``a * b``.\n\n```pycon\n>>> 2**3\n8\n>>> 1\n1\n```\n\nAfter."
    assert as_markdown(text) == expected
