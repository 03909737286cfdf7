"""The Taylor series of overlaps and loss in learning time as text and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from derive.overlaps.series_trust import SeriesTrust
from derive.series.exact_series import ExactSeries
from derive.write.tables.text import coefficient_table, console_text, plain_console


def learning_series_text(series: Mapping[str, ExactSeries], trust: SeriesTrust | None) -> str:
    """Where the series hold, and each as a table over k."""
    console = plain_console()
    order = series["loss"].order
    console.print(f"Learning of the rank-1 filter task in overlap space: series through tau**{order}")
    console.print(validity(order, trust), markup=False)
    for one in series.values():
        console.print()
        console.print(f"{one.symbol} = sum over k")
        console.print(coefficient_table(one))
    return console_text(console)


def learning_series_json(series: Mapping[str, ExactSeries], trust: SeriesTrust | None) -> str:
    """Keys: order, loss, overlaps; entry k of a list multiplies tau**k. In numbers also radius, null
    where nothing moves."""
    coefficients = {name: one.texts() for name, one in series.items()}
    document = {
        "order": series["loss"].order,
        "loss": coefficients.pop("loss"),
        "overlaps": coefficients,
    }
    if trust is not None:
        document["radius"] = float(f"{trust.radius:.2g}") if math.isfinite(trust.radius) else None
    return json.dumps(document, indent=2) + "\n"


def validity(order: int, trust: SeriesTrust | None) -> str:
    """Where the series hold."""
    text = f"Exact through tau**{order}. A Taylor series at tau = 0: trust it for tau below its radius of "
    if trust is None:
        return f"{text}convergence, which numbers in place of the symbols tell."
    return (
        f"{text}convergence, about {trust.radius:.2g} (a root test, good to about a tenth); beyond it more "
        "orders do not help, derive.flow_curve follows the flow at all times."
    )
