"""Fig. 9 (and 4d, e): twins learning A or B, then C; one pair also in the exact limit, shortened."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.overlaps.batches.published import decision_batch, flip_flop_batch
from derive.overlaps.neurons import Neurons, gauss_hermite_neurons, loss_and_gradient
from verify.papers.ger_barak.flip_flop import smooth
from verify.papers.ger_barak.protocol import Drawing, FigureSetting, Finding
from verify.papers.ger_barak.twins import DT, DURATION, EPOCHS, PAIRS, PROBLEM, RATE, groups, learn_twins
from verify.papers.style import BLUE, ORANGE, WIDTH, letter

LIMIT_EPOCHS, LIMIT_TRIALS, LIMIT_NODES = 500, 16, 4


def limit_pair(setting: FigureSetting, S: Any) -> list[Any]:
    """The first pair in the exact limit, some epochs of A or B only: S of both at the end."""
    epochs = setting.number(LIMIT_EPOCHS, 60)
    dt = DT if not setting.quick else 0.1
    ends = []
    for which in range(2):
        neurons = gauss_hermite_neurons(PROBLEM, S, LIMIT_NODES)
        step = setting.progress("limit", epochs)
        for epoch in range(epochs):
            random = np.random.default_rng((0, 1, epoch))
            steps = round(DURATION / dt)
            task = (
                flip_flop_batch(random, LIMIT_TRIALS, dt, steps, gaps=(1.0, 2.0), amplitude=1.0, pulse=2.0)
                if which == 0
                else decision_batch(random, LIMIT_TRIALS, dt, steps)
            )
            _, gradient = loss_and_gradient(PROBLEM, task, neurons)
            neurons = Neurons(neurons.X - RATE * gradient, neurons.weights)
            step()
        ends.append(neurons.overlaps)
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
    for index, axis in enumerate(axes.ravel()):
        letter(axis, index)
    last = {"A": twins.first[-50:, :PAIRS], "B": twins.first[-50:, PAIRS:], "C": twins.second[-50:]}

    def apart(stage: int, group: str) -> float:
        pairs = [PROBLEM.pairs[name] for name in groups()[group]]
        gaps = [twins.overlaps[stage, :PAIRS, *p] - twins.overlaps[stage, PAIRS:, *p] for p in pairs]
        return float(np.sqrt(np.mean(np.square(gaps))))

    ends = limit_pair(setting, twins.overlaps[0, 0])
    limit_gap = float(np.sqrt(np.mean((ends[0] - ends[1]) ** 2)))
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
        Finding("first pair in the exact limit, shortened, apart in all overlaps", "-", f"{limit_gap:.4f}"),
    ]
    numbers = {
        "loss": {name: loss.mean(axis=0).tolist() for name, loss in last.items()},
        "overlaps": twins.overlaps.tolist(),
    }
    return Drawing(figure, findings, numbers)
