"""Figures of degeneracy, memory and the nonlinear limit; Okabe and Ito's palette throughout."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from verify.overlaps.closure_limit import ClosureLimit
from verify.overlaps.decoding import Decoding
from verify.overlaps.degeneracy import Degeneracy
from verify.overlaps.memory import Memory
from verify.overlaps.nonlinear_memory import NonlinearMemory

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, VERMILION, BLACK = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#000000"
FORMATS = ("png", "svg")


def degeneracy_figure(result: Degeneracy) -> dict[str, bytes]:
    """Outputs before learning, learning curves with theory on top, and an invisible overlap."""
    figure, axes = _axes(3)
    t = result.task.dt * np.arange(1, result.task.steps + 1)
    for outputs, colour, width, label in zip(
        result.outputs, (BLUE, ORANGE), (4.5, 1.8), ("first network", "second network"), strict=True
    ):
        axes[0].plot(t, outputs[0, :, 0], color=colour, lw=width, label=label)
    weighted = np.where(result.task.weights[0, :, 0] > 0, result.task.targets[0, :, 0], np.nan)
    axes[0].plot(t, weighted, ":", color=BLACK, lw=1.2, label="target")
    axes[0].set(xlabel="time", ylabel="output before learning")
    axes[0].legend(frameon=False)
    norm = next(name for name, (i, j) in result.problem.pairs.items() if i == j and name[0] == "v")
    row, column = result.problem.pairs[norm]
    pairs = zip(result.trainings, result.theories, (BLUE, ORANGE), ("first", "second"), strict=True)
    for training, theory, colour, label in pairs:
        axes[1].plot(training.loss, color=colour, lw=4, alpha=0.45, label=f"{label}, N = {result.size}")
        axes[1].plot(theory.time, theory.loss, "--", color=colour, lw=1.3, label=f"{label}, theory")
        axes[2].plot(training.overlaps[:, row, column], color=colour, lw=4, alpha=0.45)
        axes[2].plot(theory.time, theory.overlaps[:, row, column], "--", color=colour, lw=1.3)
    axes[1].set_yscale("log")
    axes[1].set(xlabel="epoch", ylabel="loss")
    axes[1].legend(frameon=False)
    axes[2].set(xlabel="epoch", ylabel=f"loss-invisible overlap {norm}")
    return _saved(figure)


def memory_figure(result: Memory) -> dict[str, bytes]:
    """The trace of every overlap by flow and descent, and how well the history can be read."""
    figure, axes = _axes(2, width=11)
    names = list(result.problem.names)
    if len(names) > 12:  # the largest traces only
        sizes = np.abs([list(result.trace(p).values()) for p in result.phases[:4]]).max(axis=0)
        names = [names[i] for i in sorted(np.argsort(sizes)[-12:])]
    colours = (BLACK, VERMILION, ORANGE, BLUE)
    for k, (phases, colour) in enumerate(zip(result.phases[:4], colours, strict=True)):
        trace = result.trace(phases)
        heights = [max(abs(trace[name]), 1e-16) for name in names]
        axes[0].bar(np.arange(len(names)) + 0.2 * (k - 1.5), heights, 0.18, color=colour, label=phases.way)
    axes[0].set_yscale("log")
    axes[0].set_ylim(1e-9, 300 * axes[0].get_ylim()[1])
    axes[0].set_xticks(range(len(names)), names)
    axes[0].set(xlabel="overlap", ylabel=f"|trace| of {result.sequence} (below 1e-9 not shown)")
    axes[0].legend(frameon=False, fontsize=8, loc="upper left")
    _decoding_panel(axes[1], result.decoding)
    return _saved(figure)


def _decoding_panel(axis: Axes, decoding: list[Decoding]) -> None:
    """How often a history is read right, over the error of a reading."""
    ways = list(dict.fromkeys(d.way for d in decoding))
    for way, style in zip(ways, ("-", "--"), strict=False):
        chosen = [d for d in decoding if d.way == way]
        for kind, colour, marker in zip(chosen[0].accuracy, (BLUE, ORANGE, GREEN), "os^", strict=True):
            axis.plot(
                [d.error for d in chosen],
                [d.accuracy[kind] for d in chosen],
                style,
                marker=marker,
                color=colour,
                label=kind if way == ways[0] else None,
            )
    for way, style in zip(ways, ("-", "--"), strict=False):
        axis.plot([], [], style, color=BLACK, lw=1, label=way)
    axis.axhline(decoding[0].chance, color=BLACK, lw=0.8, ls=":", label="chance")
    axis.set_xscale("log")
    axis.set_ylim(0, 1.55)
    axis.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axis.set(xlabel="error of a reading", ylabel="histories A-x-A read right")
    axis.legend(frameon=False, fontsize=8, ncols=2, loc="upper center")


def nonlinear_memory_figure(result: NonlinearMemory) -> dict[str, bytes]:
    """The trace of every overlap at three rates and as lr -> 0; the output on A, then and now; decoding."""
    figure, axes = _axes(3, width=15)
    names = list(result.problem.names)[:12]
    shown = (result.phases[0], result.phases[2], result.control)
    rows = [("lr -> 0", result.flow_trace), *((p.way, result.trace(p)) for p in shown)]
    for k, ((label, trace), colour) in enumerate(zip(rows, (BLACK, VERMILION, ORANGE, BLUE), strict=True)):
        places = np.arange(len(names)) + 0.2 * (k - 1.5)
        axes[0].bar(places, [trace[name] for name in names], 0.18, color=colour, label=label)
    axes[0].axhline(0, color=BLACK, lw=0.6)
    axes[0].set_xticks(range(len(names)), names)
    axes[0].set(xlabel="overlap", ylabel=f"trace of {result.sequence}")
    axes[0].legend(frameon=False, fontsize=8)
    t = result.task.dt * np.arange(1, result.task.steps + 1)
    first, last = result.outputs[-1]
    target = np.where(result.task.weights[0, :, 0] > 0, result.task.targets[0, :, 0], np.nan)
    axes[1].plot(t, first[0, :, 0], color=BLUE, lw=4, alpha=0.45, label="output after the first A")
    axes[1].plot(t, last[0, :, 0], "--", color=BLUE, lw=1.3, label="output after the last A")
    axes[1].plot(t, target, ":", color=BLACK, lw=1.2, label="target of A")
    axes[1].set(xlabel="time in a trial", ylabel="output")
    axes[1].legend(frameon=False, fontsize=8)
    _decoding_panel(axes[2], result.decoding)
    return _saved(figure)


def closure_figure(result: ClosureLimit) -> dict[str, bytes]:
    """Curves of closure and limit, the gap between them, and the networks' deviation over N."""
    figure, axes = _axes(3)
    name = "zz" if "zz" in result.problem.pairs else result.problem.names[0]
    row, column = result.problem.pairs[name]
    axes[0].plot(result.closure.time, result.closure.overlap(name), color=VERMILION, lw=1.8, label="closure")
    axes[0].plot(result.limit.time, result.limit.overlap(name), color=BLACK, lw=1.8, label="exact limit")
    last = result.limit.time[-1]
    for k, ends in enumerate(result.ends.values()):
        values = ends[:, row, column]
        place = last * (1.03 + 0.03 * k)
        axes[0].errorbar(place, values.mean(), values.std(), fmt="o", ms=3, color=BLUE, capsize=2,
                         label="networks, end" if k == 0 else None)  # fmt: skip
    axes[0].set(xlabel="epoch", ylabel=f"overlap {name}")
    axes[0].legend(frameon=False)
    gap = np.abs(result.closure.overlaps - result.limit.overlaps).max(axis=(1, 2))
    tau = result.limit.time[1:] * result.learning_rate
    axes[1].loglog(tau, gap[1:], color=VERMILION)
    axes[1].set(xlabel=r"learning time $\tau$", ylabel="largest difference closure - exact limit")
    sizes = np.array(list(result.ends))
    from_limit, from_closure = list(result.from_limit.values()), list(result.from_closure.values())
    axes[2].loglog(sizes, from_limit, "o-", color=BLACK, label="from the exact limit")
    axes[2].loglog(sizes, from_closure, "s-", color=VERMILION, label="from the closure")
    axes[2].loglog(sizes, from_limit[0] * np.sqrt(sizes[0] / sizes), ":", color=BLUE, label=r"$N^{-1/2}$")
    axes[2].set_xticks(sizes, [str(size) for size in sizes])
    axes[2].minorticks_off()
    axes[2].set(xlabel="neurons N", ylabel="deviation of networks' S at the end")
    axes[2].legend(frameon=False)
    return _saved(figure)


def _axes(count: int, width: float = 12.5) -> tuple[Figure, list]:  # type: ignore[type-arg]
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "derive"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, count, figsize=(width, 3.8), layout="constrained")
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, list(axes)


def _saved(figure: Figure) -> dict[str, bytes]:
    from matplotlib import pyplot as plt

    pictures = {}
    for form in FORMATS:
        stream = io.BytesIO()
        figure.savefig(stream, format=form, dpi=150, metadata={"Date": None} if form == "svg" else None)
        pictures[form] = stream.getvalue()
    plt.close(figure)
    return pictures
