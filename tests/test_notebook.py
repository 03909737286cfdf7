"""The notebook runs from top to bottom, and its committed outputs are those of today's code."""

import re

import pytest
from project import ROOT

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NOTEBOOK = ROOT / "notebooks" / "section_3.ipynb"


def formulas(notebook):
    """The LaTeX of every output: exact, so equal on every machine."""
    return [
        output["data"]["text/latex"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "text/latex" in output.get("data", {})
    ]


def test_section_3_runs_and_prints_the_committed_formulas():
    committed = nbformat.read(NOTEBOOK, as_version=4)
    fresh = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(fresh, timeout=120, kernel_name="python3").execute()
    assert formulas(fresh) == formulas(committed)
    assert len(formulas(fresh)) >= 4
    slopes = next(
        re.findall(r"\d\.\d+", output["data"]["text/plain"])
        for cell in fresh.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.get("data", {}).get("text/plain", "").startswith("array")
    )
    # order 6 errs as tau^7; the next term bends the slope by about the largest time over the radius
    assert all(abs(float(slope) - 7) < 0.15 for slope in slopes)
