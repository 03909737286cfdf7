"""The figure of ``verify outliers``: the largest eigenvalue over learning, and one trained spectrum."""

from __future__ import annotations

import io
import math

import numpy as np

from derive import outliers
from verify.checks.outliers import OutlierPath

CURVE_POINTS = 36
LIMIT, SIMULATED, EDGE = "#000000", "#0072B2", "#E69F00"


def outlier_figure(path: OutlierPath) -> dict[str, bytes]:
    """SVG and PNG. Left: the largest eigenvalue over learning. Right: the spectrum of one trained W."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "derive"
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
    ttilde = path.ttilde[-1] * np.arange(1, CURVE_POINTS + 1) / CURVE_POINTS
    exact = outliers(path.g, path.zhat, ttilde * (1 - path.g**2) ** 2)
    curve = np.array([np.abs(x[0]) if len(x) else math.nan for x in exact])
    for row in path.largest:
        left.plot(path.ttilde, np.abs(row), "o", ms=3.5, color=SIMULATED, alpha=0.6)
    left.plot([], [], "o", ms=4, color=SIMULATED, label=f"simulated, N = {path.size}")
    left.plot(ttilde, curve, color=LIMIT, lw=2, label=r"limit $N \to \infty$")
    left.axhline(path.g, color=EDGE, ls="--", lw=1.6, label=r"edge of the disc, $|\lambda| = g$")
    left.set(xlabel=r"effective learning time $\tilde\tau = \beta^2\tau$", ylabel=r"largest $|\lambda(W)|$")
    left.plot([], [], "o", ms=9, mew=1.6, mfc="none", color=LIMIT, label="its outlier at the end")
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    right.plot(path.spectrum.real, path.spectrum.imag, ".", ms=3, color=SIMULATED)
    angle = np.linspace(0, 2 * np.pi, 200)
    right.plot(path.g * np.cos(angle), path.g * np.sin(angle), "--", color=EDGE, lw=1.6)
    for value in exact[-1]:
        right.plot(value.real, value.imag, "o", ms=12, mew=1.6, mfc="none", color=LIMIT)
    right.set(xlabel=r"Re $\lambda(W)$", ylabel=r"Im $\lambda(W)$", aspect="equal")
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(rf"$g = {path.g:g}$, $\hat z = {path.zhat:g}$, {len(path.largest)} networks", fontsize=11)
    pictures = {}
    for form, metadata in (("svg", {"Date": None}), ("png", {})):
        stream = io.BytesIO()
        figure.savefig(stream, format=form, dpi=150, metadata=metadata)
        pictures[form] = stream.getvalue()
    plt.close(figure)
    return pictures
