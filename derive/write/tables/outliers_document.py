"""Outliers of W along learning as text, JSON, CSV, or a figure. Times are ttilde = beta^2 tau."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.write.figures.curve_figures import BLUE, ORANGE, new_figure, styled


@dataclass(frozen=True, eq=False)
class OutlierPaths:
    """``values[k]``: the outliers at ``ttilde[k]`` with |lambda| > ``radius``, largest first.

    ``disc`` is the radius of W0's spectrum: g in the limit (``neurons`` None), or that of the network.
    """

    g: float
    zhat: float
    ttilde: NDArray[np.float64]
    values: list[NDArray[np.complex128]]
    radius: float
    disc: float
    neurons: int | None = None

    @property
    def where(self) -> str:
        """The limit, or the size of the network."""
        return "N -> infinity" if self.neurons is None else f"a network of N = {self.neurons}"


def outliers_json(paths: OutlierPaths) -> str:
    """Keys: g, zhat, neurons (null: the limit), disc, radius, ttilde, and outliers, a list of [re, im] for
    each time."""
    document = {
        "g": paths.g,
        "zhat": paths.zhat,
        "neurons": paths.neurons,
        "disc": paths.disc,
        "radius": paths.radius,
        "ttilde": paths.ttilde.tolist(),
        "outliers": [[[float(x.real), float(x.imag)] for x in values] for values in paths.values],
    }
    return json.dumps(document, indent=2) + "\n"


def outliers_csv(paths: OutlierPaths) -> str:
    """One row a time: ttilde, re1, im1, re2, im2, ..., empty where there are fewer outliers."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    most = max((len(values) for values in paths.values), default=0)
    writer.writerow(["ttilde", *(f"{part}{k}" for k in range(1, most + 1) for part in ("re", "im"))])
    for time, values in zip(paths.ttilde, paths.values, strict=True):
        numbers = [part for x in values for part in (x.real, x.imag)]
        row = [repr(float(x)) for x in (time, *numbers)]
        writer.writerow(row + [""] * (2 * most + 1 - len(row)))
    return stream.getvalue()


def outliers_text(paths: OutlierPaths) -> str:
    """What is listed, and one line a time."""
    lines = [
        f"Outliers of W along gradient flow, {paths.where}, g = {paths.g:g}, zhat = {paths.zhat:g}",
        f"  eigenvalues with |lambda| > {paths.radius:.6g}; those of W0 reach {paths.disc:.6g}",
        "",
        f"{'ttilde':>10}  outliers (ttilde = beta**2 * tau)",
    ]
    for time, values in zip(paths.ttilde, paths.values, strict=True):
        lines.append(f"{time:>10.6g}  {'  '.join(map(_shown, values)) or 'none'}")
    return "\n".join(lines) + "\n"


def _shown(value: complex) -> str:
    sign = "-" if value.imag < 0 else "+"
    return f"{value.real:.8f}" + (f" {sign} {abs(value.imag):.8f} i" if value.imag else "")


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
