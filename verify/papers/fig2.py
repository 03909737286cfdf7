"""The paper's Fig. 2 over g: convergence, |dW|, shuffled loss, functional rank; mean and deviation.

A point is there where every network of its g has the value, as in the paper. The published values
are grey: read off the figure to about 6 epochs, 0.03 of a norm and 0.1 of a rank.
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from verify.papers.style import BLUE, ORANGE, PURPLE, WIDTH, Pyplot, letter, line_legend
from verify.papers.trained import PAPERS_TASKS, STRENGTHS, Trained
from verify.training.report import record, summary

COLOUR = dict(zip(PAPERS_TASKS, (BLUE, ORANGE, PURPLE), strict=True))
PANELS = {
    "convergence_epoch": "epochs to 5% of the loss",
    "norm": r"$|\Delta W|$",
    "shuffled_loss": r"shuffled loss over $L_0$",
    "functional_rank": "functional rank",
}
_ = np.nan
PUBLISHED = {
    "convergence_epoch": {
        "flip-flop": (104, 102, 64, 40, 40, 55, 184),
        "mante": (357, 160, 94, 50, 38, 45, 55, 117, 525),
        "romo": (_, _, _, 316, 135, 82, 63, 57, 70, 82, 82),
    },
    "norm": {
        "flip-flop": (1.88, 1.85, 1.57, 1.18, 0.82, 0.60, 0.68),
        "mante": (2.04, 1.65, 1.28, 0.96, 0.73, 0.74, 0.70, 0.74, 0.88),
        "romo": (3.46, 3.29, _, 2.16, 1.58, 1.22, 0.97, 0.96, 0.92, 0.85, 0.96),
    },
    "shuffled_loss": {
        "flip-flop": (0.0, 0.4),
        "mante": (0.0, 0.31),
        "romo": (0.0, 0.88, _, 1.02, 1.04, 1.19, 1.03, 1.02, 1.01, 1.15, 1.02),
    },
    "functional_rank": {
        "flip-flop": (2.0, 3.4, 4.0, 5.0, 5.8, 7.6, 8.4),
        "mante": (4.6, 4.6, 4.4, 4.0, 4.4, 5.2, 5.2, 5.0, 8.0),
        "romo": (6.2, 6.8, _, 6.0, 7.0, 5.2, 6.8, 6.4, 6.6, 6.2, 7.0),
    },
}
"""By task at g = 0, 0.3, 0.6, ...; nan: not shown, or not in the figure's range."""


def draw(trained: Trained, plt: Pyplot) -> Figure:
    """Four panels, a colour a task."""
    figure, axes = plt.subplots(1, 4, figsize=(WIDTH * 1.4, 2.6))
    for name in PAPERS_TASKS:
        runs = trained.runs(name, trained.strengths(name))
        records = [record(run, m) for run, m in zip(runs, trained.measured(runs), strict=True)]
        mean, std = summary(records)
        strengths = np.array([float(g) for g in mean])
        for axis, key in zip(axes, PANELS, strict=True):
            middle, spread = (
                np.array([np.nan if at[key] is None else at[key] for at in values.values()], float)
                for values in (mean, std)
            )
            axis.fill_between(
                strengths, middle - spread, middle + spread, color=COLOUR[name], alpha=0.2, lw=0
            )
            axis.plot(strengths, middle, "o-", ms=3, color=COLOUR[name])
            known = PUBLISHED.get(key, {}).get(name, ())
            axis.plot(
                STRENGTHS[name][: len(known)], known, "x", ms=3.5, mew=0.8, color=COLOUR[name], alpha=0.6
            )
    for index, (axis, label) in enumerate(zip(axes, PANELS.values(), strict=True)):
        axis.set(xlabel="$g$", ylabel=label, ylim=(0, None))
        letter(axis, index)
    axes[0].set(yscale="log", ylim=(10, None))
    entries = [(name, {"color": colour, "marker": "o", "ms": 3}) for name, colour in COLOUR.items()]
    entries.append(("published", {"color": "0.4", "marker": "x", "ls": ""}))
    line_legend(figure, entries, 4)
    return figure
