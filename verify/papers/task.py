"""The figure of ``verify task``: loss, singular values of dW and loss over its rank, a colour each g."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from verify.papers.style import COLOURS, WIDTH, files, letters, line_legend, paper_style
from verify.training.measures import Measures
from verify.training.run import CONVERGED, TrainedNetwork
from verify.training.tasks.task import Task

SHOWN = 11


def task_figure(task: Task, runs: Sequence[TrainedNetwork], measured: Sequence[Measures]) -> dict[str, bytes]:
    """As ``pdf`` and ``png``; each network a line of its own."""
    strengths = list(dict.fromkeys(run.identity.g for run in runs))
    with paper_style() as plt:
        figure, axes = plt.subplots(1, 3, figsize=(WIDTH * 1.3, 2.5))
        for run, measures in zip(runs, measured, strict=True):
            colour = COLOURS[strengths.index(run.identity.g) % len(COLOURS)]
            thin = {"color": colour, "lw": 0.9, "alpha": 0.8}
            axes[0].semilogy(run.loss / run.initial_loss, **thin)
            values = measures.singular_values[:SHOWN]
            axes[1].plot(np.arange(1, len(values) + 1), values, marker="o", ms=2.5, **thin)
            axes[2].plot(measures.truncation_loss[:SHOWN] / run.initial_loss, marker="o", ms=2.5, **thin)
        axes[0].axhline(CONVERGED, color="0.5", lw=0.7, ls="--")
        axes[0].set(xlabel="epoch", ylabel=r"loss over $L_0$")
        axes[1].set(xlabel="index", ylabel=r"singular values of $\Delta W$", ylim=(0, None))
        axes[2].set(xlabel="rank $R$", ylabel=r"loss of $W_0 + \Delta W^{(R)}$ over $L_0$", ylim=(0, None))
        letters(axes)
        entries = [
            (f"$g = {g:g}$", {"color": COLOURS[k % len(COLOURS)], "lw": 1.4}) for k, g in enumerate(strengths)
        ]
        line_legend(figure, entries, len(entries))
        figure.suptitle(task.name)
        return files(figure)
