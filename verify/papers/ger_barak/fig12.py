"""Fig. 12: rank 2 learns exp(-c t) cos(omega t), c 0.3, omega 2, for 10,000 epochs; 21 overlaps."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np

from derive.overlaps.descent import descent_curve
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.starts import random_start
from derive.overlaps.visibility import visible_overlaps
from derive.write.figures.curve_figures import CYCLE
from verify.overlaps.low_rank import response, train
from verify.papers.ger_barak.protocol import (
    DT,
    RATE,
    SEED,
    SIZE,
    STEPS,
    Drawing,
    FigureSetting,
    Finding,
    filter_loss,
    filter_task,
)
from verify.papers.style import BLACK, BLUE, ORANGE, WIDTH, letter

DECAY, FREQUENCY, EPOCHS = 0.3, 2.0, 10_000
NETWORK_EPOCHS = 2000  # of the network in its time loop; the exact map runs through all epochs


def draw(setting: FigureSetting, plt: Any) -> Drawing:
    """Response, loss, visible and invisible overlaps."""
    problem, size = OverlapProblem(2), setting.number(SIZE, 100)
    epochs = EPOCHS
    shorter = setting.number(NETWORK_EPOCHS, 100)
    S = random_start(problem, SIZE, SEED)
    task, loss = filter_task(problem, DECAY, FREQUENCY), filter_loss(problem, DECAY, FREQUENCY)
    X = sample_network(problem, S, size, 0)
    network = train(problem, X, task, RATE, shorter, setting.progress("network", shorter))
    exact = descent_curve(problem, loss, S, RATE, epochs)
    learned = sample_network(problem, exact.overlaps[-1], size, 1)
    figure, axes = plt.subplots(1, 4, figsize=(2 * WIDTH, 2.5))
    t = DT * np.arange(STEPS)
    axes[0].plot(t, task.targets[0, :, 0], color=BLACK, lw=3, alpha=0.3, label="target")
    for weights, colour, label in ((X, ORANGE, "before"), (learned, BLUE, "after")):
        axes[0].plot(t, response(problem, weights, task)[0, :, 0], color=colour, label=label)
    axes[0].legend()
    axes[1].semilogy(network.loss, color=BLUE, lw=3, alpha=0.5, label="network")
    axes[1].semilogy(exact.loss, color=BLACK, lw=0.8, label="exact map")
    axes[1].legend()
    visible = visible_overlaps(problem)
    colours = {axis: cycle(CYCLE) for axis in axes}
    for name, pair in problem.pairs.items():
        axis = axes[2] if name in visible else axes[3]
        colour = next(colours[axis])
        axis.plot(exact.overlaps[:, *pair], lw=0.9, color=colour)
        axis.plot(network.overlaps[:, *pair], lw=3, alpha=0.4, color=colour)
    labels = ("response to an impulse", "loss", "visible overlaps", "invisible overlaps")
    for index, (axis, label) in enumerate(zip(axes, labels, strict=True)):
        axis.set(xlabel="epoch" if index else "time", ylabel=label)
        letter(axis, index)
    deviation = np.abs(network.overlaps - exact.overlaps[: shorter + 1]).max()
    findings = [
        Finding("overlaps that learn", "21", str(len(problem.names))),
        Finding("|u_1|^2/N at the start", "about 0.5", f"{S[problem.pairs['u1u1']]:.2f}"),
        Finding("loss, first and last", "learned", f"{exact.loss[0]:.3f}, {exact.loss[-1]:.1e}"),
        Finding(
            f"network from exact map, overlaps, {shorter} epochs", "on top of each other", f"{deviation:.1e}"
        ),
    ]
    return Drawing(
        figure, findings, {"loss": exact.loss[::10].tolist(), "final": problem.named(exact.overlaps[-1])}
    )
