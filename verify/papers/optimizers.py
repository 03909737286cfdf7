"""The rank of W - W0 under descent, momentum and Adam (THEORY 10): descent and momentum stay in the chain."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from derive import Instance
from derive.flow.reduction import instance_bases
from verify.papers.style import COLOURS, WIDTH, Pyplot, letter, line_legend, whole_steps
from verify.simulators.optimizers import OptimizerRun, optimizer_run

G, ZHAT, NEURONS, VECTORS, SHOWN = 0.6, 1.5, 128, 12, 30
RATE, EPOCHS = 0.004, 400
ADAM_RATE, SLOW_RATE, ADAM_EPOCHS = 0.002, 0.0001, 4000
NAMES = ("descent", "momentum", "Nesterov", "Adam", "Adam, same path length")


def runs(instance: Instance) -> dict[str, OptimizerRun]:
    """By `NAMES`: each learns the target but the last, which stops when it has gone as far as descent."""
    descent = optimizer_run(instance, ZHAT, "descent", RATE, EPOCHS)
    others = [optimizer_run(instance, ZHAT, name, RATE / 5, EPOCHS) for name in ("momentum", "nesterov")]
    adam = optimizer_run(instance, ZHAT, "adam", ADAM_RATE, EPOCHS // 2)
    slow = optimizer_run(instance, ZHAT, "adam", SLOW_RATE, ADAM_EPOCHS, descent.path_length)
    return dict(zip(NAMES, (descent, *others, adam, slow), strict=True))


def draw(size: int | None, plt: Pyplot) -> Figure:
    """(a) singular values of W - W0 of a network of ``size``; (b) its part off the first n chain vectors."""
    instance = Instance.sample(size or NEURONS, G, 0)
    _, left, right = instance_bases(instance, VECTORS)
    figure, (first, second) = plt.subplots(1, 2, figsize=(WIDTH, 2.9))
    for colour, run in zip(COLOURS, runs(instance).values(), strict=True):
        values = run.singular_values[:SHOWN]
        first.semilogy(np.arange(1, len(values) + 1), values / values[0], "o-", ms=2.5, color=colour)
        counts = np.arange(1, len(left) + 1)
        outside = [run.outside(left[:n], right[:n]) for n in counts]
        second.semilogy(counts, outside, "o-", ms=2.5, color=colour)
    first.set(xlabel="$r$", ylabel=r"$s_r/s_1$ of $\Delta W$", ylim=(1e-13, 2))
    second.set(xlabel="chain vectors $n$", ylabel=r"part of $\Delta W$ off the first $n$", ylim=(1e-13, 2))
    letter(first, 0)
    letter(second, 1)
    for axis in (first, second):
        whole_steps(axis)
    line_legend(figure, [(n, {"color": c, "lw": 1.4}) for n, c in zip(NAMES, COLOURS, strict=True)], 3)
    return figure
