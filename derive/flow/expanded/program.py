"""A flow's series as a program: nested sums in tau, the parameters, beta, g^2, and reciprocals of known
factors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from derive.flow.expanded.fractions import Fraction, StartFunction, Terms, Variables
from derive.flow.expanded.positive_form import positive_form
from derive.series.assignment import Argument, Assignment
from derive.series.exact_program import filled_sum, promoted, unit_definitions, units_beside
from derive.series.expression import Entry, Expression, Name, Number, SmoothCall
from derive.series.horner import Units, polynomial
from derive.series.program import Function, function, unused

TIME, STRENGTH, OVERLAPS = "tau", "g", "overlaps"


def series_function(coefficients: Sequence[Fraction], variables: Variables, name: str, doc: str) -> Function:
    """The function of (tau, parameters in order, g) that returns the truncated sum.

    In named overlaps it is one of (tau, parameters in order, overlaps), a mapping from names to numbers.
    """
    keys = _present(coefficients, variables)
    given = (TIME, *variables.plain, *(() if variables.overlaps else (STRENGTH,)))
    plain = promoted(given)
    arguments = (*plain, Argument(OVERLAPS, keys=keys)) if keys else plain
    units = units_beside((*given, *keys))
    taken = {*given, *keys, OVERLAPS}

    def named(wanted: str) -> Name:
        name = unused(wanted, taken)
        taken.add(name)
        return Name(name)

    one, beta, square = units.one, named("beta"), named("u")
    taken |= {str(units.one), str(units.small)}
    g = Name(STRENGTH)
    body = unit_definitions(plain, units)
    body += [Assignment(key, Entry(OVERLAPS, key)) for key in keys]
    if not variables.overlaps:
        body.append(Assignment(str(beta), one / ((Number(1) - g) * (Number(1) + g))))
        body.append(Assignment(str(square), g * g))
    symbols = [*map(Name, variables.parameters), beta, square]
    for found in variables.functions:
        value = _start_function(found, symbols, units)
        symbols.append(named(found.name))
        body.append(Assignment(str(symbols[-1]), value))
    factors = list(dict.fromkeys(factor for c in coefficients for factor, _ in c.factors))
    inverses = [named(f"r{k}") for k in range(len(factors))]
    rest, odds = named("v"), named("t")
    at = len(variables.parameters)  # the place of beta
    numerators = [positive_form(fraction.numerator, at + 1) for fraction in coefficients]
    positive = any(powers[-2] for terms in numerators for powers in terms)
    starts = [_start(factor) if positive else 1 for factor in factors]
    for inverse, factor, start in zip(inverses, factors, starts, strict=True):
        below = polynomial(dict(factor), symbols, units)
        body.append(
            Assignment(str(inverse), (units.one if start == 1 else Number(start) * units.one) / below)
        )
    if positive:
        body += [
            Assignment(str(rest), (Number(1) - g) * (Number(1) + g)),
            Assignment(str(odds), square * beta),
        ]
    terms: dict[tuple[int, ...], Any] = {}
    for k, (fraction, numerator) in enumerate(zip(coefficients, numerators, strict=True)):
        powers_of = dict(fraction.factors)
        over = tuple(powers_of.get(factor, 0) for factor in factors)
        scale = math.prod(start**power for start, power in zip(starts, over, strict=True))
        for powers, c in numerator.items():
            raised = (*powers[:at], powers[at] + fraction.beta_power, *powers[at + 1 :])
            terms[(k, *over, *raised)] = c / scale
    assignments, result = filled_sum(terms, [Name(TIME), *inverses, *symbols, rest, odds], units, taken)
    return function(name, arguments, doc, [*body, *assignments], result)


def _start(factor: Sequence[tuple[tuple[int, ...], Any]]) -> int:
    """A factor's constant: over it the factor is near 1, and so are high powers of its reciprocal."""
    constant = next((c for powers, c in factor if not any(powers)), 1)
    return int(constant) if constant > 0 else 1


def _present(coefficients: Sequence[Fraction], variables: Variables) -> tuple[str, ...]:
    """The overlaps that occur; the first one where none does, so that every function takes a mapping."""
    first = len(variables.plain)
    polynomials = [c.numerator for c in coefficients]
    polynomials += [dict(factor) for c in coefficients for factor, _ in c.factors]
    polynomials += [terms for found in variables.functions for terms in (found.above, found.below)]
    places = {
        place
        for terms in polynomials
        for powers in terms
        for place, power in enumerate(powers[first : first + len(variables.overlaps)])
        if power
    }
    return tuple(overlap.name for k, overlap in enumerate(variables.overlaps) if k in (places or {0}))


def _start_function(found: StartFunction, symbols: Sequence[Name], units: Units) -> Expression:
    """exp, log, tanh or the root of a quotient of polynomials in the symbols before it."""
    if is_constant(found):
        return units.one * Number(constant_value(found))

    def value(terms: Terms) -> Expression:
        wide = {(*powers, *([0] * (len(symbols) - len(powers)))): c for powers, c in terms.items()}
        return polynomial(wide, symbols, units)

    argument = units.one * value(found.above) / value(found.below)
    return argument**0.5 if found.kind == "root" else SmoothCall(found.kind, argument)


def is_constant(found: StartFunction) -> bool:
    """Whether a function is of a number, as log(2)."""
    return not any(any(powers) for powers in (*found.above, *found.below))


def constant_value(found: StartFunction) -> float:
    """Its value, rounded to a double."""
    above, below = (next(iter(terms.values())) for terms in (found.above, found.below))
    value = above / below
    argument = int(value.p) / int(value.q)
    kind = "sqrt" if found.kind == "root" else found.kind
    return float(getattr(math, kind)(argument))
