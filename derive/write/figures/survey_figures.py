"""Figures of the surveys over the (g, zhat) plane (`derive.tasks.surveys`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from derive.exact.stability import OUTCOMES
from derive.write.figures.curve_figures import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    YELLOW,
    new_figure,
    styled,
)

LINES = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW)
FILLS = ("#0072B2", "#56B4E9", "#F0E442", "#E69F00", "#000000")  # one an outcome

DASHES = ((0, (1, 1.2)), (0, (4, 1.5)), (0, (4, 1.5, 1, 1.5)), (0, (8, 2)))  # one an order

LEARNING_PANELS: tuple[tuple[str, Callable[[dict[str, Any]], float], str], ...] = (
    # name, what it is divided by at one point, title
    ("tau_star", lambda r: r["tau_star_first_order"], r"learning time $\tau^*$ over $1/\beta^2$"),
    (
        "change",
        lambda r: r["change_first_order"] * r["zhat"],
        r"$\|W - W_0\|$ at the end over $\hat z/\beta$",
    ),
    (
        "gradient",
        lambda r: r["gradient_first_order"] * r["zhat"],
        r"mean $\|dW/d\tau\|$ until $\tau^*$ over $\hat z\beta$",
    ),
    ("shuffled_loss", lambda r: 1.0, r"loss after shuffling $W_0$ at the end over $L_0$"),
)

PAPER_RUNS = ((0.6, 4.0, 0.001), (0.8, 4.0, 0.001))  # g, zhat, eta beta^2

Records = Sequence[dict[str, Any]]


@styled
def radius_figure(records: Records) -> Any:
    """Radius of convergence over the time to 5% of the loss; the line where they are equal."""
    from matplotlib.colors import TwoSlopeNorm

    g, zhat, trusted = _grid(records, "trusted")
    figure, axes = new_figure(width=5.6, height=4.0)
    axis = axes[0, 0]
    span = max(trusted.max(), 1.05)
    norm = TwoSlopeNorm(1.0, vmin=min(trusted.min(), 0.95), vmax=span)
    shades = np.concatenate([np.linspace(min(trusted.min(), 0.95), 1, 12), np.linspace(1, span, 6)[1:]])
    mesh = axis.contourf(zhat, g, trusted, levels=shades, cmap="PuOr", norm=norm)
    levels = [level for level in np.arange(0.2, 1.0, 0.1) if trusted.min() < level < trusted.max()]
    lines = axis.contour(zhat, g, trusted, levels=levels, colors="0.25", linewidths=0.8)
    axis.clabel(lines, fontsize=7, fmt="%.1f")
    if trusted.max() > 1 > trusted.min():
        axis.contour(zhat, g, trusted, levels=[1.0], colors="black", linewidths=2)
    _logarithmic(axis.xaxis, "x", zhat)
    axis.set_xlabel(r"target $\hat z$")
    axis.set_ylabel(r"initial strength $g$")
    axis.set_title("radius of convergence / time to 5% of the loss", loc="left")
    marks = [x for x in np.arange(0.1, 2, 0.1) if trusted.min() < x < trusted.max()]
    figure.colorbar(mesh, ax=axis, ticks=marks, format="%.1f")
    return figure


@styled
def learning_figure(records: Records) -> Any:
    """Learning time, change of W and mean gradient over their first-order laws, and loss after shuffling.

    Exact solid, the series in delta broken, first-order laws black; order 1 is those laws.
    """
    figure, axes = new_figure(columns=2, rows=2, width=7.4, height=6.0)
    zhats = sorted({r["zhat"] for r in records})
    names = [name for name in records[0] if name.startswith("change_order_")]
    orders = [order for name in names if (order := int(name.removeprefix("change_order_"))) > 1]
    styles: list[tuple[str, str, Any]] = [("exact", "", {"lw": 1.8})]
    styles += [
        (f"order {order}", f"_order_{order}", {"lw": 1.0, "ls": dash})
        for order, dash in zip(orders, DASHES, strict=False)
    ]
    for axis, panel in zip(axes.flat, LEARNING_PANELS, strict=True):
        _learning_panel(axis, records, zhats, styles, *panel)
    for axis in axes[1]:
        axis.set_xlabel("initial strength $g$")
    _learning_legend(figure, zhats, styles)
    return figure


def _learning_panel(
    axis: Any,
    records: Records,
    zhats: Sequence[float],
    styles: list[tuple[str, str, Any]],
    name: str,
    unit_of: Callable[[dict[str, Any]], float],
    title: str,
) -> None:
    for colour, zhat in zip(LINES, zhats, strict=False):
        chosen = [r for r in records if r["zhat"] == zhat]
        g, unit = np.array([r["g"] for r in chosen]), np.array([unit_of(r) for r in chosen])
        for _, suffix, style in styles:
            axis.plot(g, np.array([r[f"{name}{suffix}"] for r in chosen]) / unit, color=colour, **style)
    law = np.array([r[f"{name}_first_order"] for r in chosen]) if name == "shuffled_loss" else g**0
    axis.plot(g, law, color="black", ls=(0, (1, 1)), lw=1.2)
    axis.set_title(title, loc="left")
    top = 1.15 * max(1.0, *(r[name] / unit_of(r) for r in records))
    axis.set_ylim(-0.03 * top, top)


def _learning_legend(figure: Any, zhats: Sequence[float], styles: list[tuple[str, str, Any]]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=c, label=rf"$\hat z = {z:g}$") for c, z in zip(LINES, zhats, strict=False)
    ]
    handles += [Line2D([], [], color="0.35", label=label, **style) for label, _, style in styles]
    handles.append(Line2D([], [], color="black", ls=(0, (1, 1)), lw=1.2, label="first-order law"))
    figure.legend(handles=handles, loc="outside lower center", ncols=5)


@styled
def stability_figure(records: Records) -> Any:
    """What descent does, by multiple of eta_c and zhat; one panel a value of g. A star: the runs that
    fail in the supplement of Schuessler et al. 2020.
    """
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.patches import Patch

    gs = sorted({r["g"] for r in records})
    figure, axes = new_figure(columns=len(gs), width=2.0 + 2.4 * len(gs), height=3.4)
    colours, norm = ListedColormap(FILLS), BoundaryNorm(np.arange(len(OUTCOMES) + 1) - 0.5, len(OUTCOMES))
    for axis, g in zip(axes[0], gs, strict=True):
        chosen = [r for r in records if r["g"] == g]
        zhats, multiples = (sorted({r[k] for r in chosen}) for k in ("zhat", "eta_over_eta_c"))
        codes = np.zeros((len(multiples), len(zhats)))
        for r in chosen:
            codes[multiples.index(r["eta_over_eta_c"]), zhats.index(r["zhat"])] = OUTCOMES.index(r["outcome"])
        axis.pcolormesh(_edges(zhats), _edges(multiples), codes, cmap=colours, norm=norm)
        axis.axhline(1, color="white", lw=1.5, ls="--")
        _logarithmic(axis.xaxis, "x", np.array(zhats))
        _logarithmic(axis.yaxis, "y", np.array(multiples))
        for run_g, run_zhat, rate in PAPER_RUNS:
            multiple = next((rate / r["eta_c_beta2"] for r in chosen if r["zhat"] == run_zhat), None)
            if run_g == g and multiple is not None and multiple <= max(multiples):
                axis.plot(run_zhat, multiple, "*", color=RED, ms=11, mec="white", clip_on=False)
        axis.set_title(f"$g = {g:g}$", loc="left")
        axis.set_xlabel(r"target $\hat z$")
    axes[0, 0].set_ylabel(r"learning rate $\eta/\eta_c$")
    handles = [Patch(color=c, label=name) for c, name in zip(FILLS, OUTCOMES, strict=True)]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _grid(records: Records, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    gs, zhats = (np.array(sorted({r[k] for r in records})) for k in ("g", "zhat"))
    values = {(r["g"], r["zhat"]): r[name] for r in records}
    return gs, zhats, np.array([[values[g, z] for z in zhats] for g in gs])


def _logarithmic(axis: Any, which: str, values: np.ndarray) -> None:
    """A logarithmic axis with plain numbers at 1, 2, 5 times powers of ten."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    getattr(axis.axes, f"set_{which}scale")("log")
    decades = range(-6, 7)
    ticks = [m * 10.0**d for d in decades for m in (1, 2, 5) if values.min() <= m * 10.0**d <= values.max()]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axis.set_minor_locator(NullLocator())


def _edges(values: Sequence[float]) -> np.ndarray:
    """Cell edges around logarithmically spaced values."""
    logs = np.log(values)
    if len(logs) == 1:
        return np.asarray(np.exp(logs[0] + np.array([-0.5, 0.5])))
    middle = (logs[1:] + logs[:-1]) / 2
    return np.asarray(
        np.exp(np.concatenate([[2 * logs[0] - middle[0]], middle, [2 * logs[-1] - middle[-1]]]))
    )
