"""The figure: every readout and the loss over learning time, networks and printed series."""

from __future__ import annotations

import io

import numpy as np

from verify.flows.comparison import FlowComparison

NETWORKS, SERIES = "#0072B2", "#D55E00"
MOST_PANELS = 6


def flow_figure(comparison: FlowComparison) -> bytes:
    """A PNG: networks with their deviation shaded, the series dashed where judged, dotted beyond."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    names = list(comparison.series)[:MOST_PANELS]
    figure, axes = plt.subplots(
        1, len(names), figsize=(3.6 * max(len(names), 2), 3.6), layout="constrained", squeeze=False
    )
    tau = comparison.tau
    strong = tau <= comparison.judged
    strong[np.flatnonzero(strong)[-1] : np.flatnonzero(strong)[-1] + 2] = True
    for axis, name in zip(axes[0], names, strict=True):
        mean, spread = comparison.mean[name], comparison.deviation[name]
        axis.fill_between(tau, mean - spread, mean + spread, color=NETWORKS, alpha=0.2, lw=0)
        axis.plot(
            tau, mean, color=NETWORKS, lw=2.2, label=f"{comparison.seeds} networks, N = {comparison.size}"
        )
        low, high = axis.get_ylim()
        series = comparison.series[name]
        axis.plot(tau[strong], series[strong], "--", color=SERIES, lw=2, label="series, where judged")
        axis.plot(tau[~strong], series[~strong], ":", color=SERIES, lw=1.6, label="series, beyond")
        axis.set_ylim(low, high)
        axis.set(xlabel=r"learning time $\tau$", ylabel=name)
        axis.spines[["top", "right"]].set_visible(False)
    flow = comparison.expansion.flow
    figure.suptitle(
        f"{flow.title or 'flow'}, order {comparison.expansion.order}, g = {comparison.g:g}", fontsize=11
    )
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=130)
    plt.close(figure)
    return stream.getvalue()
