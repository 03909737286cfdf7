"""Where dW lies along training: its parts in the spans of the linear theory, by optimizer and g.

    python benchmarks/projection_picture.py STORE docs/figures/projection.png

Reads the networks of `open_questions.py`: of every way of training the longest, seed 0. Lines: |dW|^2
in the spans of m and w, and of the chain cut after its first vectors (`verify.training.projection`);
dashed: of each side alone; dotted: the first 5% epoch.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from verify.papers.style import BLUE, GREEN, ORANGE, RED, files, line_legend, paper_style
from verify.training import TASKS
from verify.training.projection import SPANS, explained
from verify.training.run import TrainedNetwork
from verify.training.store import read_runs

COLOURS = dict(zip(SPANS, (ORANGE, BLUE, GREEN, RED), strict=True))
COLUMNS = 4
OPTIMIZERS = {"adam": "Adam", "sgd": "descent", "momentum": "momentum"}


def longest(runs: list[TrainedNetwork]) -> list[TrainedNetwork]:
    """One network for each task, g and way of training."""
    found: dict[object, TrainedNetwork] = {}
    for run in runs:
        s = run.settings
        way = run.task, run.identity.g, s.optimizer, s.train, s.rate
        if run.identity.seed == 0 and (way not in found or s.epochs > found[way].settings.epochs):
            found[way] = run
    return list(found.values())


def title(run: TrainedNetwork) -> str:
    what = "W alone, " if run.settings.train == ("W",) else ""
    return f"{run.task}, {OPTIMIZERS[run.settings.optimizer]},\n{what}$g = {run.identity.g:g}$"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("picture", type=Path)
    asked = parser.parse_args()
    runs = longest(read_runs(asked.store))
    with paper_style() as plt:
        rows = -(-len(runs) // COLUMNS)
        figure, panels = plt.subplots(rows, COLUMNS, figsize=(7.0, 1.9 * rows), sharey=True, squeeze=False)
        for axis, run in zip(panels.ravel(), runs, strict=False):
            parts = explained(TASKS[run.task], run)
            for k, colour in enumerate(COLOURS.values()):
                axis.plot(parts.epochs, parts.both[:, k], color=colour, lw=1.2)
            axis.plot(parts.epochs, parts.left[:, -1], color=RED, lw=0.8, ls="--")
            axis.plot(parts.epochs, parts.right[:, -1], color=RED, lw=0.8, ls="-.")
            if run.convergence_epoch is not None:
                axis.axvline(run.convergence_epoch, color="0.5", lw=0.7, ls=":")
            axis.set(ylim=(0, 1.02), xscale="log")
            axis.xaxis.set_minor_formatter(plt.NullFormatter())
            axis.set_title(title(run), fontsize=7)
        for axis in panels.ravel()[len(runs) :]:
            axis.set_visible(False)
        for axis in panels[:, 0]:
            axis.set_ylabel(r"part of $|\Delta W|^2$")
        for axis in panels.ravel()[max(len(runs) - COLUMNS, 0) : len(runs)]:  # the lowest of each column
            axis.set_xlabel("epoch")
        entries = [(span, {"color": colour}) for span, colour in COLOURS.items()]
        entries += [("chain 3, left side", {"color": RED, "ls": "--", "lw": 0.8})]
        entries += [("chain 3, right side", {"color": RED, "ls": "-.", "lw": 0.8})]
        line_legend(figure, entries, 3)
        asked.picture.write_bytes(files(figure)["png"])


if __name__ == "__main__":
    main()
