"""``derive flow TASK.toml --curve``: a flow in words at all times, of the limit or of one network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from derive.command_line import UsageProblem, one_of, whole_number
from derive.commands.deliver import deliver_document
from derive.write.writers import PICTURES, curve_formats

if TYPE_CHECKING:
    from derive.exact.flows.flow_curve import NumericalCurve
    from derive.flow.given.network import FlowInstance
    from derive.flow.statement.task import Flow

MOST_WORDS = 400
MOST_TIMES = 1000
SHORTER = 0.9
"""Of the time at which a flow stops, where no times were asked for."""


@dataclass(frozen=True)
class NumericalRequest:
    """The options of ``--curve`` as they were typed."""

    network: Path | None
    times: str | None
    g: str | None
    words: str | None


def print_curve(task: Path, request: NumericalRequest, form: str) -> None:
    """Work it out and print it. Raises UsageProblem."""
    from derive.commands.flow_task import flow_problems, read_task
    from derive.document.flow_curve import flow_curve_document

    one_of("--format", form, [name for name in curve_formats() if name not in PICTURES])
    flow = read_task(task)
    network = None if request.network is None else read_flow_network(flow, request.network)
    most = None if request.words is None else whole_number("--words", request.words, 2)
    if most is not None and most > MOST_WORDS:
        raise UsageProblem(f"--words {request.words}: allowed are 2 to {MOST_WORDS}")
    g = _strength(flow, request.g, task)
    with flow_problems(task):
        curve = _curve(flow, network, _times(request.times), g, most)
    file = "" if request.network is None else request.network.name
    deliver_document(flow_curve_document(flow, curve, ("flow", task.name, "--curve"), file), form, None)


def read_flow_network(flow: Flow, path: Path) -> FlowInstance:
    """The network in a file, with the flow's vectors. Raises UsageProblem."""
    import numpy as np

    from derive.commands.flow_task import flow_problems
    from derive.commands.network_file import allowed, read_arrays
    from derive.flow.given.network import FlowInstance

    names = ("W0", *flow.ensemble.vectors)
    arrays = {name: array.astype(np.float64) for name, array in read_arrays(path, names).items()}
    size = len(arrays[names[1]]) if arrays[names[1]].ndim else 0
    shapes = {name: (size, size) if name == "W0" else (size,) for name in names}
    for name, shape in shapes.items():
        if arrays[name].shape != shape or not size:
            raise UsageProblem(f"{path}: {name} of shape {arrays[name].shape}; {allowed(names)}")
    with flow_problems(path):
        return FlowInstance(flow, arrays.pop("W0"), arrays)


def _curve(
    flow: Flow, network: FlowInstance | None, times: list[float] | None, g: Fraction, most: int | None
) -> NumericalCurve:
    from derive.exact.flows.flow_curve import MOST_WORDS as USUAL
    from derive.exact.flows.flow_curve import limit_curve, natural_time, natural_times, network_curve
    from derive.flow.given.network import FlowStops

    def at(tau: list[float]) -> NumericalCurve:
        if network is not None:
            return network_curve(network, tau, float(g))
        return limit_curve(flow, tau, g, most=most or USUAL)

    if times is not None:
        return at(times)
    last = natural_time(flow, g)
    while True:
        try:
            return at(natural_times(last))
        except FlowStops as stop:
            last = SHORTER * min(stop.tau, last)


def _strength(flow: Flow, text: str | None, task: Path) -> Fraction:
    if text is not None:
        try:
            value = Fraction(text)
        except (ValueError, ZeroDivisionError):
            value = Fraction(-1)
        if not 0 <= value < 1 or len(text) > 40:
            raise UsageProblem(f"--g {text}: allowed is a number with 0 <= g < 1")
        return value
    if flow.meaning.g is None:
        raise UsageProblem(f"--g: {task} gives no g under [ensemble]; allowed is 0 <= g < 1")
    return flow.meaning.g


def _times(text: str | None) -> list[float] | None:
    if text is None:
        return None
    allowed = f"allowed are at most {MOST_TIMES} rising numbers tau >= 0, such as 0.1,0.2"
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageProblem(f"--times {text}: {allowed}") from None
    rising = all(a < b for a, b in pairwise(found))
    if not all(map(math.isfinite, found)) or found[0] < 0 or not rising or len(found) > MOST_TIMES:
        raise UsageProblem(f"--times {text}: {allowed}")
    return found
