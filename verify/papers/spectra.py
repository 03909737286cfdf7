"""The paper's supplement: singular values of dW, W0 and W, eigenvalues of dW and W, for three tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from verify.papers.style import BLACK, BLUE, GREEN, ORANGE, Pyplot, line_legend
from verify.papers.trained import FEW_STRENGTHS, PAPERS_TASKS, Trained
from verify.training.measures import spectra
from verify.training.tasks import TASKS

SHOWN = 40
WINDOW = 2.2


def draw(trained: Trained, plt: Pyplot) -> Figure:
    """A row a task: singular values and eigenvalues of network 0 at each g."""
    columns = 2 * len(FEW_STRENGTHS)
    figure, axes = plt.subplots(len(PAPERS_TASKS), columns, figsize=(9.6, 5.0))
    circle = np.exp(1j * np.linspace(0, 2 * np.pi, 200))
    for row, name in enumerate(PAPERS_TASKS):
        runs = trained.runs(name, FEW_STRENGTHS, (0,))
        for k, (g, run) in enumerate(zip(FEW_STRENGTHS, runs, strict=True)):
            found = spectra(TASKS[name], run)
            values, plane = axes[row, k], axes[row, len(FEW_STRENGTHS) + k]
            index = np.arange(1, min(SHOWN, len(found.change)) + 1)
            for strengths, colour in ((found.whole, BLUE), (found.initial, GREEN), (found.change, ORANGE)):
                values.plot(index, strengths[: len(index)], ".", ms=3, color=colour)
            values.set(ylim=(0, None))
            if g > 0:
                eigenvalues = found.whole_eigenvalues
                plane.plot(eigenvalues.real, eigenvalues.imag, ".", ms=2, color=BLUE)
                plane.plot(g * circle.real, g * circle.imag, color="0.5", lw=0.7)
            eigenvalues = found.change_eigenvalues
            plane.plot(eigenvalues.real, eigenvalues.imag, ".", ms=2, color=ORANGE)
            plane.axvline(1, color=BLACK, lw=0.6, ls="--")
            plane.set(xlim=(-WINDOW, WINDOW), ylim=(-WINDOW, WINDOW), aspect="equal")
            if row == 0:
                values.set_title(rf"singular values, $g = {g:g}$", fontsize=8)
                plane.set_title(rf"eigenvalues, $g = {g:g}$", fontsize=8)
        axes[row, 0].set_ylabel(name)
        axes[row, len(FEW_STRENGTHS)].set_ylabel(r"$\mathrm{Im}\,\lambda$")
    for values, plane in zip(*np.split(axes[-1], 2), strict=True):
        values.set_xlabel("index")
        plane.set_xlabel(r"$\mathrm{Re}\,\lambda$")
    entries: list[tuple[str, dict[str, Any]]] = [
        (label, {"color": colour, "marker": ".", "ls": ""})
        for label, colour in ((r"$W$", BLUE), (r"$W_0$", GREEN), (r"$\Delta W$", ORANGE))
    ]
    entries.append((r"$|\lambda| = g$", {"color": "0.5", "lw": 0.7}))
    entries.append((r"$\mathrm{Re}\,\lambda = 1$", {"color": BLACK, "lw": 0.6, "ls": "--"}))
    line_legend(figure, entries, 5)
    return figure
