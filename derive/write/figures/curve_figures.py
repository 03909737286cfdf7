"""Figures: one place that sets matplotlib up, and one function a figure.

matplotlib is an extra; `MissingPlot` says how to get it. Colours are those of Okabe and Ito.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from derive.exact.descent import DescentCurve
from derive.radius.comparison import Comparison
from derive.write.missing import MissingPlot as MissingPlot

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = (
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)
CYCLE = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK, YELLOW)
"""For lines of one kind, in this order."""
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.4,
    "svg.hashsalt": "derive",
    "pdf.fonttype": 42,
}


def styled(draw: Callable[..., Any]) -> Callable[..., Any]:
    """Run a drawing function under STYLE. Raises MissingPlot."""

    @wraps(draw)
    def inside(*arguments: Any, **options: Any) -> Any:
        try:
            from matplotlib import rc_context
        except ImportError:
            raise MissingPlot from None
        with rc_context(STYLE):
            return draw(*arguments, **options)

    return inside


def new_figure(columns: int = 1, rows: int = 1, width: float = 6.4, height: float = 4.0) -> tuple[Any, Any]:
    """A figure and its axes (2-d array), without any window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False)


@styled
def as_png(figure: Any, dpi: int = 130) -> bytes:
    """The bytes of a PNG file without date or version."""
    return _saved(figure, "png", ("Software",), dpi)


@styled
def as_svg(figure: Any) -> bytes:
    """The same of an SVG file."""
    return _saved(figure, "svg", ("Date", "Creator"))


@styled
def as_pdf(figure: Any) -> bytes:
    """The same of a PDF file; fonts as journals take them."""
    return _saved(figure, "pdf", ("CreationDate", "Creator", "Producer"))


def _saved(figure: Any, form: str, left_out: tuple[str, ...], dpi: int = 130) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format=form, dpi=dpi, metadata=dict.fromkeys(left_out))
    return stream.getvalue()


@styled
def curve_figure(report: Comparison) -> Any:
    """Exact readout, truncations of rising order and resummations, with the radius marked; singular
    values below."""
    from matplotlib import colormaps

    exact = report.exact
    figure, axes = new_figure(rows=2, height=5.4)
    above, below = axes[0, 0], axes[1, 0]
    t, start = exact.ttilde, exact.learning.path.start_readout
    way = exact.zhat - start
    order = max(report.series, default=0)
    shown = [k for k in report.series if k in (1, 2, 3, 5, 10, 20, 40) or k == order]
    shades = colormaps["viridis"](np.linspace(0.85, 0.25, max(len(shown), 1)))
    for shade, k in zip(shades, shown, strict=False):
        above.plot(t, report.series[k], color=shade, lw=1, label=f"order {k}")
    above.plot(t, exact.readout, color=BLACK, lw=2.6, alpha=0.55, label="exact")
    bands = report.deviations
    if bands is not None:
        label = f"$\\pm$ one deviation, $N = {bands.size}$"
        _band(above, t, exact.readout, bands.values["readout"], BLACK, label)
    styles = {"pade": (ORANGE, "--"), "conformal": (PURPLE, "-."), "inverse": (RED, ":")}
    for name, resummed in report.resummed.items():
        if resummed is not None:
            colour, dash = styles[name]
            outside = np.flatnonzero(np.abs(resummed - exact.zhat / 2) > exact.zhat)
            end = outside[0] if len(outside) else len(t)
            above.plot(t[:end], resummed[:end], dash, color=colour, lw=1.8, label=f"{name}, order {order}")
    above.axhline(exact.zhat, color="0.6", lw=0.8, zorder=0)
    if report.singularities is not None:
        for axis in (above, below):
            axis.axvline(report.singularities.radius, color="0.4", lw=0.9, ls=(0, (4, 3)))
        label = above.text(
            report.singularities.radius, start - 0.22 * way, " radius of convergence", fontsize=8, color="0.3"
        )
        label.set(clip_on=True, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85})
    above.set_ylim(sorted((start - 0.3 * way, start + 1.5 * way)))
    above.set_ylabel("readout $z$")
    above.set_title(f"gradient flow {_case(exact.g, exact.zhat, exact.neurons)}", loc="left")
    above.legend(ncols=1, loc="center left", bbox_to_anchor=(1.01, 0.5))
    for r, colour in zip(
        range(exact.singular_values.shape[1]), (BLUE, GREEN, ORANGE, PURPLE, SKY), strict=False
    ):
        below.plot(t, exact.singular_values[:, r], color=colour, label=f"$s_{r + 1}$")
        if bands is not None:
            _band(below, t, exact.singular_values[:, r], bands.singular_values[:, r], colour)
    below.plot(
        t,
        exact.loss / exact.loss[0] * exact.singular_values.max(initial=1e-300),
        color="0.6",
        ls="--",
        label="loss (scaled)",
    )
    below.set_ylabel("singular values of $W - W_0$")
    plain = exact.neurons is not None and exact.g == 0
    below.set_xlabel(
        r"learning time $\tau$" if plain else r"effective learning time $\tilde\tau = \beta^2\tau$"
    )
    below.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    for axis in (above, below):
        axis.set_xlim(t.min(), t.max())
    return figure


def _band(axis: Any, t: Any, middle: Any, deviation: Any, colour: str, label: str | None = None) -> None:
    """One standard deviation to either side."""
    low, high = middle - deviation, middle + deviation
    axis.fill_between(t, low, high, color=colour, alpha=0.18, lw=0, label=label, zorder=1)


def _case(g: float, zhat: float, neurons: int | None) -> str:
    """Of what a curve is."""
    if neurons is None:
        return rf"at $N\to\infty$, $g = {g:g}$, $\hat z = {zhat:g}$"
    return rf"of one network of {neurons} neurons, $\hat z = {zhat:g}$"


@styled
def descent_figure(
    g: float, zhat: float, curve: DescentCurve, flow: np.ndarray, neurons: int | None = None
) -> Any:
    """Readout of gradient descent beside gradient flow, and eta h with the stability limit 2 below."""
    figure, axes = new_figure(rows=2, height=5.0)
    above, below = axes[0, 0], axes[1, 0]
    epochs = np.arange(len(curve.readout))
    above.plot(epochs, flow, color="0.6", lw=2.4, label="gradient flow")
    above.plot(epochs, curve.readout, color=BLUE, lw=1.2, label="gradient descent")
    above.axhline(zhat, color="0.6", lw=0.8, zorder=0)
    shown, span = [*curve.readout, 0.0, zhat], abs(zhat)
    lowest, highest = min(shown), max(shown)
    above.set_ylim(max(-3 * span, lowest - 0.1 * span), min(4 * span, highest + 0.1 * span))
    for epoch in curve.crossings:
        above.axvline(
            epoch, color=RED, lw=0.8, ls=":", label="pole crossed" if epoch == curve.crossings[0] else None
        )
    above.set_ylabel("readout $z$")
    rate = curve.learning_rate
    above.set_title(rf"gradient descent {_case(g, zhat, neurons)}, $\eta = {rate:g}$", loc="left")
    above.legend()
    below.semilogy(epochs, rate * curve.sharpness, color=ORANGE)
    limit = curve.method.stable_below
    below.axhline(limit, color="0.3", lw=0.9, ls="--")
    below.text(0, 1.4 * limit, f" stable below {limit:.3g}", fontsize=8, color="0.3")
    below.set_ylabel(r"$\eta h$")
    below.set_xlabel("epoch")
    return figure
