"""Taylor series of overlaps and loss in learning time, where the loss is rational (THEORY 6).

Gradient flow of the rank-1 filter task in continuous time: dsigma/dtau is rational in the ten
overlaps, so that their Taylor coefficients at tau = 0 are rational in S(0) and the target: sigma_n =
(dsigma/dtau)_(n-1)/n, each from lower ones. They are exact: rational numbers, or rational functions of
the symbols given, whose denominators hold those of the loss at tau = 0 only (1 - vu, 2 - vu, ...).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from derive.overlaps.filter_formula import loss_and_derivatives
from derive.overlaps.gram_flow import gram_flow
from derive.overlaps.problem import OverlapProblem
from derive.reading.arguments import of_kind, whole
from derive.series.exact_scalars import Rationals, Symbols, exact
from derive.series.exact_series import ExactSeries
from derive.series.power_series import PowerSeries


def learning_series(
    initial: Mapping[str, Any], decay: Any, order: int, amplitude: Any = 1, frequency: Any = 0
) -> dict[str, ExactSeries]:
    """The series of ``loss`` and of all ten overlaps through tau**order, by name.

    ``initial`` names the ten overlaps; values (and the target's numbers) are integers, strings such
    as ``"3/10"``, floats (taken as the decimal they print as), sympy numbers or sympy expressions.
    Raises ValueError for order < 0, missing or unknown names, or zm, vu at which the loss is infinite.
    """
    of_kind("overlaps", initial, Mapping, "a mapping of names to values")
    order = whole("order", order, 0)
    problem = OverlapProblem()
    if set(initial) != set(problem.names):
        raise ValueError(f"overlaps {', '.join(initial)}: needed are exactly {', '.join(problem.names)}")
    given = [exact(value) for value in (*(initial[n] for n in problem.names), amplitude, decay, frequency)]
    scalars = Symbols(given, _denominators) if any(v.free_symbols for v in given) else Rationals(given)
    start = dict(zip(problem.names, scalars.values, strict=False))
    target = scalars.values[-3:]
    vu, decay_rate = given[problem.names.index("vu")], given[-2]
    if vu.is_number and vu >= 1:
        raise ValueError(f"vu = {vu}: the loss is finite for vu < 1 only")
    if decay_rate.is_number and decay_rate <= 0:
        raise ValueError(f"decay {decay_rate}: allowed are numbers > 0")

    def overlap(name: str) -> PowerSeries:
        return PowerSeries(
            lambda n: scalars.lowest(speed[name][n - 1] / n) if n else start[name], scalars.reciprocal
        )

    def constant(value: Any) -> PowerSeries:
        return PowerSeries(lambda n: value if n == 0 else value * 0, scalars.reciprocal)

    sigma = {name: overlap(name) for name in problem.names}
    visible = (sigma[name] for name in ("zm", "zu", "vm", "vu"))
    loss, derivatives = loss_and_derivatives(*visible, *map(constant, target))
    speed = {
        name: -_sum(
            _sum(sigma[o] * count for o, count in row.items()) * derivatives[d] for d, row in rows.items()
        )
        for name, rows in gram_flow(problem).rows.items()
    }

    def series(symbol: str, coefficients: PowerSeries) -> ExactSeries:
        return ExactSeries(symbol, tuple(scalars.lowest(coefficients[k]) for k in range(order + 1)), scalars)

    return {"loss": series("loss", loss)} | {n: series(f"sigma_{n}", x) for n, x in sigma.items()}


def _sum(terms: Iterable[PowerSeries]) -> PowerSeries:
    first, *rest = terms
    return sum(rest, start=first)


def _denominators(given: Sequence[Any]) -> list[Any]:
    """What the loss divides by at tau = 0, where it holds a symbol."""
    vu, decay, frequency = given[OverlapProblem().names.index("vu")], given[-2], given[-1]
    A, square = 1 + decay, frequency**2
    below = [1 - vu, 2 - vu, A**2 + square, (A - vu) ** 2 + square, decay, decay**2 + square]
    return [value for value in below if value.free_symbols]
