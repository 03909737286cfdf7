"""Fig. 1c: a network of N = 500, its overlaps under descent, and descent on the visible overlaps alone."""

from __future__ import annotations

from itertools import repeat
from typing import Any

import numpy as np

from derive.overlaps.descent import curve_of, descent_curve
from derive.overlaps.loss import update_matrix
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.visible_descent import visible_descent
from verify.overlaps.low_rank import train
from verify.papers.ger_barak.protocol import (
    EPOCHS,
    RATE,
    SIZE,
    Drawing,
    FigureSetting,
    Finding,
    filter_loss,
    filter_task,
    first_below,
    theta_one,
)
from verify.papers.style import BLACK, BLUE, GREEN, ORANGE, WIDTH

PART = 0.05


def first_order(problem: OverlapProblem, loss: Any, S: Any, rate: float, epochs: int) -> tuple[Any, Any]:
    """Losses and overlaps of the published explicit update, which leaves out the terms of order lr^2."""
    losses, overlaps = [], []
    for _ in range(epochs + 1):
        value, derivatives = loss(S)
        losses.append(value)
        overlaps.append(S)
        product = S @ update_matrix(problem, derivatives)
        S = S - rate * (product + product.T)
    return np.array(losses), np.array(overlaps)


def draw(setting: FigureSetting, plt: Any) -> Drawing:
    """Losses of the three, and epochs to five percent."""
    problem, size = OverlapProblem(), setting.number(SIZE, 100)
    epochs = setting.number(EPOCHS, 300)
    S, loss = theta_one(), filter_loss(problem)
    step = setting.progress("network", epochs)
    network = train(problem, sample_network(problem, S, size, 0), filter_task(problem), RATE, epochs, step)
    exact = descent_curve(problem, loss, S, RATE, max(epochs, EPOCHS))
    direct = curve_of(problem, visible_descent(problem, repeat(loss), S, RATE), max(epochs, EPOCHS))
    ode_loss, ode = first_order(problem, loss, S, RATE, max(epochs, EPOCHS))
    figure, axis = plt.subplots(figsize=(0.6 * WIDTH, 2.6))
    axis.plot(network.loss, color=BLUE, lw=4, alpha=0.5, label=f"network, N = {size}")
    axis.plot(exact.loss, color=BLACK, lw=1, label="exact map of the overlaps")
    axis.plot(ode_loss, ":", color=ORANGE, lw=1.5, label="published update, no $\\eta^2$ terms")
    axis.plot(direct.loss, "--", color=GREEN, label="direct descent, no preconditioner")
    axis.set(xlabel="epoch", ylabel="loss")
    axis.legend()
    deviations = {
        "network from exact map, overlaps": np.abs(network.overlaps - exact.overlaps[: epochs + 1]).max(),
        "exact map from published update, overlaps": np.abs(exact.overlaps - ode).max(),
    }
    reached = [first_below(curve, PART) for curve in (network.loss, exact.loss, ode_loss, direct.loss)]
    findings = [
        Finding(
            "epochs to 5% of the first loss: network, map, published update, direct",
            "471, -, 470, 1717 (their start)",
            ", ".join(map(str, reached)),
        ),
        Finding("direct over preconditioned", "3.65", f"{reached[3] / reached[1]:.2f}"),
        *(
            Finding(what, "1.3e-2 from the network" if "update" in what else "-", f"{x:.1e}")
            for what, x in deviations.items()
        ),
    ]
    numbers = {
        "network": network.loss.tolist(),
        "map": exact.loss.tolist(),
        "published_update": ode_loss.tolist(),
        "direct": direct.loss.tolist(),
    }
    return Drawing(figure, findings, numbers)
