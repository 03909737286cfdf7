"""Fig. 4a-c: a flip-flop with erf: network, closure and direct descent; how Gaussian the neurons stay."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.overlaps.neurons import Neurons, gauss_hermite_neurons
from derive.overlaps.sampling import sample_network
from derive.overlaps.starts import random_start
from verify.overlaps.gaussianity import gaussianity, reading_error
from verify.papers.ger_barak.flip_flop import (
    EPOCHS,
    NODES,
    PROBLEM,
    RATE,
    SIZE,
    WATCHED,
    batches,
    learn_closure,
    learn_neurons,
    smooth,
)
from verify.papers.ger_barak.protocol import SEED, Drawing, FigureSetting, Finding
from verify.papers.style import BLACK, BLUE, COLOURS, GREEN, ORANGE, WIDTH, letters


def draw(setting: FigureSetting, plt: Any) -> Drawing:
    """Losses; the overlaps' largest distance from the limit; the closure's error; columns and quantiles."""
    size, epochs = setting.number(SIZE, 300), EPOCHS
    nodes = setting.number(NODES, 5)
    S = random_start(PROBLEM, SIZE, SEED, balanced=True)
    source = batches(setting)
    starts = {
        "network": Neurons.network(sample_network(PROBLEM, S, size, 0)),
        "limit": gauss_hermite_neurons(PROBLEM, S, nodes),
    }
    runs = {
        label: learn_neurons(neurons, source, RATE, epochs, setting.progress(label, epochs))
        for label, neurons in starts.items()
    }
    runs["closure"] = learn_closure(S, source, RATE, epochs)
    runs["direct"] = learn_closure(S, source, RATE, epochs, direct=True)
    figure, axes = plt.subplots(2, 3, figsize=(1.5 * WIDTH, 4.6))
    styles = {"network": (BLUE, 3), "limit": (BLACK, 1), "closure": (ORANGE, 1.2), "direct": (GREEN, 1.2)}
    for label, (colour, width) in styles.items():
        axes[0, 0].semilogy(smooth(runs[label].loss), color=colour, lw=width, label=label)
        if label in ("network", "closure"):
            distance = np.abs(runs[label].overlaps - runs["limit"].overlaps).max(axis=(1, 2))
            axes[0, 1].semilogy(np.maximum(distance, 1e-12), color=colour, lw=1, label=f"{label} from limit")
    axes[0, 0].set(xlabel="epoch", ylabel="loss")
    axes[0, 1].set(xlabel="epoch", ylabel="largest distance of an overlap")
    for label in ("network", "limit"):
        colour = styles[label][0]
        epochs_seen = np.minimum(WATCHED * np.arange(len(runs[label].gap)), epochs)
        axes[0, 2].semilogy(epochs_seen, np.maximum(runs[label].gap, 1e-12), color=colour, label=label)
    axes[0, 2].set(xlabel="epoch", ylabel="closure's error in the readings")
    for axis in axes[0]:
        axis.legend()
    trained = runs["network"].neurons
    assert trained is not None
    measured = gaussianity(PROBLEM, trained)
    before = gaussianity(PROBLEM, starts["network"])
    for index, (name, colour) in enumerate(zip(PROBLEM.vectors, COLOURS, strict=False)):
        values = np.sort(trained.X[:, index])
        axes[1, 0].hist(values, 40, density=True, histtype="step", color=colour, label=name)
        from scipy.special import ndtri

        quantiles = ndtri((np.arange(len(values)) + 0.5) / len(values))
        axes[1, 1].plot(quantiles, values / values.std(), ".", ms=2, color=colour, label=name)
    axes[1, 0].set(xlabel="value at the end", ylabel="density")
    axes[1, 1].set(xlabel="normal quantile", ylabel="ordered values")
    for k, name in enumerate(("zz", "vu", "uu", "zm")):
        pair = PROBLEM.pairs[name]
        for label in ("limit", "closure"):
            style = "-" if label == "limit" else "--"
            axes[1, 2].plot(runs[label].overlaps[:, *pair], style, color=COLOURS[k], lw=1)
        axes[1, 2].plot([], [], color=COLOURS[k], label=name)
    axes[1, 2].set(xlabel="epoch", ylabel="limit (full), closure (dashed)")
    for axis in axes[1]:
        axis.legend()
    letters(axes)
    last = {label: float(run.loss[-50:].mean()) for label, run in runs.items()}
    apart = {
        label: float(np.abs(runs[label].overlaps[-1] - runs["limit"].overlaps[-1]).max())
        for label in ("network", "closure")
    }

    def listed(values: dict[str, float]) -> str:
        return ", ".join(f"{name} {value:.4f}" for name, value in values.items())

    limit = runs["limit"].neurons
    assert limit is not None
    told = reading_error(PROBLEM, source.batch(10**6), limit)
    findings = [
        Finding(
            f"loss, mean of the last 50 of {epochs} epochs",
            "network and closure agree, direct is slower",
            listed(last),
        ),
        Finding(
            f"largest distance of an overlap from the limit at tau = {RATE * epochs:g}",
            "closure called asymptotically exact",
            listed(apart),
        ),
        Finding("Q-Q correlation, start", "-", listed(before.correlation)),
        Finding("Q-Q correlation, end", "near 1", listed(measured.correlation)),
        Finding("excess kurtosis, end", "-", listed(measured.excess)),
        Finding(
            "closure's relative error in the readings of the limit, start and end",
            "-",
            f"{runs['limit'].gap[0]:.1e}, {runs['limit'].gap[-1]:.1e}",
        ),
        Finding(
            "the same at the end, predicted from fourth cumulants; cosine of the angle between both",
            "-",
            f"{told.predicted:.1e}, {told.alignment:.3f}",
        ),
    ]
    numbers = {
        "loss": {label: run.loss.tolist() for label, run in runs.items()},
        "final": {label: PROBLEM.named(run.overlaps[-1]) for label, run in runs.items()},
        "gap": {label: runs[label].gap.tolist() for label in ("network", "limit")},
    }
    return Drawing(figure, findings, numbers)
