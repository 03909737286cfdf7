"""One look for all figures: the size of a paper's text, its fonts, colours told apart with any vision."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette
BLUE, ORANGE, GREEN, RED, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, RED)
BLACK = "#000000"
WIDTH = 5.5  # inches, the text width of the paper
MARKERS = ("o", "s", "^", "D", "v")

SETTINGS: dict[str, Any] = {
    "font.family": "serif",
    "font.serif": ["STIXGeneral", "DejaVu Serif"],
    "mathtext.fontset": "stix",
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.titlesize": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "axes.linewidth": 0.7,
    "lines.linewidth": 1.4,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "pdf.fonttype": 42,
    "savefig.dpi": 300,
    "figure.constrained_layout.use": True,
}


class Pyplot(Protocol):
    """What the figures ask of matplotlib's pyplot; axes are one, or an array of them."""

    def figure(self, **settings: Any) -> Figure: ...
    def subplots(self, rows: int, columns: int, **settings: Any) -> tuple[Figure, Any]: ...


@contextmanager
def paper_style() -> Iterator[Any]:
    """Gives pyplot with the settings, drawing to files only."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    settings: Any = SETTINGS
    with plt.rc_context(settings):
        yield plt
        plt.close("all")


FIGURE_FORMS = ("pdf", "png")


def files(figure: Figure) -> dict[str, bytes]:
    """The figure as ``pdf`` and ``png``, without dates, so that the same figure has the same bytes."""
    found = {}
    for form, metadata in (("pdf", {"CreationDate": None}), ("png", {"Software": None})):
        stream = io.BytesIO()
        figure.savefig(stream, format=form, metadata=metadata)
        found[form] = stream.getvalue()
    return found


def letter(axis: Axes, index: int) -> None:
    """(a), (b), ... above the panel's left corner."""
    axis.set_title(f"({'abcdefgh'[index]})", loc="left", fontweight="bold")


def letters(axes: Any, first: int = 0) -> None:
    """A letter for each of these panels, in order."""
    for index, axis in enumerate(np.ravel(axes), first):
        letter(axis, index)


def whole_steps(axis: Axes) -> None:
    """Ticks of an index or a rank: whole numbers."""
    axis.locator_params(axis="x", integer=True)


def line_legend(figure: Figure, entries: Sequence[tuple[str, Mapping[str, Any]]], columns: int) -> None:
    """A legend below all panels from (label, line style) pairs."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], **style, label=label) for label, style in entries]
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)
