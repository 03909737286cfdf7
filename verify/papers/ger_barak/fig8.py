"""Fig. 8: the flip-flop by small steps, by ten times larger ones and by Adam: does the closure survive?"""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.overlaps.batches.rank_one_closure import RankOneClosure
from derive.overlaps.neurons import Neurons, output
from derive.overlaps.sampling import sample_network
from derive.overlaps.starts import random_start
from verify.overlaps.gaussianity import gaussianity
from verify.papers.ger_barak.flip_flop import EPOCHS, PROBLEM, SIZE, batches, learn_closure, learn_neurons
from verify.papers.ger_barak.protocol import SEED, Drawing, FigureSetting, Finding
from verify.papers.style import BLACK, BLUE, COLOURS, WIDTH

WAYS = {"small steps": (5e-2, False), "large steps": (5e-1, False), "Adam": (5e-3, True)}


def draw(setting: FigureSetting, plt: Any) -> Drawing:
    """Output of the network and of the effective network of its overlaps, and histograms, for each way."""
    size, epochs = setting.number(SIZE, 300), EPOCHS
    S = random_start(PROBLEM, SIZE, SEED, balanced=True)
    start, source = Neurons.network(sample_network(PROBLEM, S, size, 0)), batches(setting)
    probe = source.batch(10**6)
    figure, axes = plt.subplots(2, 3, figsize=(1.5 * WIDTH, 4.2))
    findings, numbers = [], {}
    for column, (label, (rate, adam)) in enumerate(WAYS.items()):
        step = setting.progress(label, epochs)
        run = learn_neurons(start, source, rate, epochs, step, adam)
        trained = run.neurons
        assert trained is not None
        of_network = output(PROBLEM, probe, trained)[:, :, 0]
        effective = RankOneClosure(PROBLEM).response(trained.overlaps[None], probe)[0]
        t = probe.dt * np.arange(1, probe.steps + 1)
        axes[0, column].plot(t, of_network[0], color=BLUE, lw=3, alpha=0.5, label="network")
        axes[0, column].plot(t, effective[0], "--", color=BLACK, lw=0.9, label="effective network")
        axes[0, column].set(title=label, xlabel="time", ylabel="output")
        for index, (name, colour) in enumerate(zip(PROBLEM.vectors, COLOURS, strict=False)):
            axes[1, column].hist(
                trained.X[:, index], 40, density=True, histtype="step", color=colour, label=name
            )
        axes[1, column].set(xlabel="value at the end", ylabel="density")
        measured = gaussianity(PROBLEM, trained)
        wrong = float(np.sqrt(np.mean((effective - of_network) ** 2) / np.mean(of_network**2)))
        worst = min(measured.correlation, key=lambda name: measured.correlation[name])
        numbers[label] = {
            "loss": run.loss.tolist(),
            "gap": run.gap.tolist(),
            "correlation": measured.correlation,
            "excess": measured.excess,
            "output_error": wrong,
        }
        findings += [
            Finding(f"{label}: loss, mean of the last 50 epochs", "-", f"{run.loss[-50:].mean():.4f}"),
            Finding(
                f"{label}: effective network from network, output, relative",
                "agree" if not adam else "-",
                f"{wrong:.3f}",
            ),
            Finding(
                f"{label}: lowest Q-Q correlation of a column",
                "Gaussian" if column == 0 else "-",
                f"{measured.correlation[worst]:.4f} ({worst})",
            ),
        ]
        if not adam:
            try:
                closed = learn_closure(S, source, rate, epochs).overlaps[-1]
                gap = f"{np.abs(closed - run.overlaps[-1]).max():.2f}"
            except ArithmeticError:
                gap = "the closure's loss leaves the finite numbers"
            findings.append(Finding(f"{label}: overlaps learned in the closure from the network's", "-", gap))
    axes[0, 0].legend()
    axes[1, 0].legend()
    return Drawing(figure, findings, numbers)
