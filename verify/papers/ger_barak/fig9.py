"""Fig. 9 (4d, e): twins learning A or B, then C; one pair, shortened, also in networks and the limit."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.arrays import Array
from derive.overlaps.batches.published import published_teacher, taught_batch
from derive.overlaps.neurons import Neurons, gauss_hermite_neurons, loss_and_gradient
from derive.overlaps.problem import Matrix
from derive.overlaps.sampling import sample_network
from verify.papers.ger_barak.flip_flop import smooth
from verify.papers.ger_barak.protocol import Drawing, FigureSetting, Finding
from verify.papers.ger_barak.twins import (
    DT,
    DURATION,
    EPOCHS,
    PAIRS,
    PROBLEM,
    RATE,
    RATE_OF_C,
    batches_of_a_and_b,
    groups,
    learn_twins,
)
from verify.papers.style import BLUE, ORANGE, WIDTH, letters

SHORT_EPOCHS, SHORT_TRIALS, NODES, SIZE = 500, 16, 4, 600


def one_pair(setting: FigureSetting, S: Matrix) -> dict[str, Array]:
    """The pair that starts at S, in networks of 600 neurons and in the exact limit, both stages shortened.

    Of each the overlaps after A or B and after C, shape (stage, twin, 4, 4). Twins see the same trials.
    """
    starts = {
        "networks": Neurons.network(sample_network(PROBLEM, S, setting.number(SIZE, 300), 0)),
        "limit": gauss_hermite_neurons(PROBLEM, S, NODES),
    }
    return {label: _shortened(setting, label, neurons) for label, neurons in starts.items()}


def _shortened(setting: FigureSetting, label: str, start: Neurons) -> Array:
    epochs, dt = setting.number(SHORT_EPOCHS, 30), setting.number(1, 2) * DT
    steps, teacher = round(DURATION / dt), published_teacher(PROBLEM)
    ends = np.empty((2, 2, *teacher.shape))
    step = setting.progress(f"one pair, {label}", 4 * epochs)
    for twin in range(2):
        neurons = start
        for stage, rate in enumerate((RATE, RATE_OF_C)):
            for epoch in range(epochs):
                random = np.random.default_rng((0, stage + 1, epoch))
                if stage == 1:
                    task = taught_batch(random, SHORT_TRIALS, dt, steps, PROBLEM, teacher)
                else:
                    task = batches_of_a_and_b(random, SHORT_TRIALS, dt)[twin]
                _, gradient = loss_and_gradient(PROBLEM, task, neurons)
                neurons = Neurons(neurons.X - rate * gradient, neurons.weights)
                step()
            ends[stage, twin] = neurons.overlaps
    return ends


def draw(setting: FigureSetting, plt: Any) -> Drawing:
    """Losses of both stages; overlaps of A- and B-twins after the first stage and after C."""
    twins = learn_twins(setting)
    epochs = len(twins.first)
    figure, axes = plt.subplots(2, 2, figsize=(1.3 * WIDTH, 4.8))
    for column, losses in enumerate((twins.first, twins.second)):
        for network in range(2 * PAIRS):
            colour = BLUE if network < PAIRS else ORANGE
            axes[0, column].semilogy(smooth(losses[:, network], 50), color=colour, lw=0.7)
        axes[0, column].set(xlabel="epoch", ylabel=("loss on A, B", "loss on C")[column])
    names = [name for group in groups().values() for name in group]
    for column, stage in enumerate((1, 2)):
        for k, name in enumerate(names):
            pair = PROBLEM.pairs[name]
            for part, colour, shift in ((slice(0, PAIRS), BLUE, -0.15), (slice(PAIRS, None), ORANGE, 0.15)):
                values = twins.overlaps[stage, part, *pair]
                axes[1, column].plot(np.full(len(values), k + shift), values, ".", ms=3, color=colour)
        axes[1, column].set_xticks(range(len(names)), names)
        axes[1, column].axvline(len(groups()["visible"]) - 0.5, color="0.7", lw=0.8)
        axes[1, column].set_ylabel(("overlaps after A (blue) or B", "overlaps after C")[column])
    letters(axes)
    last = {"A": twins.first[-50:, :PAIRS], "B": twins.first[-50:, PAIRS:], "C": twins.second[-50:]}

    def apart(stage: int, group: str) -> float:
        pairs = [PROBLEM.pairs[name] for name in groups()[group]]
        gaps = [twins.overlaps[stage, :PAIRS, *p] - twins.overlaps[stage, PAIRS:, *p] for p in pairs]
        return float(np.sqrt(np.mean(np.square(gaps))))

    shortened = one_pair(setting, twins.overlaps[0, 0])
    gaps = {label: np.sqrt(np.mean((S[:, 0] - S[:, 1]) ** 2, axis=(1, 2))) for label, S in shortened.items()}
    difference = np.abs(shortened["networks"] - shortened["limit"]).max()
    findings = [
        Finding("starts that are no Gram matrix, drawn anew", "13.5%, kept", f"{twins.rejected:.1%}"),
        Finding(f"epochs of each stage (published {EPOCHS})", str(EPOCHS), str(epochs)),
        Finding(
            "loss at the end, mean over networks",
            "A, B below 0.015",
            ", ".join(f"{name} {loss.mean():.4f}" for name, loss in last.items()),
        ),
        *(
            Finding(
                f"twins apart after A/B and after C, {group} overlaps, root mean square",
                "visible fall together" if group == "visible" else "stay apart",
                f"{apart(1, group):.3f}, {apart(2, group):.3f}",
            )
            for group in groups()
        ),
        *(
            Finding(
                f"first pair shortened, {label}: apart in all overlaps after A/B and after C",
                "-",
                f"{gap[0]:.3f}, {gap[1]:.3f}",
            )
            for label, gap in gaps.items()
        ),
        Finding("of these, largest overlap of a network off the limit", "-", f"{difference:.3f}"),
    ]
    numbers = {
        "loss": {name: loss.mean(axis=0).tolist() for name, loss in last.items()},
        "overlaps": twins.overlaps.tolist(),
        "shortened": {label: S.tolist() for label, S in shortened.items()},
    }
    return Drawing(figure, findings, numbers)
