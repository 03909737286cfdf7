"""The paper's Fig. 3: a trial, loss and two singular values over ttilde, zhat 0.5 and 2, g 0 and 0.6.

The trial is of network 0 at the end of its training: the input is 1 from t = 1 on, the readout is
to be zhat at t = 100 (Euler, dt = 0.1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from derive import limit
from derive.exact.fluctuations.deviations import deviations
from verify.papers.context import Context, key, mean_and_deviation, radius
from verify.papers.style import BLACK, BLUE, ORANGE, WIDTH, Pyplot, letter, letters, line_legend
from verify.simulators import sample_instance

ENDS = {0.5: 2.0, 2.0: 0.6}
STRENGTHS = {0.0: BLUE, 0.6: ORANGE}
EPOCHS = 200
TRIAL, ONSET, DT = 100.0, 1.0, 0.1
SIMULATION = {"lw": 3.2, "alpha": 0.55}
EXACT = {"lw": 0.9, "ls": "-", "color": BLACK}
BAND = {"lw": 0.7, "ls": (0, (1, 1.2))}
TARGET: dict[str, Any] = {"color": BLACK, "lw": 3, "alpha": 0.25}
PUBLISHED = {"lw": 1.5, "ls": ":", "color": BLACK}
OURS = {"lw": 1.2, "ls": (0, (5, 2)), "color": BLACK}


def draw(context: Context, plt: Pyplot) -> Figure:
    """Simulations shaded by their deviation, theory's beside it; series to their radius, a dot."""
    figure = plt.figure(figsize=(1.35 * WIDTH, 4.4))
    grid = figure.add_gridspec(2, 3)
    trial = figure.add_subplot(grid[:, 0])
    top = [figure.add_subplot(grid[0, column]) for column in (1, 2)]
    axes = np.array([top, [figure.add_subplot(grid[1, k + 1], sharex=top[k]) for k in range(2)]])
    for column, (zhat, end) in enumerate(ENDS.items()):
        keys = [
            key(g, zhat, seed, end / EPOCHS, EPOCHS, context.size)
            for g in STRENGTHS
            for seed in range(context.seeds)
        ]
        data = context.runs(f"fig3, zhat = {zhat:g}", keys, factors=True)
        for index, (g, colour) in enumerate(STRENGTHS.items()):
            runs = data.isel(run=slice(index * context.seeds, (index + 1) * context.seeds))
            _curves(axes[:, column], context, runs, g, zhat, end, colour)
            time, readout = trial_course(runs.isel(run=0), context.size, g)
            trial.plot(time, readout, color=colour, lw=1.4)
        trial.axhline(zhat, **TARGET)
        axes[0, column].set_title(rf"$\hat z = {zhat:g}$")
        axes[0, column].set_ylim(0, 1.08 * zhat**2 / 2)
        axes[1, column].set_xlabel(r"effective learning time $\tilde\tau$")
        axes[1, column].set_xlim(0, end)
    trial.set(xlabel="trial time $t$", ylabel="readout $z$", xlim=(0, TRIAL), ylim=(0, 1.15 * max(ENDS)))
    letter(trial, 0)
    axes[0, 0].set_ylabel(r"loss $L$")
    axes[1, 0].set_ylabel(r"singular values of $\Delta W$")
    letters(axes, 1)
    line_legend(
        figure,
        [
            *(
                (rf"simulation, $g = {g:g}$", {**SIMULATION, "color": colour})
                for g, colour in STRENGTHS.items()
            ),
            (r"target $\hat z$", TARGET),
            (r"exact limit $N = \infty$", EXACT),
            (r"$\pm$ its deviation at this $N$, theory", {**BAND, "color": BLACK}),
            ("published, order 3", PUBLISHED),
            (f"series, order {context.ours.order}", OURS),
            ("radius of convergence", {"marker": "o", "ls": "", "color": BLACK, "ms": 3.5}),
        ],
        3,
    )
    return figure


def trial_course(run: Any, size: int, g: float) -> tuple[np.ndarray, np.ndarray]:
    """Times and readouts (steps + 1,) of the network that a run has trained, from rest."""
    instance = sample_instance(size, g, int(run.seed))
    left, strengths, right = (np.nan_to_num(run[name].values) for name in ("left", "strengths", "right"))
    state, readouts = np.zeros(size), [0.0]
    for n in range(round(TRIAL / DT)):
        recurrent = instance.W0 @ state + left @ (strengths * (right.T @ state))
        state += DT * (recurrent - state + (n * DT >= ONSET - DT / 2) * instance.m)
        readouts.append(float(instance.w @ state))
    return DT * np.arange(len(readouts)), np.array(readouts)


def _curves(axes: Any, context: Context, runs: Any, g: float, zhat: float, end: float, colour: str) -> None:
    unit = (1 - g * g) ** 2
    ttilde = np.linspace(0, end, EPOCHS + 1)
    exact, spread = limit.curve(g, zhat, ttilde), deviations(g, zhat, ttilde, context.size)
    panels = [(axes[0], "loss", runs["loss"].values, exact.loss, spread.values["loss"])]
    for r in range(2):
        values = runs["singular_values"].values[:, :, r]
        band = spread.singular_values[:, r]
        panels.append((axes[1], f"s{r + 1}", values, exact.singular_values[:, r], band))
    inside = radius(g, zhat)
    before = np.linspace(0, min(inside, end), 100)
    for axis, name, simulated, truth, band in panels:
        mean, deviation = mean_and_deviation(simulated)
        axis.fill_between(ttilde, mean - deviation, mean + deviation, color=colour, alpha=0.2, lw=0)
        axis.plot(ttilde, mean, color=colour, **SIMULATION)
        axis.plot(ttilde, truth, **EXACT)
        for edge in (truth - band, truth + band):
            axis.plot(ttilde, edge, color=colour, **BAND)
        for theory, style in ((context.published, PUBLISHED), (context.ours, OURS)):
            values = np.broadcast_to(theory.observables(before * unit, zhat, g)[name], before.shape)
            axis.plot(before, values, **style)
            if inside < end and theory is context.ours:
                axis.plot(before[-1], values[-1], "o", ms=3.5, color=BLACK)
    axes[1].set_ylim(bottom=0)
