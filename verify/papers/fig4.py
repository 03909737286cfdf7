"""The paper's Fig. 4: learning time, |dW|, mean gradient norm and shuffled loss over g, three targets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from derive import limit
from derive.arrays import Array
from derive.exact.fluctuations.deviations import deviations
from verify.papers.context import LEARNED, Context, key, learning_time
from verify.papers.style import BLACK, COLOURS, MARKERS, WIDTH, Pyplot, letter, line_legend
from verify.sweeps.grid import RunKey
from verify.truth.theory import Theory

STRENGTHS = tuple(round(0.1 * k, 1) for k in range(10))
TARGETS = (0.5, 1.0, 2.0)
EPOCHS = 200
BEYOND = 1.6
"""Descent goes on to this many learning times of the exact limit; single networks differ from it."""

STABLE = 0.4
"""Learning rate at most this part of the critical one; where that is slow, there are more epochs."""

PANELS = (
    r"learning time $\tau^*/\tau^*_{g=0}$",
    r"$\|\Delta W\|\,/\,\|\Delta W\|_{g=0}$",
    r"$\langle\|dW/d\tau\|\rangle\,/\,\langle\cdot\rangle_{g=0}$",
    r"shuffled loss $/\,L_0$",
)


def grid(size: int, seeds: int) -> list[RunKey]:
    """All runs: each (zhat, g) with a learning rate of its own, as in the paper."""
    keys = []
    for zhat in TARGETS:
        for g in STRENGTHS:
            until = BEYOND * learning_time(g, zhat)
            critical = limit.learning_curve(g, zhat).critical_rate / (1 - g * g) ** 2
            epochs = max(EPOCHS, math.ceil(until / (STABLE * critical)))
            keys += [key(g, zhat, seed, until / epochs, epochs, size) for seed in range(seeds)]
    return keys


def draw(context: Context, plt: Pyplot) -> Figure:
    """Simulation with its deviation, first order as published, orders 3 and K, the exact limit, its bands."""
    data = context.runs("fig4", grid(context.size, context.seeds))
    figure, axes = plt.subplots(2, 2, figsize=(WIDTH, 4.6), sharex=True)
    g, fine = np.array(STRENGTHS), np.linspace(0, 0.9, 46)
    beta = 1 / (1 - fine**2)
    for index, (zhat, colour, marker) in enumerate(zip(TARGETS, COLOURS, MARKERS, strict=False)):
        count = len(STRENGTHS) * context.seeds
        runs = data.isel(run=slice(index * count, (index + 1) * count))
        measured = _measured(runs).reshape(4, len(STRENGTHS), context.seeds)
        exact = np.array([_exact(strength, zhat) for strength in STRENGTHS]).T
        bands = dict(enumerate(np.array([_deviations(s, zhat, context.size) for s in STRENGTHS]).T))
        orders = [
            np.array([_series(theory, s, zhat) for s in STRENGTHS]).T
            for theory in (context.published, context.ours)
        ]
        for panel, axis in enumerate(axes.ravel()):
            mean, deviation = np.nanmean(measured[panel], axis=1), np.nanstd(measured[panel], axis=1, ddof=1)
            unit = 1.0 if panel == 3 else mean[0]
            axis.errorbar(
                g, mean / unit, deviation / unit, color=colour, marker=marker, ms=4, lw=0, elinewidth=1
            )
            scale = 1.0 if panel == 3 else exact[panel][0]
            axis.plot(g, exact[panel] / scale, color=colour, lw=1.2)
            if panel in bands:
                low, high = ((exact[panel] + sign * bands[panel]) / scale for sign in (-1, 1))
                axis.fill_between(g, low, high, color=colour, alpha=0.15, lw=0)
            if panel == 3:
                continue
            for values, style in zip(orders, (":", (0, (5, 2))), strict=True):
                axis.plot(g, values[panel] / values[panel][0], color=colour, ls=style, lw=1.2)
    first_order = (beta**-2, beta**-1, beta, fine**4 * (2 - fine**2) ** 2)
    for index, (axis, label, values) in enumerate(zip(axes.ravel(), PANELS, first_order, strict=True)):
        axis.plot(fine, values, color=BLACK, lw=1, ls=(0, (1, 3)))
        axis.set_ylabel(label)
        letter(axis, index)
    axes[1, 0].set_yscale("log")
    for axis in axes[1]:
        axis.set_xlabel(r"initial connectivity strength $g$")
    line_legend(
        figure,
        [
            *(
                (rf"simulation, $\hat z = {zhat:g}$", {"color": colour, "marker": marker, "ls": "", "ms": 4})
                for zhat, colour, marker in zip(TARGETS, COLOURS, MARKERS, strict=False)
            ),
            (r"exact limit $N = \infty$; shaded $\pm$ theory's deviation", {"color": "0.35", "lw": 1.2}),
            ("published, order 3", {"color": "0.35", "ls": ":", "lw": 1.2}),
            (f"series, order {context.ours.order}", {"color": "0.35", "ls": (0, (5, 2)), "lw": 1.2}),
            ("published, first order", {"color": BLACK, "ls": (0, (1, 3)), "lw": 1}),
        ],
        3,
    )
    return figure


def _measured(runs: Any) -> Array:
    """The four panels' numbers of each run, (4, runs)."""
    rows = []
    for k in range(runs.sizes["run"]):
        run = runs.isel(run=k)
        epochs = int(run.epochs)
        loss, tau = run.loss.values[: epochs + 1], run.tau.values[: epochs + 1]
        below = np.flatnonzero(loss <= LEARNED * loss[0])
        if not len(below) or below[0] == 0:
            rows.append([np.nan] * 4)
            continue
        last = below[0]
        part = (np.log(LEARNED * loss[0]) - np.log(loss[last - 1])) / (
            np.log(loss[last]) - np.log(loss[last - 1])
        )
        time = tau[last - 1] + part * (tau[last] - tau[last - 1])
        gradient = run.gradient_norm.values[: last + 1]
        distance = np.trapezoid(gradient, tau[: last + 1]) - (tau[last] - time) * gradient[-1]
        shuffled = run.shuffled_loss.values[epochs]
        rows.append(
            [time, run.frobenius_norm.values[epochs], distance / time, shuffled / (float(run.zhat) ** 2 / 2)]
        )
    return np.array(rows).T


def _exact(g: float, zhat: float) -> list[float]:
    """Learning time, |dW| at the end, mean |dW/dtau| (distance over time), shuffled loss at the end."""
    curve = limit.learning_curve(g, zhat)
    time = curve.time_to(LEARNED)
    distance = float(curve.position(np.array([time]))[0][0])
    end = limit.curve(g, zhat, [BEYOND * time / (1 - g * g) ** 2])
    far = float(curve.position(np.array([BEYOND * time]))[0][0])
    shuffled = limit.shuffled_loss(g, curve, far) / (zhat**2 / 2)
    return [time, float(end.frobenius_norm[0]), distance / time, shuffled]


def _deviations(g: float, zhat: float, size: int) -> list[float]:
    """Of learning time and |dW| at the end, theory's; nan where the networks are too small for it."""
    end = BEYOND * learning_time(g, zhat)
    found = deviations(g, zhat, [end], size)
    if found.doubtful:
        return [np.nan] * 2
    return [found.learning_time * (1 - g * g) ** 2, float(found.values["frobenius_norm"][0])]


def _series(theory: Theory, g: float, zhat: float) -> list[float]:
    """The same as a truncated series has it; nan where its readout never reaches the learned value."""
    end = 2 * limit.learning_curve(g, zhat).time_to(LEARNED)
    tau = np.linspace(0, end, 4001)
    values = theory.observables(tau, zhat, g)
    reached = np.flatnonzero(values["readout"] >= (1 - math.sqrt(LEARNED)) * zhat)
    if not len(reached):
        return [np.nan] * 3
    last = reached[0]
    mean = np.trapezoid(values["gradient_norm"][: last + 1], tau[: last + 1]) / tau[last]
    return [tau[last], float(values["frobenius_norm"][last]), float(mean)]
