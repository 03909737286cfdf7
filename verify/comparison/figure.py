"""The figure: loss and singular values of W - W0 over effective time, as in the paper's Fig. 3 (b-e)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from verify.comparison.comparison import Comparison, series_values
from verify.truth.flow_curve import has_exact_curve, limit_observables

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVE_POINTS = 120
# Okabe and Ito's palette: told apart with any colour vision
UNROLLED, FIXED_POINT, LIMIT = "#0072B2", "#E69F00", "#000000"
COLOURS = {"unrolled": UNROLLED, "fixed_point": FIXED_POINT}
STYLES = {"unrolled": "-", "fixed_point": (0, (4, 4))}
LABELS = {"unrolled": "unrolled in time", "fixed_point": "fixed point"}
LOSS = r"loss $(\hat z - z)^2/2$"
PANELS = {"loss": LOSS, "s1": r"$s_1(W - W_0)$", "s2": r"$s_2(W - W_0)$"}
FROZEN_PANELS = {"readout": r"readout $z$", "loss": LOSS}


def comparison_figure(comparison: Comparison) -> bytes:
    """A PNG: simulations with their deviation shaded, the printed series dashed, the limit thin.

    The series is drawn strongly as far as it is judged and lightly beyond.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    request = comparison.request
    panels = PANELS if "W" in request.task.train else FROZEN_PANELS
    size = (4 * len(panels) + 2 * (len(panels) < 3), 3.8)  # the legend needs the width of two and a half
    figure, axes = plt.subplots(1, len(panels), figsize=size, layout="constrained")
    for axis, (name, label) in zip(axes, panels.items(), strict=True):
        _panel(axis, comparison, name)
        axis.set(xlabel=r"effective learning time $\tilde\tau = \beta^2\tau$", ylabel=label)
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(
        rf"$N = {request.size}$, $g = {request.g:g}$, $\hat z = {request.zhat:g}$, {request.task_text}"
        f"{request.seeds} {'network' if request.seeds == 1 else 'networks'}, series of order {request.order}",
        fontsize=11,
    )
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=150)
    plt.close(figure)
    return stream.getvalue()


def _panel(axis: Axes, comparison: Comparison, name: str) -> None:
    request, plan = comparison.request, comparison.plan
    ttilde = np.linspace(0, plan.ttilde[-1], CURVE_POINTS)
    tau = ttilde / request.beta_squared
    mean, deviation = comparison.simulation.statistics(tau)
    for simulator in mean:
        colour, centre = COLOURS[simulator], mean[simulator][name]
        spread = deviation[simulator][name]
        if simulator == "unrolled":  # the two shades would lie on top of each other
            axis.fill_between(ttilde, centre - spread, centre + spread, color=colour, alpha=0.2, lw=0)
        axis.plot(ttilde, centre, ls=STYLES[simulator], color=colour, lw=2.5, label=LABELS[simulator])
    exact = limit_observables(request.g, request.zhat, tau, request.task).values[name]
    label = "exact limit" if has_exact_curve(request.task) else "integrated limit"
    axis.plot(ttilde, exact, color=LIMIT, lw=0.9, label=rf"{label} $N = \infty$")
    series = series_values(comparison.theory, request, tau)[name]
    judged = np.flatnonzero([True, *comparison.judgement.judged[name]])[-1]
    until = plan.ttilde[judged - 1] if judged else 0.0
    low, high = axis.get_ylim()
    strong = ttilde <= until
    label = "series, where judged"
    axis.plot(ttilde[strong], series[strong], "--", color="#D55E00", lw=2, label=label)
    axis.plot(ttilde[~strong], series[~strong], ":", color="#D55E00", lw=1.6, label="series, beyond")
    axis.set_ylim(low, high)
    axis.set_xlim(0, plan.ttilde[-1])
