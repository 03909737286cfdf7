"""The figure: a panel for everything printed over learning time, networks and series."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from derive.exact.flows.flow_curve import GOOD
from verify.flows.comparison import FlowComparison
from verify.flows.outliers import EIGENVALUE, EQUATION

BLUE, RED = "#0072B2", "#D55E00"
COLUMNS = 4
MARGIN = 0.05
STILL, TINY = 1e-6, 1e-12
"""What moves by less than the one, of its values, stands still."""
Bools = NDArray[np.bool_]


def flow_figure(comparison: FlowComparison) -> bytes:
    """A PNG: networks with their deviation shaded; each series dashed through `good_until`, dotted beyond."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    names = list(comparison.series)
    columns = min(COLUMNS, len(names))
    rows = -(-len(names) // columns)
    size = (2.9 * max(columns, 3), 2.1 * rows + 1.3)
    figure, axes = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False, sharex=True)
    for axis, name in zip(axes.flat, names, strict=False):
        _panel(axis, comparison, name)
    for axis in axes.flat[len(names) :]:
        axis.remove()
    for axis in axes.flat[max(len(names) - columns, 0) : len(names)]:  # the lowest of each column
        axis.set_xlabel(r"learning time $\tau$")
        axis.tick_params(labelbottom=True)
    flow = comparison.expansion.flow
    figure.suptitle(
        f"{flow.title or 'flow'}, order {comparison.expansion.order}, g = {comparison.g:g}", fontsize=11
    )
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, fontsize=9)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=130)
    plt.close(figure)
    return stream.getvalue()


def _panel(axis: Any, comparison: FlowComparison, name: str) -> None:
    tau, mean, spread = comparison.tau, comparison.mean[name], comparison.deviation[name]
    series, until = comparison.function[name], comparison.good_until[name]
    good, beyond = np.linspace(0.0, until, 100), np.linspace(until, tau[-1], 100)
    drawn, rest = np.array([series(time) for time in good]), [series(time) for time in beyond]
    axis.fill_between(tau, mean - spread, mean + spread, color=BLUE, alpha=0.2, lw=0)
    axis.plot(tau, mean, color=BLUE, lw=2.2, label=f"{comparison.seeds} networks, N = {comparison.size}")
    axis.plot(good, drawn, "--", color=RED, lw=1.8, label=f"series, rest below {100 * GOOD:g}%")
    axis.plot(beyond, rest, ":", color=RED, lw=1.6, label="series, beyond")
    low, high = _limits((mean - spread, mean + spread), tau <= max(until, tau[-1] / 2), drawn)
    radius = comparison.radius.get(name, np.inf)
    axis.plot([radius] * 2, [low, high], color="0.6", lw=1, label="estimated radius")
    axis.set(xlim=(0, 1.15 * tau[-1]), ylim=(low, high))
    at = f" at x = {EIGENVALUE}" if name == EQUATION else ""
    axis.set_title(f"{name}{at}", fontsize=9)
    axis.tick_params(labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)


def _limits(band: tuple[Array, Array], early: Bools, series: Array) -> tuple[float, float]:
    """Of what is seen while the series is good, or half the time, and of later networks as much again.

    A network that loses its stability would else hide what all others do.
    """
    lower, upper = band
    low = min(float(lower[early].min()), float(series.min()))
    high = max(float(upper[early].max()), float(series.max()))
    size = max(abs(low), abs(high), TINY)
    if high - low < STILL * size:
        return low - size / 20, high + size / 20
    height = high - low
    bottom = max(min(low, float(lower.min())), low - height) - MARGIN * height
    top = min(max(high, float(upper.max())), high + height) + MARGIN * height
    return bottom, top
