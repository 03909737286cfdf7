"""The paper's Fig. 5: singular values of the LSTM's second layer, and accuracy over the rank kept."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from verify.papers.style import BLACK, BLUE, GREEN, ORANGE, WIDTH, Pyplot, files, letters, paper_style
from verify.training.sentiment.result import SentimentResult

SECOND_LAYER = "weight_hh_l1"


def fig5_files(result: SentimentResult) -> dict[str, bytes]:
    """As ``pdf`` and ``png``."""
    with paper_style() as plt:
        return files(draw_result(result, plt))


def draw_result(result: SentimentResult, plt: Pyplot) -> Figure:
    """(a) dW, W0 and W with the edges of W0's bulk; (b) truncation of dW and of W; (c) the course."""
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH * 1.3, 2.7))
    spectra, cuts, course = result.spectra[SECOND_LAYER], result.truncation, result.course
    index = np.arange(1, len(spectra.change) + 1)
    for values, colour, label in (
        (spectra.whole, BLUE, r"$W$"),
        (spectra.initial, BLACK, r"$W_0$"),
        (spectra.change, ORANGE, r"$\Delta W$"),
    ):
        axes[0].plot(index, values, color=colour, label=label)
    for edge in spectra.edges:
        axes[0].axhline(edge, color="0.5", lw=0.7, ls="--")
    axes[0].set(xlabel="index", ylabel="singular values, layer 2", xscale="log", ylim=(0, None))
    axes[0].legend()
    axes[1].plot(cuts.ranks, cuts.change_accuracy, color=ORANGE, label=r"$W_0 + \Delta W^{(R)}$")
    axes[1].plot(cuts.ranks, cuts.whole_accuracy, color=BLUE, label=r"$W^{(R)}$")
    axes[1].axhline(course.validation_accuracy[-1], color="0.5", lw=0.7, ls="--")
    axes[1].set(xlabel="rank $R$", ylabel="validation accuracy", xscale="symlog", xlim=(0, None))
    axes[1].legend()
    epochs = np.arange(1, result.epochs + 1)
    axes[2].plot(epochs, course.training_loss, color=BLACK, label="loss, training")
    axes[2].plot(epochs, course.validation_loss, color=GREEN, label="loss, validation")
    axes[2].plot(epochs, course.validation_accuracy, color=BLUE, label="accuracy, validation")
    axes[2].set(xlabel="epoch", ylim=(0, 1))
    axes[2].legend()
    letters(axes)
    return figure
