"""A flow's series as numbers, on anything with + - * / ** : floats, arrays, tensors, mpmath, arb."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.flow.expanded.fractions import Fraction, StartFunction, Terms, Variables


def arguments(variables: Variables, values: Sequence[Any]) -> list[Any]:
    """The values of all variables from parameters and g."""
    *parameters, g = values
    square = g * g
    numbers = [*parameters, 1 / (1 - square), square]
    for function in variables.functions:
        above = _polynomial(function.above, numbers)
        below = _polynomial(function.below, numbers)
        numbers.append(_function(function, above / below))
    return numbers


def fraction_value(fraction: Fraction, numbers: Sequence[Any], one: Any, beta: Any) -> Any:
    """A coefficient's value at the variables' values."""
    if not fraction.numerator:
        return one * 0
    value = one * _polynomial(fraction.numerator, numbers)
    if fraction.beta_power:
        value = value * beta**fraction.beta_power
    for factor, power in fraction.factors:
        value = value / _polynomial(dict(factor), numbers) ** power
    return value


def _polynomial(terms: Terms, numbers: Sequence[Any]) -> Any:
    """Nested sums, the first variable outermost."""
    width = len(next(iter(terms), ()))
    if width == 0:
        constant = terms.get((), None)
        return 0 if constant is None else _rational(constant)
    if not any(powers[0] for powers in terms):
        return _polynomial({powers[1:]: c for powers, c in terms.items()}, numbers[1:])
    total: Any = 0
    for part in reversed(_by_power(terms)):
        total = total * numbers[0]
        if part:
            total = total + _polynomial(part, numbers[1:])
    return total


def _rational(value: Any) -> float:
    above, below = int(value.p), int(value.q)
    return above if below == 1 and abs(above) < 2**53 else above / below


def _function(function: StartFunction, value: Any) -> Any:
    if function.kind == "root":
        return value**0.5
    import numpy as np

    return {"exp": np.exp, "log": np.log, "tanh": np.tanh}[function.kind](value)


def _by_power(terms: Terms) -> list[dict[tuple[int, ...], Any]]:
    """The terms of every power of the first variable, in the others."""
    found: list[dict[tuple[int, ...], Any]] = [{} for _ in range(1 + max(p[0] for p in terms))]
    for powers, coefficient in terms.items():
        found[powers[0]][powers[1:]] = coefficient
    return found
