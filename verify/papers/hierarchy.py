"""The whole hierarchy of singular values, s_r = O(tau^(2r-1)), on a logarithmic scale (THEORY 4)."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from derive import FixedPointTask, expand, limit
from verify.papers.context import Context, key, mean_and_deviation, radius
from verify.papers.style import BLACK, COLOURS, WIDTH, Pyplot, letter, line_legend
from verify.simulators.run import SINGULAR_VALUES

CASES = ((0.0, 0.5, 2.0), (0.0, 2.0, 0.6), (0.6, 0.5, 2.0), (0.6, 2.0, 0.6))
EPOCHS = 200
ORDER = 2 * SINGULAR_VALUES - 1
LEAST = 1e-13


def draw(context: Context, plt: Pyplot) -> Figure:
    """Five singular values; order 9 is the first in which s_5 appears. At g = 0 there are two."""
    figure, panels = plt.subplots(2, 2, figsize=(WIDTH, 5.6), sharey=True)
    axes = panels.ravel()
    series = expand(FixedPointTask(), ORDER, singular_values=SINGULAR_VALUES).singular_values
    for column, (axis, (g, zhat, end)) in enumerate(zip(axes, CASES, strict=True)):
        keys = [key(g, zhat, seed, end / EPOCHS, EPOCHS, context.size) for seed in range(context.seeds)]
        data = context.runs(f"hierarchy, g = {g:g}, zhat = {zhat:g}", keys)
        unit = (1 - g * g) ** 2
        ttilde = np.linspace(0, end, EPOCHS + 1)
        exact = limit.curve(g, zhat, ttilde, singular_values=SINGULAR_VALUES).singular_values
        inside = np.geomspace(ttilde[1], min(radius(g, zhat), end), 80)
        published = context.published.observables(inside * unit, zhat, g)
        for r, colour in enumerate(COLOURS):
            mean, deviation = mean_and_deviation(data.singular_values.values[:, :, r])
            early = 3 * r + 1  # after e epochs descent has rank e at most; flow has all ranks at once
            low, high = (mean - deviation)[early:], (mean + deviation)[early:]
            axis.fill_between(ttilde[early:], low, high, color=colour, alpha=0.2, lw=0)
            axis.plot(ttilde[early:], mean[early:], color=colour, lw=3.2, alpha=0.55)
            axis.plot(ttilde[1:], exact[1:, r], color=BLACK, lw=0.9)
            axis.plot(inside, series[r](inside * unit, zhat, g), color=BLACK, lw=1.2, ls=(0, (5, 2)))
            if f"s{r + 1}" in published:
                axis.plot(inside, published[f"s{r + 1}"], color=BLACK, lw=1.5, ls=":")
        axis.set(xscale="log", yscale="log", xlim=(ttilde[1], end), ylim=(LEAST, 1))
        axis.set_xlabel(r"effective learning time $\tilde\tau$")
        axis.set_title(rf"$g = {g:g}$, $\hat z = {zhat:g}$")
        letter(axis, column)
    for axis in panels[:, 0]:
        axis.set_ylabel(r"singular values of $\Delta W$")
    line_legend(
        figure,
        [
            *(
                (rf"$s_{r + 1}$, simulation", {"color": c, "lw": 3.2, "alpha": 0.55})
                for r, c in enumerate(COLOURS)
            ),
            (r"exact limit $N = \infty$", {"color": BLACK, "lw": 0.9}),
            ("published, order 3", {"color": BLACK, "ls": ":", "lw": 1.5}),
            (f"series, order {ORDER}", {"color": BLACK, "ls": (0, (5, 2)), "lw": 1.2}),
        ],
        3,
    )
    return figure
