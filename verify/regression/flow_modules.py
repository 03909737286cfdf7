"""Modules that ``derive flow`` printed, held against flows that no series enters.

The limit is a network of its own: W0 in the words that the flow reaches (`derive.exact.flows.word_basis`).
Torch flows it by autograd through the loss, or by the rule; the error of every printed function of learning
time must grow as the power of tau behind its last.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from derive.command_line import UsageProblem
from derive.exact.flows.word_basis import word_basis
from derive.flow.statement.task import Flow
from derive.flow.statement.task_file import read_flow
from derive.flow.statement.tokens import FlowProblem
from derive.tasks.flow_expansion import FlowExpansion
from derive.write.header import command_of
from verify.checks.check import Check
from verify.flows.checks import own_series, series_check
from verify.flows.torch_network import TorchNetwork
from verify.user_module import execute, guarded, source_of

MOST_WORDS = 200
FURTHER = 3
"""Orders beyond the printed ones that are worked out to know which comes next."""
COEFFICIENTS, ABSOLUTE = 1e-8, 1e-4
"""Relative to the largest, and below which largest one: words and printed sums are rounded to 1e-13."""
USUAL_G = Fraction(3, 10)
INTERPOLATION = 0.5
"""Printed polynomials are read off between 0 and this part of the radius."""


def is_flow_module(path: Path) -> bool:
    """Whether the file's header says that derive flow made it, in the limit."""
    words = command_of(source_of(path)[:4096]) if path.is_file() else None
    return words is not None and words[:2] == ("derive", "flow") and "--network" not in words


def flow_module_checks(path: Path) -> list[Check]:
    """One check for each function of learning time. Raises UsageProblem where the module is none.

    The flow's file is looked for beside the module and here, by its bare name.
    """
    source = source_of(path)
    module = execute(source, path)
    flow, order = _flow(source, path), module.get("ORDER")
    if not isinstance(order, int) or isinstance(order, bool) or order < 1:
        raise UsageProblem(f"{path} cannot be used: its ORDER is {order}, allowed are integers >= 1")
    g = flow.meaning.g if flow.meaning.g is not None else USUAL_G
    basis = word_basis(flow, order, g, flow.values, MOST_WORDS)
    if basis is None:
        raise UsageProblem(f"{path}: more than {MOST_WORDS} words at order {order}: allowed are lower orders")
    network = basis.network
    series = own_series(network, order + FURTHER)
    tensors = {name: torch.from_numpy(vector) for name, vector in network.vectors.items()}
    twin = TorchNetwork(flow, torch.from_numpy(network.W0), tensors, network.parameters)
    numbers = [float(value) for value in flow.values.values()]
    last: Any = float(g)
    if "OVERLAPS" in module:  # formulas in the overlaps of any network, this one too
        last = FlowExpansion(flow, order, named_overlaps=True).overlap_values(network)
    checks = []
    for name, own in series.scalars.items():
        if name not in module:
            continue
        function = guarded(module, name, path)
        known = _through(function, order)

        def value(tau: float, function: Callable[..., Any] = function) -> float:
            return float(function(tau, *numbers, last))

        read = _coefficients(value, known, INTERPOLATION * series.radius())
        printed = np.concatenate([read, own[known + 1 :]])
        held = replace(series, scalars={**series.scalars, name: printed})
        title = f"{path.stem}: printed {name} against the flow of {basis.size} words, g = {float(g):g}"
        checks.append(series_check(title, name, printed, held, twin, known))
        checks.append(_coefficient_check(f"{path.stem}: coefficients of {name}", read, own, series.radius()))
    if not checks:
        raise UsageProblem(f"{path} cannot be used: it has no function of its flow's readouts")
    return checks


def _flow(source: str, path: Path) -> Flow:
    words = command_of(source[:4096])
    assert words is not None
    file = Path(words[2] if len(words) > 2 else "")
    found = [place / file for place in (path.parent, Path()) if file.name and (place / file).is_file()]
    if file.name != str(file) or not found:
        raise UsageProblem(f"{path}: its flow {file} is neither beside it nor here; allowed is the TOML file")
    try:
        return read_flow(found[0])
    except FlowProblem as problem:
        raise UsageProblem(str(problem)) from None


def _through(function: Callable[..., Any], order: int) -> int:
    """The power that a function is exact through, as its description says."""
    found = re.search(r"through tau\*\*(\d+)", function.__doc__ or "")
    return int(found[1]) if found else order


def _coefficient_check(
    title: str, read: NDArray[np.float64], own: NDArray[np.float64], radius: float
) -> Check:
    """Every coefficient against the one that the words have, in units of the radius of convergence."""
    scale = radius ** np.arange(len(read))
    size = float((np.abs(own[: len(read)]) * scale).max())
    largest = float((np.abs(read - own[: len(read)]) * scale).max())
    reason = "largest difference from the series of the words' own network, in units of its radius"
    return Check(title, largest, 0.0, COEFFICIENTS * max(size, ABSOLUTE), reason)


def _coefficients(function: Callable[[float], float], order: int, last: float) -> NDArray[np.float64]:
    """Of a polynomial in tau, from its values at Chebyshev's nodes between -last and last."""
    nodes = np.cos(np.pi * (np.arange(order + 1) + 0.5) / (order + 1))
    values = np.array([function(float(last * x)) for x in nodes])
    powers = np.linalg.solve(np.vander(nodes, increasing=True), values)
    scaled: NDArray[np.float64] = powers / last ** np.arange(order + 1)
    return scaled
