"""The pattern of the whole preconditioner (Ger and Barak 2026, Fig. 11), and learning curves of overlaps."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np

from derive.document.overlaps.learning_curve import MOST_OVERLAPS, LearnedOverlaps
from derive.overlaps.preconditioner import KINDS, WholePreconditioner
from derive.overlaps.visibility import visible_overlaps
from derive.write.figures.curve_figures import BLUE, CYCLE, ORANGE, PURPLE, new_figure, styled

COLOURS = {"zero": "#f2f2f2", "visible": BLUE, "invisible": ORANGE, "mixed": PURPLE}
LABELLED = 12  # overlaps up to which the sums are written into the squares


@styled
def preconditioner_figure(matrix: WholePreconditioner) -> Any:
    """One square an entry, coloured by what it is made of; lines part visible and invisible overlaps."""
    figure, axes = new_figure(width=6.6, height=5.2)
    draw_pattern(axes[0, 0], matrix)
    return figure


def draw_pattern(axis: Any, matrix: WholePreconditioner) -> None:
    """The pattern on a given axis."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    names = matrix.names
    kinds = np.array([[KINDS.index(matrix.kind(a, b)) for b in names] for a in names])
    colours = ListedColormap([COLOURS[kind] for kind in KINDS])
    axis.imshow(kinds, cmap=colours, vmin=-0.5, vmax=len(KINDS) - 0.5)
    if len(names) <= LABELLED:
        for i, a in enumerate(names):
            for j, b in enumerate(names):
                terms = [(f"{c}" if c != 1 else "") + n for n, c in matrix.entry(a, b).items()]
                colour = "white" if matrix.kind(a, b) == "visible" else "black"
                axis.text(j, i, "\n+".join(terms), ha="center", va="center", fontsize=7, color=colour)
    axis.set_xticks(range(len(names)), names, rotation=90)
    axis.set_yticks(range(len(names)), names)
    axis.tick_params(length=0)
    edge = len(matrix.visible) - 0.5
    axis.axhline(edge, color="black", lw=1)
    axis.axvline(edge, color="black", lw=1)
    present = [kind for k, kind in enumerate(KINDS) if (kinds == k).any()]
    handles = [Patch(facecolor=COLOURS[kind], edgecolor="0.6", label=kind) for kind in present]
    axis.legend(handles=handles, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)


@styled
def learning_figure(learned: LearnedOverlaps) -> Any:
    """The loss over epochs, and the overlaps: visible ones full, invisible ones dashed, deviations shaded."""
    figure, axes = new_figure(columns=2, width=8.0, height=3.6)
    loss, overlaps = axes[0]
    epochs = np.arange(len(learned.loss))
    loss.plot(epochs, learned.loss, color=BLUE, label="with the preconditioner")
    if "direct" in learned.facts:
        loss.plot(epochs, learned.facts["direct"]["loss"], color=ORANGE, label="direct descent")
        loss.legend()
    loss.set(xlabel="epoch", ylabel="loss", yscale="log" if learned.loss.min() > 0 else "linear")
    visible, groups = visible_overlaps(learned.problem), {"-": cycle(CYCLE), "--": cycle(CYCLE)}
    for number, (name, (row, column)) in enumerate(learned.problem.pairs.items()):
        values = learned.overlaps[:, row, column]
        line = "-" if name in visible else "--"
        style = {"color": next(groups[line]), "ls": line}
        overlaps.plot(epochs, values, label=name if number < MOST_OVERLAPS else None, **style)
        if learned.deviation is not None:
            spread = learned.deviation[:, row, column]
            overlaps.fill_between(epochs, values - spread, values + spread, color=style["color"], alpha=0.2)
    overlaps.set(xlabel="epoch", ylabel="overlaps (invisible ones dashed)")
    overlaps.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure
