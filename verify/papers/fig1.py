"""The paper's Fig. 1: a trial, the loss, singular values of dW and the loss over its rank, for three tasks.

Loss and truncation loss are over L0, the loss at epoch 0 of the g = 0 network shown.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from verify.papers.style import BLACK, BLUE, COLOURS, ORANGE, Pyplot, line_legend, whole_steps
from verify.papers.trained import PAPERS_TASKS, Trained
from verify.training.measures import readouts_of
from verify.training.run import TrainedNetwork
from verify.training.tasks import TASKS

SHOWN = 11
STRENGTHS = {0.0: BLUE, 0.9: ORANGE}
TRIAL_STRENGTH = 1.2
INSTANCE = 3
LAST_EPOCH = {"flip-flop": 200, "mante": 1000, "romo": 6000}


def draw(trained: Trained, plt: Pyplot) -> Figure:
    """A column a task, a row each for trial, loss, singular values and truncation."""
    figure, axes = plt.subplots(4, 3, figsize=(7.0, 7.4))
    seed = min(INSTANCE, trained.networks - 1)
    for column, name in enumerate(PAPERS_TASKS):
        runs = trained.runs(name, STRENGTHS, (seed,))
        measured = trained.measured(runs)
        (shown,) = trained.runs(name, (0.9 if trained.quick else TRIAL_STRENGTH,), (0,))
        draw_trial(axes[0, column], shown)
        axes[0, column].set_title(f"{name}, $g = {shown.identity.g:g}$", fontsize=9)
        scale = runs[0].initial_loss
        for run, measures, colour in zip(runs, measured, STRENGTHS.values(), strict=True):
            end = min(LAST_EPOCH[name], len(run.loss))
            axes[1, column].plot(run.loss[:end] / scale, color=colour, lw=0.8)
            values = measures.singular_values[:SHOWN]
            axes[2, column].plot(np.arange(1, len(values) + 1), values, "o-", ms=3, color=colour)
            axes[3, column].plot(measures.truncation_loss[:SHOWN] / scale, "o-", ms=3, color=colour)
        axes[1, column].set(xlabel="epoch", ylim=(0, 1.1))
        axes[2, column].set(xlabel="index", ylim=(0, None))
        axes[3, column].set(xlabel="rank $R$", ylim=(0, None))
        for axis in axes[2:, column]:
            whole_steps(axis)
    for row, label in enumerate(
        ("", r"loss over $L_0$", r"singular values of $\Delta W$", r"loss at rank $R$ over $L_0$")
    ):
        axes[row, 0].set_ylabel(label)
    for index, axis in enumerate(axes.ravel()):
        axis.set_title(f"({'abcdefghijkl'[index]})", loc="left", fontweight="bold")
    entries = [(rf"$g = {g:g}$", {"color": colour, "lw": 1.4}) for g, colour in STRENGTHS.items()]
    entries += [("target", {"color": BLACK, "lw": 2, "alpha": 0.4}), ("input", {"color": "0.5", "lw": 0.8})]
    line_legend(figure, entries, 4)
    return figure


def draw_trial(axis: Axes, run: TrainedNetwork) -> None:
    """The figure's trial: inputs above, every readout with its target where the mask is."""
    task = TASKS[run.task]
    assert task.figure is not None
    trials = task.figure()
    readouts = readouts_of(task, run.end, trials, run.settings.nonlinearity)[0]
    time = task.dt * np.arange(len(readouts))
    for k in range(task.inputs):
        axis.plot(time, 0.5 * trials.inputs[0, :, k] + 1.6 * (task.outputs + k), color="0.5", lw=0.8)
    for k in range(task.outputs):
        target = np.where(trials.mask[0, :, k] > 0, trials.targets[0, :, k], np.nan)
        axis.plot(time, target + 1.6 * k, color=BLACK, lw=3, alpha=0.4)
        axis.plot(time, readouts[:, k] + 1.6 * k, color=COLOURS[k], lw=1.1)
    axis.set(xlabel="trial time $t$", yticks=[])
