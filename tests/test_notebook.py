"""Every notebook runs from top to bottom, and its committed outputs are those of today's code."""

import re

import pytest
from project import ROOT

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_CELLS = 11


def outputs(notebook, kind):
    """What the code cells show in one form."""
    return [
        output["data"][kind]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if kind in output.get("data", {})
    ]


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    """Committed, and executed now."""
    committed, fresh = (nbformat.read(request.param, as_version=4) for _ in range(2))
    client = nbclient.NotebookClient(
        fresh, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    )
    client.execute()
    return request.param.stem, committed, fresh


@pytest.mark.slow
def test_it_runs_shows_a_picture_and_what_is_committed(notebook):
    name, committed, fresh = notebook
    assert len(committed.cells) <= MOST_CELLS
    assert outputs(fresh, "image/png"), "a picture"
    assert outputs(fresh, "text/latex") == outputs(committed, "text/latex")
    assert len(outputs(fresh, "text/plain")) == len(outputs(committed, "text/plain"))
    text = "".join(outputs(committed, "text/plain"))
    assert not re.search(r"/(tmp|home)/", text)
    if name == "section_3":
        assert len(outputs(fresh, "text/latex")) >= 4
    if name == "one_network":
        shown = next(text for text in outputs(fresh, "text/plain") if text.startswith("array([6"))
        # order 6 errs as tau^7; the next term bends the slope by about the largest time over the radius
        assert all(abs(float(slope) - 7) < 0.35 for slope in re.findall(r"\d\.\d+", shown))
