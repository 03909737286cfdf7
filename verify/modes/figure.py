"""The figure of ``verify modes``: the entries of Z and the singular values of W - W0 over learning."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.write.figures.curve_figures import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    YELLOW,
    as_png,
    new_figure,
    styled,
)
from verify.modes.comparison import ModesComparison
from verify.modes.exact import exact_values

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, YELLOW)
CURVE_POINTS = 120


@styled
def _draw(comparison: ModesComparison) -> Any:
    from matplotlib.lines import Line2D

    theory, shape = comparison.theory, comparison.theory.target.shape
    ttilde = np.linspace(0, comparison.plan.ttilde[-1], CURVE_POINTS)
    tau = ttilde / comparison.unit
    exact = exact_values(theory.modes, shape, comparison.g, tau)[0]
    printed = [theory.observables(t, comparison.g) for t in tau]
    mean, deviation = (x["fixed_point"] for x in comparison.simulation.statistics(tau))
    inside = ttilde < comparison.radius
    names = list(exact)
    entries = theory.target.size
    figure, axes = new_figure(columns=2, width=8.4, height=3.8)
    for axis, chosen in zip(axes[0], (names[:entries], names[entries + 2 :]), strict=True):
        for k, name in enumerate(chosen):
            colour = COLOURS[k % len(COLOURS)]
            label = rf"$s_{{{name[1:]}}}$" if name[0] == "s" else rf"$Z_{{{name[2:-1].replace(',', '')}}}$"
            spread = deviation[name]
            axis.fill_between(ttilde, mean[name] - spread, mean[name] + spread, color=colour, alpha=0.2, lw=0)
            axis.plot(ttilde, mean[name], color=colour, lw=2.6, alpha=0.6, label=label)
            axis.plot(ttilde, exact[name], color=BLACK, lw=0.9)
        low, high = axis.get_ylim()
        for name in chosen:
            series = np.array([values[name] for values in printed])
            axis.plot(ttilde[inside], series[inside], "--", color=RED, lw=1.3)
            axis.plot(ttilde[~inside], series[~inside], ":", color=RED, lw=1.0)
        axis.set_ylim(low, high)
        axis.set_xlim(0, ttilde[-1])
        axis.set_xlabel(r"effective learning time $\tilde\tau = \beta^2\tau$")
        axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), ncols=1 + len(chosen) // 10)
    axes[0, 0].set_ylabel(r"readout $Z$")
    axes[0, 1].set_ylabel(r"singular values of $W - W_0$")
    axes[0, 0].set_title(
        rf"$N = {comparison.size}$, $g = {comparison.g:g}$, {comparison.seeds} networks, "
        f"series of order {theory.order}",
        loc="left",
    )
    handles = [
        Line2D([], [], color="0.5", lw=2.6, alpha=0.6, label="gradient descent, mean and deviation"),
        Line2D([], [], color=BLACK, lw=0.9, label=r"exact limit $N = \infty$, mode by mode"),
        Line2D([], [], color=RED, lw=1.2, ls="--", label="printed series"),
        Line2D([], [], color=RED, lw=1.0, ls=":", label="beyond its radius"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure


def modes_figure(comparison: ModesComparison) -> bytes:
    """A PNG. Left the entries of Z, right the leading singular values, as many as modes.

    The series is drawn strongly inside its radius of convergence, lightly beyond.
    """
    picture: bytes = as_png(_draw(comparison), dpi=150)
    return picture
