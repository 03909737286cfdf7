"""The modes of a target and the series they share, as JSON and as tables on a terminal."""

from __future__ import annotations

import json
from typing import Any

from derive.document.modes_request import mode_observables, modes_validity
from derive.document.observables import SYMBOLS
from derive.observables.singular_values import is_singular_value
from derive.tasks.modes import MatrixExpansion
from derive.write.tables.text import console_text, new_table, plain_console, series_table

MODE_SYMBOLS = {
    "tau": SYMBOLS["tau"],
    "ttilde": SYMBOLS["ttilde"],
    "zhat": "singular value of the target, the target of one mode",
    "beta": SYMBOLS["beta"],
}
RECOMBINATION = {
    "readout": "Z(tau) = sum over modes of z(tau; zhat) left right^T",
    "loss": "|Zhat - Z|^2/2 = sum over modes of L(tau; zhat)",
    "frobenius_norm": "|W - W0| = square root of the sum over modes of |dW|(tau; zhat)^2",
    "singular_values": "those of W - W0 are s1(tau; zhat), s2(tau; zhat), ... of all modes together",
}
DECIMALS = 8  # of the vectors in the text; significant digits of zhat


def modes_json(expansion: MatrixExpansion) -> str:
    """Keys: order, system, limit, symbols, target, modes (zhat, left, right), recombination and the
    scalar series readout, loss, frobenius_norm, singular_values as `json_document` has them, exact in
    zhat and beta: entry k multiplies tau**k. zhat is to be taken from each mode in turn.
    """
    document: dict[str, Any] = {
        "order": expansion.order,
        "system": "fixed-point modes",
        "limit": "N->oo",
        "symbols": MODE_SYMBOLS,
        "target": expansion.task.target.tolist(),
        "modes": [
            {"zhat": mode.zhat, "left": mode.left.tolist(), "right": mode.right.tolist()}
            for mode in expansion.modes
        ],
        "recombination": RECOMBINATION,
        "singular_values": [],
    }
    for observable in mode_observables(expansion):
        texts = observable.series.texts()
        if is_singular_value(observable.name):
            document["singular_values"].append(texts)
        else:
            document[observable.name] = texts
    return json.dumps(document, indent=2) + "\n"


def modes_text(expansion: MatrixExpansion) -> str:
    """The target, its modes, how they recombine, and a table for each scalar series."""
    console = plain_console()
    outputs, inputs = expansion.task.target.shape
    console.print(
        f"Fixed-point task with outputs x inputs = {outputs} x {inputs}, N -> infinity"
        f"{', g = 0' if expansion.task.g0 else ''}: expansion through tau**{expansion.order}"
    )
    for name, meaning in MODE_SYMBOLS.items():
        console.print(f"  {name:<6} {meaning}", markup=False)
    console.print()
    console.print(modes_validity(expansion), markup=False)
    console.print()
    console.print("Target Zhat")
    for row in expansion.task.target:
        console.print("  " + "  ".join(f"{x:.12g}" for x in row))
    console.print()
    console.print(f"Modes, Zhat = sum of zhat left right^T, rounded to {DECIMALS} digits and decimals")
    table = new_table(None, "mode")
    for name in ("zhat", "left", "right"):
        table.add_column(name, overflow="fold")
    for k, mode in enumerate(expansion.modes, 1):
        vectors = ("  ".join(f"{x:.{DECIMALS}f}" for x in vector) for vector in (mode.left, mode.right))
        table.add_row(str(k), f"{mode.zhat:.{DECIMALS}g}", *vectors)
    console.print(table)
    unlearned = min(outputs, inputs) - len(expansion.modes)
    if unlearned:
        console.print(f"The target has rank {len(expansion.modes)}; where zhat = 0 nothing is learned.")
    console.print()
    for line in RECOMBINATION.values():
        console.print(line, markup=False)
    for observable in mode_observables(expansion):
        console.print()
        console.print(series_table(f"of one mode: {observable.title}", observable.series))
    return console_text(console)
