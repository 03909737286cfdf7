"""Programs of what is made of several series: the outlier equation, and the limits g -> 1 together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from derive.series.assignment import Argument, Assignment, Record
from derive.series.exact_program import promoted
from derive.series.expression import ONE, ZERO, Expression, Name
from derive.series.program import Function, typed_one
from derive.series.series import Series
from derive.series.series_program import SMALL_UNIT, arguments, definitions, joint_function


class Part(Protocol):
    """A term of the outlier equation: lambda^m/(lambda - g^2)^(2m+q) times a series."""

    @property
    def m(self) -> int: ...
    @property
    def q(self) -> int: ...
    @property
    def series(self) -> Series: ...


def outlier_program(parts: Sequence[Part], name: str, doc: str) -> Function:
    """D as a function of (lam, tau, zhat, g): nested sums over m and q; the first part is the 1 of D."""
    first = parts[0].series
    given = (Argument("lam"), *arguments(first))
    rest = parts[1:]
    lam, q, r = map(Name, ("lam", "q", "r"))

    def stepped(value: Expression) -> Expression:
        return value / lam if first.at_g0 else value * r

    def determinant(values: Mapping[str, Expression]) -> tuple[list[Assignment], Expression]:
        body = [] if first.at_g0 else [Assignment("q", lam - Name("u")), Assignment("r", lam / (q * q))]
        above: Expression = ZERO
        for m in range(max((part.m for part in rest), default=0), 0, -1):
            row: Expression = ZERO
            for part in reversed([part for part in rest if part.m == m]):
                row = values[part.series.symbol.lower()] + (row / q if row != ZERO else ZERO)
            body.append(Assignment(f"d{m}", row + (stepped(above) if above != ZERO else ZERO)))
            above = Name(f"d{m}")
        return body, 1 + stepped(above) if above != ZERO else ONE

    series = {part.series.symbol.lower(): part.series for part in rest}
    return joint_function(name, series, determinant, doc, given, definitions(first, given))


def scaling_program(
    name: str,
    series: Mapping[str, Series],
    variable: str,
    doc: str,
    result: Callable[[Mapping[str, Expression]], Any] = Record.of,
) -> Function:
    """A function of (ttilde, y), or (delta, y), that returns several limits by their names.

    ``series`` are those limits at g = 0 in y = zhat^2 (`ScalingFunction.in_square_root`).
    """
    t = Name("t")
    given = promoted((variable, "y"))
    variables = [typed_one(given), SMALL_UNIT, Assignment("t", Name(variable))]
    variables.append(Assignment("p", t * t * Name("y")))
    return joint_function(name, series, lambda values: ((), result(values)), doc, given, variables)
