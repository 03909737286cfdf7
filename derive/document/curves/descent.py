"""A curve of gradient descent, its flow beside it, as a document. Times are ttilde = beta^2 tau."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from derive.document.curves.gradient_flow import MOST_ROWS, case, clock
from derive.document.model import Document, Figure, Lines, Rows, Section
from derive.exact.descent import DescentCurve, fastest_at_minimum
from derive.exact.momentum import Momentum


def descent_document(
    g: float,
    zhat: float,
    curve: DescentCurve,
    flow: np.ndarray,
    neurons: int | None,
    draw: Callable[[], Any],
) -> Document:
    """Exact gradient descent at N = infinity or of one network of ``neurons``, beside gradient flow.

    Entry 0 is before learning.
    """
    scale = 1 / ((1 - g) * (1 + g)) ** 2
    epochs = np.arange(len(curve.readout))
    values, loss = curve.singular_values(), (zhat - curve.readout) ** 2 / 2
    ttilde = scale * curve.time_step * epochs
    facts = {
        **({} if neurons is None else {"neurons": neurons}),
        "g": g,
        "zhat": zhat,
        "learning_rate": curve.learning_rate,
        **_momentum(curve),
        "ttilde": ttilde.tolist(),
        "readout": curve.readout.tolist(),
        "loss": loss.tolist(),
        "singular_values": values.T.tolist(),
        "sharpness": curve.sharpness.tolist(),
        "crossings": list(curve.crossings),
        "flow_readout": flow.tolist(),
    }
    columns = (ttilde, curve.readout, loss, *values.T, flow)
    rows = [[int(e), *(float(column[e]) for column in columns)] for e in epochs]
    names = ("epoch", "ttilde", "readout", "loss", "s1", "s2", "flow")
    lines = [
        f"Gradient descent {case(g, zhat, neurons)}, learning rate {curve.learning_rate:g}; "
        f"{clock(g, neurons)}",
        *_momentum_lines(curve),
        f"  eta h at the last epoch: {curve.learning_rate * curve.sharpness[-1]:.4g} (stable below "
        f"{curve.method.stable_below:.4g})",
        f"  epochs at which an outlier of W crossed 1: {list(curve.crossings) or 'none'}",
    ]
    shown = rows[:: max(1, -(-len(rows) // MOST_ROWS))]
    return Document(
        ("curve",),
        "curve",
        "",
        (
            Section((Lines(lambda: lines),)),
            Section((Rows(names, shown, formats=("text",), digits=8), Figure(draw))),
            Section((Rows(names, rows, formats=("csv",)),)),
        ),
        facts=facts,
    )


def _momentum(curve: DescentCurve) -> dict[str, Any]:
    """What the JSON says of it."""
    if curve.method == Momentum():
        return {}
    method = curve.method
    facts = {"momentum": method.mu, "nesterov": method.nesterov, "stable_below": method.stable_below}
    return facts | {"fastest_momentum": _fastest(curve)}


def _fastest(curve: DescentCurve) -> float | None:
    """mu of the fastest heavy ball at the last sharpness and this learning rate; None where there is none."""
    step = curve.learning_rate * float(curve.sharpness[-1])
    return fastest_at_minimum(float(curve.sharpness[-1]), curve.learning_rate) if 0 < step < 4 else None


def _momentum_lines(curve: DescentCurve) -> list[str]:
    if curve.method == Momentum():
        return []
    name = "Nesterov's method" if curve.method.nesterov else "heavy ball"
    lines = [f"  momentum {curve.method.mu:g} ({name}): an epoch is {curve.time_step:.6g} of learning time"]
    if (fastest := _fastest(curve)) is not None:
        lines.append(f"  the heavy ball that ends fastest at this learning rate has momentum {fastest:.4g}")
    return lines
