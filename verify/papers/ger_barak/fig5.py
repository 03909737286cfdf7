"""Fig. 5: the filter task of one linear network: response, loss, overlaps, and where they end."""

from __future__ import annotations

from typing import Any

import numpy as np

from derive.overlaps.descent import descent_curve
from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.visibility import visible_overlaps
from verify.overlaps.low_rank import response, train
from verify.papers.ger_barak.protocol import (
    DECAY,
    DT,
    EPOCHS,
    RATE,
    SIZE,
    STEPS,
    Drawing,
    FigureSetting,
    Finding,
    filter_loss,
    filter_task,
    theta_one,
)
from verify.papers.style import BLACK, BLUE, COLOURS, ORANGE, WIDTH, letters


def draw(setting: FigureSetting, plt: Any) -> Drawing:
    """Impulse response before and after, loss, visible and invisible overlaps of network and exact map."""
    problem, size = OverlapProblem(), setting.number(SIZE, 100)
    epochs = setting.number(EPOCHS, 300)
    S, task = theta_one(), filter_task(problem)
    X = sample_network(problem, S, size, 0)
    network = train(problem, X, task, RATE, epochs, setting.progress("network", epochs))
    exact = descent_curve(problem, filter_loss(problem), S, RATE, epochs)
    visible = visible_overlaps(problem)
    figure, axes = plt.subplots(2, 2, figsize=(1.2 * WIDTH, 4.6))
    t = DT * np.arange(STEPS)
    axes[0, 0].plot(t, task.targets[0, :, 0], color=BLACK, lw=3, alpha=0.3, label="target")
    for weights, colour, label in ((X, ORANGE, "before"), (network.X, BLUE, "after learning")):
        axes[0, 0].plot(t, response(problem, weights, task)[0, :, 0], color=colour, label=label)
    axes[0, 0].set(xlabel="time", ylabel="response to an impulse")
    axes[0, 0].legend()
    axes[0, 1].semilogy(network.loss, color=BLUE, lw=3, alpha=0.5, label="network")
    axes[0, 1].semilogy(exact.loss, "--", color=BLACK, lw=1, label="exact map")
    axes[0, 1].legend()
    axes[0, 1].set(xlabel="epoch", ylabel="loss")
    hidden = [name for name in problem.names if name not in visible]
    for axis, names in ((axes[1, 0], visible), (axes[1, 1], hidden)):
        for name, colour in zip(names, (*COLOURS, "0.4"), strict=False):
            pair = problem.pairs[name]
            axis.plot(network.overlaps[:, *pair], color=colour, lw=3, alpha=0.5, label=name)
            axis.plot(exact.overlaps[:, *pair], "--", color=BLACK, lw=0.8)
        axis.set(xlabel="epoch", ylabel="overlap")
        axis.legend(ncols=2)
    letters(axes)
    long = descent_curve(problem, filter_loss(problem), S, RATE, 10 * EPOCHS, every=10 * EPOCHS).overlaps[-1]
    ours = DiscreteFilter(problem, DT, exponential_target(problem, DT, STEPS, DECAY))
    other = descent_curve(problem, ours, S, RATE, 10 * EPOCHS, every=10 * EPOCHS).overlaps[-1]
    difference = exact.loss[0] - ours(S)[0]
    findings = [
        Finding("zm, ten times longer", "a* = 1", f"{long[0, 2]:.4f}; sampled at n dt: {other[0, 2]:.4f}"),
        Finding(
            "vu, ten times longer", "1 - c* = 0.8", f"{long[1, 3]:.4f}; sampled at n dt: {other[1, 3]:.4f}"
        ),
        Finding(
            "zu vm, ten times longer",
            "a*(1 - c*) = 0.8",
            f"{long[0, 3] * long[1, 2]:.4f}; sampled at n dt: {other[0, 3] * other[1, 2]:.4f}",
        ),
        Finding("loss before learning, their sampling minus ours", "-", f"{difference:.3f}"),
        Finding(
            "network from exact map, overlaps",
            "-",
            f"{np.abs(network.overlaps - exact.overlaps).max():.1e}",
        ),
    ]
    return Drawing(figure, findings, {"network": network.loss.tolist(), "final": problem.named(long)})
