"""The explorer as one self-contained file: settings, scripts, formulas and the limit's nodes in one page.

The exact curve is integrated in the page itself, as the flow of the network of 2 `NODES` neurons that stands
for N = infinity (THEORY 5); the series are the emitted JavaScript of every order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from derive.document.formulas import formula_text
from derive.document.observables import observables
from derive.exact.limit_network import gauss_nodes
from derive.flow.fixed_point_task import FixedPointTask
from derive.tasks.expand import expand

NODES = 8
ACCURACY = "1e-6"
"""Of readout and singular values against the exact limit, over all settings of the page."""

LARGEST_G, SMALLEST_ZHAT, LARGEST_ZHAT, HIGHEST_ORDER = 0.9, 0.1, 4, 8
STEPS = 100  # of g from 0 to 1
WIDTH = 110
SHOWN = ("readout", "loss", "s1", "s2")
FUNCTIONS = ("readout", "loss", "singular_values", "radius")


def explorer_page(series_script: Callable[[int, tuple[str, ...]], str], step: Callable[[str], None]) -> str:
    """The page. ``series_script(order, names)`` is the emitted JavaScript of the functions named; ``step`` is
    called with what is done next."""
    step("nodes of the limit")
    rules = {f"{k / STEPS:.2f}": _rule(k / STEPS) for k in range(round(LARGEST_G * STEPS) + 1)}
    scripts, text = [], {}
    for order in range(1, HIGHEST_ORDER + 1):
        step(f"order {order}")
        source = series_script(order, FUNCTIONS)
        scripts.append(f'<script type="text/plain" id="series-{order}">\n{source}</script>')
        printed = observables(expand(FixedPointTask(), order))
        text[order] = [formula_text(p.series, WIDTH) for p in printed if p.name in SHOWN]
    parts = {
        "style": _asset("page.css"),
        "flow": _asset("flow.js").replace("export ", ""),
        "page": _asset("page.js"),
        "rules": _as_json(rules),
        "text": _as_json(text),
        "series": "\n".join(scripts),
        "g_max": str(LARGEST_G),
        "zhat_min": str(SMALLEST_ZHAT),
        "zhat_max": str(LARGEST_ZHAT),
        "order_max": str(HIGHEST_ORDER),
        "nodes": str(NODES),
        "accuracy": ACCURACY,
    }
    return re.sub("@@([a-z_]+)@@", lambda place: parts[place[1]], _asset("page.html"))


def _rule(g: float) -> list[list[float]]:
    nodes, weights = gauss_nodes(g, NODES)
    return [[float(f"{x:.15g}") for x in values] for values in (nodes, weights)]


def _as_json(content: Any) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
