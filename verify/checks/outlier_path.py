"""The eigenvalue of W that leaves W0's disc as learning goes on: simulated networks against the limit.

`derive.outliers` gives it at N -> infinity from det(1 - C Gamma(lambda)) = 0 (THEORY 4). Here networks are
trained by plain gradient descent and all eigenvalues of their W are computed.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive import Instance, outliers
from verify.checks.check import Check
from verify.truth.descent import descend
from verify.truth.networks import FixedPointNetwork

STANDARD_ERRORS = 4.0
SEGMENTS = 12
CURVE_POINTS = 36
LIMIT, SIMULATED, EDGE = "#000000", "#0072B2", "#E69F00"


@dataclass(frozen=True, eq=False)
class OutlierPath:
    """Moduli of the largest eigenvalue, shape (seeds, T), at times ``ttilde``, and one final spectrum."""

    g: float
    zhat: float
    size: int
    ttilde: NDArray[np.float64]
    largest: NDArray[np.complex128]
    spectrum: NDArray[np.complex128]

    @property
    def tau(self) -> NDArray[np.float64]:
        return self.ttilde * (1 - self.g**2) ** 2


def outlier_path(
    g: float,
    zhat: float,
    size: int,
    seeds: int,
    until: float,
    epochs: int,
    on_network: Callable[[], None] = lambda: None,
) -> OutlierPath:
    """Train ``seeds`` networks to ttilde = ``until`` and follow the largest eigenvalue of each W."""
    steps = max(1, epochs // SEGMENTS)
    rate = until * (1 - g**2) ** 2 / (steps * SEGMENTS)
    largest, spectrum = [], np.array([], dtype=np.complex128)
    for seed in range(seeds):
        network, path = FixedPointNetwork(Instance.sample(size, g, seed)), []
        for _ in range(SEGMENTS):
            spectrum = np.linalg.eigvals(descend(network, zhat, rate, steps).W)
            path.append(spectrum[np.argmax(np.abs(spectrum))])
        largest.append(path)
        on_network()
    ttilde = until * np.arange(1, SEGMENTS + 1) / SEGMENTS
    return OutlierPath(g, zhat, size, ttilde, np.array(largest), spectrum)


def outlier_checks(path: OutlierPath) -> list[Check]:
    """The mean outlier at the last time against the limit, and that it is real."""
    limit = outliers(path.g, path.zhat, path.tau[-1:])[0]
    if not len(limit):
        raise ValueError(f"no eigenvalue has left the disc at ttilde = {path.ttilde[-1]:g}")
    values = np.abs(path.largest[:, -1])
    seeds = len(values)
    error = STANDARD_ERRORS * float(np.std(values, ddof=1)) / math.sqrt(seeds)
    bias = 1 / path.size
    return [
        Check(
            "outlier of W: mean of simulated networks against the limit",
            float(values.mean()),
            float(np.abs(limit[0])),
            error + STANDARD_ERRORS * bias,
            f"{STANDARD_ERRORS:g} standard errors of {seeds} networks of N = {path.size} ({error:.2g}) and "
            f"{STANDARD_ERRORS:g}/N for the mean's own approach to the limit, which is O(1/N)",
        )
    ]


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
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
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
