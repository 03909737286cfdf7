"""The figure: readout, loss and singular values of W - W0 over effective time, as in the paper's Fig. 3."""

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
from verify.checks.statistics import judged_groups
from verify.comparison.comparison import SimulationComparison, series_values
from verify.truth.flow_curve import has_exact_curve, limit_observables

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, YELLOW)
CURVE_POINTS = 120
STYLES = {"unrolled": "-", "fixed_point": (0, (4, 4))}
ZHAT = r"$\hat z$"
LABELS = {"unrolled": "unrolled in time, mean and deviation", "fixed_point": "fixed point"}


def comparison_figure(comparison: SimulationComparison) -> bytes:
    """A PNG: simulations with their deviation shaded, the printed series dashed, the limit thin.

    The series is drawn strongly as far as it is judged and lightly beyond.
    """
    picture: bytes = as_png(_draw(comparison), dpi=150)
    return picture


def _panels(comparison: SimulationComparison) -> dict[str, list[str]]:
    """What stands together, by the label of its axis."""
    groups = judged_groups(comparison.setting)
    singular = groups.get("singular values", [name for name in groups if name in ("s1", "s2")])
    readout = {r"readout $Z$": groups["Z"]} if "Z" in groups else {r"readout $z$": ["readout"]}
    panels = {**readout, r"loss": ["loss"], r"singular values of $W - W_0$": singular}
    return {label: names for label, names in panels.items() if names}


def _symbol(name: str) -> str:
    """An observable in a legend: the entry Z_12, the singular value s_1."""
    index = name[1:] if name[0] == "s" else name[2:-1].replace(",", "")
    return rf"${name[0]}_{{{index}}}$"


@styled
def _draw(comparison: SimulationComparison) -> Any:
    from matplotlib.lines import Line2D

    setting, experiment, panels = comparison.setting, comparison.experiment, _panels(comparison)
    figure, axes = new_figure(columns=len(panels), width=4.2 * len(panels), height=3.8)
    for axis, (label, names) in zip(axes[0], panels.items(), strict=True):
        _panel(axis, comparison, names)
        axis.set(xlabel=r"effective learning time $\tilde\tau = \beta^2\tau$", ylabel=label)
    axes[0, 0].set_title(
        f"{experiment.text.replace('zhat', ZHAT)}, "
        f"{experiment.seeds} {'network' if experiment.seeds == 1 else 'networks'}, "
        f"series of order {comparison.theory.order}",
        loc="left",
    )
    exact = "exact" if has_exact_curve(setting.task) else "integrated"
    handles = [
        *(
            Line2D([], [], color="0.5", lw=2.5, ls=STYLES[name], label=LABELS[name])
            for name in comparison.mean
        ),
        Line2D([], [], color=BLACK, lw=0.9, label=rf"{exact} limit $N = \infty$"),
        Line2D([], [], color=RED, lw=1.6, ls="--", label="series, where judged"),
        Line2D([], [], color=RED, lw=1.2, ls=":", label="series, beyond"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


def _panel(axis: Any, comparison: SimulationComparison, names: list[str]) -> None:
    setting, plan = comparison.setting, comparison.plan
    ttilde = np.linspace(0, plan.ttilde[-1], CURVE_POINTS)
    tau = ttilde / setting.unit
    mean, deviation = comparison.simulation.statistics(tau)
    exact = limit_observables(setting, tau).values
    series = series_values(comparison.theory, setting, tau)
    for k, name in enumerate(names):
        colour = COLOURS[k % len(COLOURS)]
        for simulator in mean:
            centre, spread = mean[simulator][name], deviation[simulator][name]
            if simulator == "unrolled":  # the two shades would lie on top of each other
                axis.fill_between(ttilde, centre - spread, centre + spread, color=colour, alpha=0.2, lw=0)
            label = _symbol(name) if len(names) > 1 and simulator == "unrolled" else None
            axis.plot(ttilde, centre, ls=STYLES[simulator], color=colour, lw=2.5, alpha=0.8, label=label)
        axis.plot(ttilde, exact[name], color=BLACK, lw=0.9)
    low, high = axis.get_ylim()
    for name in names:
        judged = np.flatnonzero([True, *comparison.judgement.judged[name]])[-1]
        strong = ttilde <= (plan.ttilde[judged - 1] if judged else 0.0)
        axis.plot(ttilde[strong], series[name][strong], "--", color=RED, lw=1.6)
        axis.plot(ttilde[~strong], series[name][~strong], ":", color=RED, lw=1.2)
    axis.set_ylim(low, high)
    axis.set_xlim(0, plan.ttilde[-1])
    if len(names) > 1:
        axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), ncols=1 + len(names) // 10)
