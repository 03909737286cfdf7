"""The paper's Fig. S1: convergence, |dW|, |W0| and functional rank over N, at g = 0, 0.9, 1.8."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from verify.papers.style import COLOURS, Pyplot, line_legend
from verify.papers.trained import FEW_STRENGTHS, PAPERS_TASKS, Trained
from verify.training.measures import Measures
from verify.training.run import TrainedNetwork

SIZES = (64, 128, 256, 512, 1024)
QUICK_SIZES = (32, 64, 128)
LEAST_CONVERGED = 3
ROWS = ("epochs to 5% of the loss", r"$|\Delta W|$", r"$|W_0|$", "functional rank")


def draw(trained: Trained, plt: Pyplot) -> Figure:
    """A column a task, a colour each g; points where at least 3 networks (or all) have converged."""
    figure, axes = plt.subplots(len(ROWS), len(PAPERS_TASKS), figsize=(6.4, 7.0), sharex=True)
    sizes = (trained.size,) if trained.size else QUICK_SIZES if trained.quick else SIZES
    for column, name in enumerate(PAPERS_TASKS):
        for g, colour in zip(FEW_STRENGTHS, COLOURS, strict=False):
            points = []
            for size in sizes:
                runs = trained.runs(name, (g,), size=size)
                points.append(_point(runs, trained.measured(runs), size, g))
            means, deviations = np.array(points).transpose(1, 2, 0)
            for axis, mean, deviation in zip(axes[:, column], means, deviations, strict=True):
                axis.errorbar(sizes, mean, deviation, fmt="o-", ms=3, color=colour, capsize=2, lw=1.1)
        axes[0, column].set(title=name, yscale="log")
        axes[-1, column].set(xlabel="$N$", xscale="log", xticks=sizes, xticklabels=sizes)
        axes[-1, column].minorticks_off()
        axes[0, column].yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes[0, column].yaxis.set_major_formatter(ScalarFormatter())
        axes[0, column].yaxis.set_minor_formatter(NullFormatter())
    for axis, label in zip(axes[:, 0], ROWS, strict=True):
        axis.set_ylabel(label)
    entries = [
        (rf"$g = {g:g}$", {"color": c, "lw": 1.4}) for g, c in zip(FEW_STRENGTHS, COLOURS, strict=False)
    ]
    line_legend(figure, entries, 3)
    return figure


def _point(
    runs: list[TrainedNetwork], measured: list[Measures], size: int, g: float
) -> tuple[list[float], list[float]]:
    """Means and deviations of the rows over the networks that converged; of |W0| alone where too few did."""
    initial = g * np.sqrt(size)
    chosen = [
        (run.convergence_epoch, m.norm, initial, m.functional_rank)
        for run, m in zip(runs, measured, strict=True)
        if run.convergence_epoch is not None and m.functional_rank is not None
    ]
    if len(chosen) < min(LEAST_CONVERGED, len(runs)):
        return [np.nan, np.nan, initial, np.nan], [np.nan, np.nan, 0.0, np.nan]
    values = np.array(chosen, float)
    return values.mean(axis=0).tolist(), values.std(axis=0).tolist()
