"""An `ExactSeries` as a program: nested sums in learning time, the symbols, and the reciprocals r0, r1, ...
of the known factors that its coefficients are divided by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from derive.series.assignment import Argument, Assignment
from derive.series.expression import Expression, Name
from derive.series.horner import BASE, Units, filled, nested, polynomial, times
from derive.series.program import Function, function, typed_one, unused

Powers = tuple[int, ...]


class ExactScalars(Protocol):
    """What of `derive.series.exact_scalars` makes a program."""

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def factors(self) -> tuple[Mapping[Powers, Any], ...]: ...
    def fractions(self, value: Any) -> dict[Powers, dict[Powers, Any]]:
        """Numerators by the powers of ``factors`` that they stand over."""


def units_beside(names: Iterable[str]) -> Units:
    """The names of 1 and of 2^-52 where arguments may have these names."""
    taken = set(names)
    return Units(Name(unused("one", taken)), Name(unused("small", taken)))


def promoted(names: Iterable[str]) -> tuple[Argument, ...]:
    """Arguments whose integers of a fixed size are made floating before anything else."""
    return tuple(Argument(name, promoted=True) for name in names)


def unit_definitions(arguments: Sequence[Argument], units: Units) -> list[Assignment]:
    """The assignments of ``units``."""
    return [typed_one(arguments), Assignment(str(units.small), units.one / BASE)]


def exact_function(
    name: str, coefficients: Sequence[Any], scalars: ExactScalars, doc: str, time: str = "tau"
) -> Function:
    """The function of (tau, *symbols) that returns the truncated sum; symbols in their order."""
    arguments = promoted((time, *scalars.names))
    units = units_beside((time, *scalars.names))
    symbols = [Name(symbol) for symbol in scalars.names]
    inverses = [Name(unused(f"r{k}", scalars.names)) for k in range(len(scalars.factors))]
    body = unit_definitions(arguments, units)
    for inverse, factor in zip(inverses, scalars.factors, strict=True):
        body.append(Assignment(inverse.name, units.one / polynomial(factor, symbols, units)))
    terms = {
        (k, *symbol_powers, *powers): c
        for k, coefficient in enumerate(coefficients)
        for powers, numerator in scalars.fractions(coefficient).items()
        for symbol_powers, c in numerator.items()
    }
    taken = {time, *scalars.names, *(inverse.name for inverse in inverses)}
    assignments, result = filled_sum(terms, [Name(time), *symbols, *inverses], units, taken)
    return function(name, arguments, doc, [*body, *assignments], result)


def filled_sum(
    terms: Mapping[Powers, Any],
    variables: Sequence[Expression],
    units: Units,
    taken: Iterable[str],
    accumulator: str = "s",
) -> tuple[list[Assignment], Expression]:
    """Assignments that fill an accumulator with a polynomial, one for each power of the first variable, and
    the polynomial's value. Names in ``taken`` are not assigned to."""
    total, *spare = (unused(name, taken) for name in (accumulator, "c", "b", "a"))
    scaled = nested(terms, variables, units)
    assignments, value = filled(scaled.value, total, variables[0], spare)
    return assignments, times(value, scaled.content, units)
