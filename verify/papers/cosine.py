"""The paper's supplement: a linear network learns a cosine, but not without initial connectivity."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from derive.arrays import Array
from verify.papers.style import BLACK, COLOURS, WIDTH, Pyplot, letters, line_legend
from verify.papers.trained import Trained
from verify.training.cosine_theory import descent, turning_eigenvalue
from verify.training.measures import readouts_of
from verify.training.networks import initial_network
from verify.training.run import TrainedNetwork
from verify.training.tasks import TASKS
from verify.training.tasks.cosine import TRAINED

STRENGTHS = TASKS["cosine"].strengths
SIZE = {True: 128, False: 256}


def draw(trained: Trained, plt: Pyplot) -> Figure:
    """(a) readouts; (b) loss; (c) eigenvalues of W over training; in black the theory at g = 0."""
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH * 1.35, 2.7))
    task = TASKS["cosine"]
    trials = task.trials(np.random.default_rng(0), 1)
    time = task.dt * np.arange(trials.targets.shape[1])
    axes[0].plot(time, trials.targets[0, :, 0], color=BLACK, lw=3, alpha=0.3)
    axes[0].axvline(TRAINED, color="0.5", lw=0.7, ls="--")
    runs = trained.runs("cosine", STRENGTHS, (0,), trained.size or SIZE[trained.quick])
    for run, colour in zip(runs, COLOURS, strict=False):
        axes[0].plot(time, readouts_of(task, run.end, trials)[0, :, 0], color=colour, lw=1.1)
        axes[1].plot(run.loss / run.initial_loss, color=colour)
        epochs, turning, leading = eigenvalue_course(run)
        axes[2].plot(epochs, turning.imag, color=colour)
        axes[2].plot(epochs, leading, color=colour, ls="--")
    rate = runs[0].settings.rate
    path, losses = descent(rate, runs[0].settings.epochs)
    axes[1].plot(losses / losses[0], color=BLACK, lw=0.9, ls=":")
    axes[2].plot(path, color=BLACK, lw=0.9, ls=":")
    for value in (turning_eigenvalue().imag, turning_eigenvalue().real):
        axes[2].axhline(value, color="0.5", lw=0.7, ls="--")
    axes[0].set(xlabel="trial time $t$", ylabel="readout $z$", ylim=(-1.4, 1.4))
    axes[1].set(xlabel="epoch", ylabel=r"loss over $L_0$", ylim=(0, 1.1))
    axes[2].set(xlabel="epoch", ylabel="eigenvalues of $W$")
    letters(axes)
    colours = zip(STRENGTHS, COLOURS, strict=False)
    entries: list[tuple[str, dict[str, Any]]] = [
        *((rf"$g = {g:g}$", {"color": colour}) for g, colour in colours),
        ("target", {"color": BLACK, "lw": 3, "alpha": 0.3}),
        ("imaginary part", {"color": "0.3"}),
        ("largest real part", {"color": "0.3", "ls": "--"}),
        (r"theory, $g = 0$", {"color": BLACK, "ls": ":"}),
        ("end of the loss; a steady pair", {"color": "0.5", "lw": 0.7, "ls": "--"}),
    ]
    line_legend(figure, entries, 4)
    return figure


def eigenvalue_course(
    run: TrainedNetwork,
) -> tuple[NDArray[np.int64], NDArray[np.complex128], Array]:
    """At the epochs recorded: the eigenvalue of W of largest imaginary part, and the largest real part.

    W is W0 and the leading terms of dW that a run keeps; the ones left out are below 1e-3 here.
    """
    start = initial_network(TASKS[run.task], run.identity).W.astype(np.float64)
    turning, leading = [], []
    for left, strengths, right in zip(run.left, run.strengths, run.right, strict=True):
        eigenvalues = np.linalg.eigvals(start + (left * strengths) @ right.T)
        turning.append(eigenvalues[eigenvalues.imag.argmax()])
        leading.append(eigenvalues.real.max())
    return run.recorded, np.array(turning), np.array(leading)
