"""The figure of outliers of W along learning."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.document.outliers import OutlierPaths
from derive.write.figures.curve_figures import BLUE, ORANGE, new_figure, styled


@styled
def outliers_figure(paths: OutlierPaths) -> Any:
    """Left: moduli over ttilde, above the disc of W0. Right: the outliers in the complex plane."""
    figure, axes = new_figure(columns=2, width=7.6, height=3.4)
    left, right = axes[0]
    times = np.repeat(paths.ttilde, [len(values) for values in paths.values])
    found = np.concatenate(paths.values) if paths.values else np.zeros(0, dtype=complex)
    left.plot(times, np.abs(found), "o", ms=3, color=BLUE)
    name = "$g$" if paths.neurons is None else r"largest $|\lambda(W_0)|$"
    left.axhline(paths.disc, color=ORANGE, ls="--", label=f"radius of the disc, {name}")
    left.set_ylim(0, 1.1 * max([paths.disc, 1e-3, *np.abs(found)]))
    left.set_xlim(0, max([*paths.ttilde, 1e-300]))
    left.set_xlabel(r"effective learning time $\tilde\tau = \beta^2\tau$")
    left.set_ylabel(r"$|\lambda|$ of the outliers of $W$")
    left.legend(loc="lower right")
    where = r"$N\to\infty$" if paths.neurons is None else f"network of $N = {paths.neurons}$"
    left.set_title(rf"{where}, $g = {paths.g:g}$, $\hat z = {paths.zhat:g}$", loc="left")
    angle = np.linspace(0, 2 * np.pi, 200)
    right.plot(paths.disc * np.cos(angle), paths.disc * np.sin(angle), "--", color=ORANGE)
    points = right.scatter(found.real, found.imag, c=times, s=14, cmap="viridis", vmin=0, zorder=3)
    figure.colorbar(points, ax=right, label=r"$\tilde\tau$")
    right.set(xlabel=r"Re $\lambda$", ylabel=r"Im $\lambda$", aspect="equal")
    return figure
