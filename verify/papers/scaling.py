"""Deviations from N -> infinity over N: RMS over networks, against N^(-1/2) (THEORY 5, iii)."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from derive import limit
from derive.exact.fluctuations.deviations import deviations
from verify.papers.context import Context, key, learning_time
from verify.papers.style import BLACK, COLOURS, MARKERS, WIDTH, Pyplot, letter, line_legend

SIZES = (64, 128, 256, 512, 1024, 2048)
NEURONS = 20480
MOST_NETWORKS = 80
CASES = ((0.6, 0.5), (0.6, 2.0))
FRACTION = 0.5
"""Looked at half the learning time, before the steep part of the curve."""

EPOCHS = 100
NAMES = {"readout": r"$z$", "frobenius_norm": r"$\|\Delta W\|$", "s2": r"$s_2$"}


def draw(context: Context, plt: Pyplot) -> Figure:
    """The reference is the same descent at N = infinity, so nothing but the size is seen."""
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 2.9), sharey=True)
    counts = {size: min(MOST_NETWORKS, NEURONS // size) for size in SIZES}
    for column, (axis, (g, zhat)) in enumerate(zip(axes, CASES, strict=True)):
        end = FRACTION * learning_time(g, zhat)
        keys = [
            key(g, zhat, 10_000 + seed, end / EPOCHS, EPOCHS, size)
            for size in SIZES
            for seed in range(counts[size])
        ]
        data = context.runs(f"scaling, zhat = {zhat:g}", keys)
        unit = (1 - g * g) ** 2
        exact = limit.limit_descent(g, zhat, end / EPOCHS * unit, EPOCHS, keep=True)
        assert exact.change is not None
        singular = exact.singular_values(2)[-1]
        truth = {
            "readout": exact.readout[-1],
            "frobenius_norm": float(np.linalg.norm(exact.change[-1])),
            "s2": singular[1],
        }
        spread = deviations(g, zhat, [end], 1)
        predicted = {
            "readout": spread.values["readout"][0] / truth["readout"],
            "frobenius_norm": spread.values["frobenius_norm"][0] / truth["frobenius_norm"],
            "s2": spread.singular_values[0, 1] / truth["s2"],
        }
        final = {
            "readout": data.readout.values[:, EPOCHS],
            "frobenius_norm": data.frobenius_norm.values[:, EPOCHS],
            "s2": data.singular_values.values[:, EPOCHS, 1],
        }
        size = data["size"].values
        for name, colour, marker in zip(NAMES, COLOURS, MARKERS, strict=False):
            rms = np.array([np.sqrt(np.mean((final[name][size == N] / truth[name] - 1) ** 2)) for N in SIZES])
            error = rms / np.sqrt(2 * np.array(list(counts.values())))
            axis.errorbar(SIZES, rms, error, color=colour, marker=marker, ms=4, lw=0, elinewidth=1)
            axis.plot(SIZES, predicted[name] / np.sqrt(SIZES), color=colour, lw=1)
        for theory, style in ((context.published, ":"), (context.ours, (0, (5, 2)))):
            value = float(theory.observables(end * unit, zhat, g)["readout"])
            flow = float(limit.curve(g, zhat, [end]).readout[0])
            axis.axhline(abs(value / flow - 1), color="0.4", ls=style, lw=1.2)
        axis.set(xscale="log", yscale="log", xlabel=r"neurons $N$")
        axis.set_title(rf"$g = {g:g}$, $\hat z = {zhat:g}$, $\tilde\tau = {end:.2g}$")
        axis.set_xticks(SIZES, [str(N) for N in SIZES])
        axis.minorticks_off()
        letter(axis, column)
    axes[0].set_ylabel("relative deviation, RMS")
    line_legend(
        figure,
        [
            *(
                (f"{label} of networks", {"color": colour, "marker": marker, "ls": "", "ms": 4})
                for label, colour, marker in zip(NAMES.values(), COLOURS, MARKERS, strict=False)
            ),
            (r"deviation by theory, $\propto N^{-1/2}$", {"color": BLACK, "lw": 1}),
            ("error of $z$, order 3", {"color": "0.4", "ls": ":", "lw": 1.2}),
            (f"error of $z$, order {context.ours.order}", {"color": "0.4", "ls": (0, (5, 2)), "lw": 1.2}),
        ],
        3,
    )
    return figure
