"""Modules that ``derive flow`` printed, held against flows that no series enters.

The limit is a network of its own: W0 in the words that the flow reaches (`derive.exact.flows.word_basis`).
Torch flows it by autograd through the loss, or by the rule; the error of every printed function of learning
time must grow as the power of tau behind its last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np

from derive.arrays import Array
from derive.command_line import UsageProblem
from derive.commands.flow_task import read_task
from derive.exact.flows.word_basis import word_basis
from derive.flow.given.network import FlowInstance
from derive.flow.statement.task import Flow
from derive.tasks.flow_expansion import FlowExpansion
from derive.write.header import command_of
from verify.checks.check import Check
from verify.flows.outliers import (
    EIGENVALUE,
    EQUATION,
    MULTIPLE,
    determinant,
    determinant_series,
    multiple,
    multiple_series,
    with_further_neuron,
    without_rounding,
)
from verify.flows.own_series import own_series, series_check
from verify.flows.torch_network import State, TorchNetwork
from verify.regression.mutation import CHANGE, mutants
from verify.user_module import execute, guarded, source_of

MOST_WORDS = 300
FURTHER = 3
"""Orders beyond the printed ones that are worked out to know which comes next."""
COEFFICIENTS, ABSOLUTE = 1e-12, 1e-4
"""Relative to the largest, and below which largest one: words and printed sums are rounded to 1e-13."""
USUAL_G = Fraction(3, 10)
SMALL, LARGER = Fraction(1, 2), Fraction(7, 10)
NEURONS = 12
"""Of the network that formulas in named overlaps are held against."""
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
    values = _values(flow)
    basis = word_basis(flow, order, g, values, MOST_WORDS, EIGENVALUE)
    if basis is None:
        raise UsageProblem(f"{path}: more than {MOST_WORDS} words at order {order}: allowed are lower orders")
    network = basis.network
    if "OVERLAPS" in module:  # formulas in the overlaps of any network: of one in which none vanishes
        network = FlowInstance.sample(
            flow, NEURONS, float(g), 1, {name: float(value) for name, value in values.items()}
        )
    truth = _Truth(flow, with_further_neuron(network), order, float(g))
    if "OVERLAPS" in module:
        expansion = FlowExpansion(flow, order, named_overlaps=True)
        x = {name: float(EIGENVALUE) for name in expansion.further}
        truth.last = expansion.overlap_values(network, **x)
    W = truth.series.W
    truth.series = replace(truth.series, W=without_rounding(W[:, :-1, :-1]))  # the network's own radius
    outliers = {MULTIPLE: multiple_series(W), EQUATION: determinant_series(W)}
    readings = {MULTIPLE: multiple, EQUATION: determinant(truth.network.W0)}
    scalars = {n: own for n, own in {**truth.series.scalars, **outliers}.items() if n in module}
    checks = _printed(module, path, truth, scalars, readings)
    if not checks:
        raise UsageProblem(f"{path} cannot be used: it has no function of its flow's readouts")
    held = {name: (truth, own) for name, own in scalars.items()}
    if (at_g0 := _at_g0(module, flow, order)) is not None:
        start, wanted, readings = at_g0
        checks += _printed(module, path, start, wanted, readings)
        held |= {name: (start, own) for name, own in wanted.items()}
    return [*checks, _mutated(source, path, held)]


def _values(flow: Flow) -> dict[str, Fraction]:
    """The file's numbers, small ones replaced: a coefficient in lam**3 must be seen. Overlaps stay."""
    kept = set(re.findall(r"\w+", " ".join(flow.ensemble.overlaps.values())))
    return {
        name: value if name in kept or abs(value) >= SMALL else LARGER for name, value in flow.values.items()
    }


class _Truth:
    """One network with its own series and its torch flow; ``last`` is the last argument of the functions."""

    def __init__(self, flow: Flow, network: FlowInstance, order: int, g: float) -> None:
        self.order, self.network = order, network
        self.series = own_series(network, order + FURTHER)
        self.twin = TorchNetwork.of(network)
        self.numbers = [network.parameters[name] for name in flow.parameters]
        self.last: Any = g
        self.size = f"{network.size} words, g = {g:g}"

    def printed(self, module: Mapping[str, Any], name: str, path: Path) -> Array:
        """The coefficients that a module's function has."""
        function = guarded(dict(module), name, path)

        def value(tau: float) -> float:
            x = [float(EIGENVALUE)] if name == EQUATION else []
            return float(function(tau, *self.numbers, *x, self.last))

        return _coefficients(value, _through(function, self.order), INTERPOLATION * self.series.radius())


def _printed(
    module: Mapping[str, Any],
    path: Path,
    truth: _Truth,
    wanted: Mapping[str, Array],
    readings: Mapping[str, Callable[[State], float]] | None = None,
) -> list[Check]:
    """Two checks for each function: against torch, and of its coefficients."""
    checks, series = [], truth.series
    for name, own in wanted.items():
        read = truth.printed(module, name, path)
        known = len(read) - 1
        printed = np.concatenate([read, own[known + 1 :]])
        held = replace(series, scalars={**series.scalars, name: printed})
        title = f"{path.stem}: printed {name} against the flow of {truth.size}"
        at = (readings or {}).get(name)
        checks.append(series_check(title, name, printed, held, truth.twin, known, at))
        checks.append(_coefficient_check(f"{path.stem}: coefficients of {name}", read, own, series.radius()))
    return checks


def _at_g0(
    module: Mapping[str, Any], flow: Flow, order: int
) -> tuple[_Truth, dict[str, Array], dict[str, Callable[[State], float]]] | None:
    """Of A_u_v and the sums of eigenvalues: W of the vectors' own network, W0 = 0."""
    names = [name for name in module if name.startswith(("A_", "eigenvalue_sum_"))]
    basis = word_basis(flow, order, Fraction(0), _values(flow), MOST_WORDS) if names else None
    if basis is None:
        return None
    truth = _Truth(flow, basis.network, order, 0.0)
    used = list(dict.fromkeys(part for name in names if name[:2] == "A_" for part in _ends(name, flow)))
    columns = np.array([basis.network.vectors[name] for name in used]).T
    if np.linalg.matrix_rank(columns) < len(used):
        return None  # A is not unique
    inverse = np.linalg.pinv(columns)
    wanted: dict[str, Array] = {}
    readings: dict[str, Callable[[State], float]] = {}
    for name in names:
        if name[:2] == "A_":
            left, right = (inverse[used.index(end)] for end in _ends(name, flow))
            wanted[name] = np.einsum("i,kij,j->k", left, truth.series.W, right)
            readings[name] = partial(_entry, left, right)
        else:
            n = int(name.rsplit("_", 1)[1])
            wanted[name] = _sums_of(truth.series.W, n)
            readings[name] = partial(_eigenvalue_sum, n)
    return truth, wanted, readings


def _ends(name: str, flow: Flow) -> tuple[str, str]:
    """u and v of A_u_v."""
    vectors = flow.ensemble.vectors
    return next((u, v) for u in vectors for v in vectors if name == f"A_{u}_{v}")


def _entry(left: Array, right: Array, state: State) -> float:
    return float(left @ state["W"].numpy() @ right)


def _eigenvalue_sum(n: int, state: State) -> float:
    return float((np.poly(state["W"].numpy())[n] * (-1) ** n).real)


def _sums_of(W: Array, n: int) -> Array:
    """Coefficients of the n-th symmetric sum of the eigenvalues of sum_k W[k] tau**k, n-th minors summed."""
    length, total = len(W), np.zeros(len(W))
    for rows in combinations(range(W.shape[1]), n):
        for columns in permutations(rows):
            product = np.array([1.0])
            for i, j in zip(rows, columns, strict=True):
                product = np.convolve(product, W[:, i, j])[:length]
            order = [rows.index(j) for j in columns]
            sign = round(float(np.linalg.det(np.eye(n)[order])))
            total[: len(product)] += sign * product
    return total


def _mutated(source: str, path: Path, held: Mapping[str, tuple[_Truth, Array]]) -> Check:
    """Every coefficient of every function that has a truth is made wrong in turn, and must be noticed."""
    tried, missed = 0, []
    for mutant in mutants(source):
        if mutant.function not in held:
            continue
        tried += 1
        truth, own = held[mutant.function]
        read = truth.printed(execute(mutant.source, path), mutant.function, path)
        if _coefficient_check("", read, own, truth.series.radius()).passed:
            missed.append(f"{mutant.function}, line {mutant.line}: {mutant.text}")
    reason = f"each coefficient in turn times 1 + {CHANGE:g}"
    reason += "".join(f"; not caught: {one}" for one in missed[:3])
    return Check(f"mutation: wrong coefficients caught, {path.name}", tried - len(missed), tried, 0.0, reason)


def _flow(source: str, path: Path) -> Flow:
    words = command_of(source[:4096])
    assert words is not None
    file = Path(words[2] if len(words) > 2 else "")
    found = [place / file for place in (path.parent, Path()) if file.name and (place / file).is_file()]
    if file.name != str(file) or not found:
        raise UsageProblem(f"{path}: its flow {file} is neither beside it nor here; allowed is the TOML file")
    return read_task(found[0])


def _through(function: Callable[..., Any], order: int) -> int:
    """The power that a function is exact through, as its description says."""
    found = re.search(r"through tau\*\*(\d+)", function.__doc__ or "")
    return int(found[1]) if found else order


def _coefficient_check(title: str, read: Array, own: Array, radius: float) -> Check:
    """Every coefficient against the one that the words have, in units of the radius of convergence."""
    scale = radius ** np.arange(len(read))
    size = float((np.abs(own[: len(read)]) * scale).max())
    largest = float((np.abs(read - own[: len(read)]) * scale).max())
    reason = "largest difference from the series of the words' own network, in units of its radius"
    return Check(title, largest, 0.0, COEFFICIENTS * max(size, ABSOLUTE), reason)


def _coefficients(function: Callable[[float], float], order: int, last: float) -> Array:
    """Of a polynomial in tau, from its values at Chebyshev's nodes between -last and last."""
    nodes = np.cos(np.pi * (np.arange(order + 1) + 0.5) / (order + 1))
    values = np.array([function(float(last * x)) for x in nodes])
    powers = np.linalg.solve(np.vander(nodes, increasing=True), values)
    scaled: Array = powers / last ** np.arange(order + 1)
    return scaled
