"""A series in learning time as a program (THEORY 3): sums in scaled variables, in single precision too.

In t = ttilde, y = zhat^2 beta, u = g^2 almost all coefficients of one power of t and y keep one sign in u
(readout, loss and norms: all, to order 20), so that nested sums lose little but what the sum over t loses by
itself. The power of y is at most half of that of t: with p = t^2 y

    sum_k t^k sum_j y^j c_kj(u)  =  sum_j p^j sum_k t^(k - 2j) c_kj(u),

in which nothing is larger than the terms of the series, however large y and the order are. Where m and w
overlap, d = zhat - rho stands for zhat, and q = t rho d and v = rho^2/beta are variables too.

Integers of a fixed size (numpy's uint8) wrap around when they are multiplied or added. Every variable is made
such that arguments of this kind meet a quotient or a floating number first, while exact numbers stay exact:
zhat/x zhat, g^2 + 0 y. Of g, 0 is the only integer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol

from flint import fmpq

from derive.series.assignment import Argument, Assignment
from derive.series.coefficient import Coefficient, Part
from derive.series.expression import ZERO, Expression, Name, Number, Product, product, total
from derive.series.horner import Terms, filled, nested, times
from derive.series.program import Function, function, typed_one

x, t, y, u, p, d, e, q, v = map(Name, "xtyupdeqv")
rho, zhat, g, one, unit = map(Name, ("rho", "zhat", "g", "one", "unit"))

SMALL_UNIT = Assignment("small", one / 2**52)


class Truncated(Protocol):
    """What of a `Series` makes its program."""

    @property
    def scaled(self) -> tuple[Coefficient, ...]: ...
    @property
    def zhat_power(self) -> int: ...
    @property
    def beta_power(self) -> int: ...
    @property
    def at_g0(self) -> bool: ...
    @property
    def alignment(self) -> Fraction | str | None: ...
    @property
    def offset(self) -> bool: ...


def arguments(series: Truncated, time: str = "tau") -> tuple[Argument, ...]:
    """The arguments of the function of a series: (tau, zhat, g), and rho where it is one.

    At g = 0, g may be left out, but for a rho behind it.
    """
    if isinstance(series.alignment, str):
        return tuple(map(Argument, (time, "zhat", "g", "rho")))
    return Argument(time), Argument("zhat"), Argument("g", 0 if series.at_g0 else None)


def definitions(series: Truncated, given: Sequence[Argument], time: str = "tau") -> list[Assignment]:
    """The variables of the module's docstring from the arguments ``given``."""
    found = [typed_one(given), SMALL_UNIT, Assignment("x", (1 - g) * (1 + g))]
    if series.alignment is not None:
        found += _with_alignment(series, given, time)
    elif series.at_g0:
        found.append(Assignment("t", Name(time) / zhat**0))
        found.append(Assignment("y", zhat * (zhat + nothing(t))))
        return [*found, Assignment("p", t * zhat), Assignment("p", p * p)]
    else:
        scaled = Name(time) / (x * x) if time == "tau" else Name(time) + nothing(y)
        both = [Assignment("t", scaled), Assignment("y", zhat / x * zhat)]
        found += both if time == "tau" else reversed(both)
    return [*found, Assignment("u", g * g + nothing(y)), Assignment("p", t * t * y)]


def _with_alignment(series: Truncated, given: Sequence[Argument], time: str) -> list[Assignment]:
    """What stands for zhat where m and w overlap, and the variables made of it."""
    found, at_g0 = [], series.at_g0
    target: Expression = zhat
    overlap: Expression = rho
    if isinstance(series.alignment, Fraction):
        number = fmpq(series.alignment.numerator, series.alignment.denominator)
        found.append(Assignment("rho", times(one, number)))
    else:
        steady = (Name(argument.name) for argument in given if argument.name != time)
        found.append(Assignment("unit", product(*steady) ** 0))
        target, overlap = zhat / unit, rho / unit
    found.append(Assignment("d", target - rho))
    found.append(Assignment("t", Name(time) + nothing(d) if at_g0 else Name(time) / (x * x)))
    found += [Assignment("e", rho * d), Assignment("q", t * e)]
    found.append(Assignment("v", overlap * rho if at_g0 else overlap * rho * x))
    return [*found, Assignment("y", d * d if at_g0 else d / x * d)]


def nothing(value: Expression) -> Expression:
    """0 in the type of a value."""
    return Product((ZERO, value))


def summed(series: Truncated, accumulator: str = "s") -> tuple[list[Assignment], Expression]:
    """The assignments that fill ``accumulator``, and the value of the series."""
    offset = rho if series.offset else ZERO
    if not any(series.scaled):
        return [], offset
    if all(_without_denominator(c) for c in series.scaled):
        body, factors, content, value = _polynomial(series, accumulator)
    else:
        body, factors, content, value = _fractions(series, accumulator)
    target = zhat if series.alignment is None else d
    beta_power = 0 if series.at_g0 else series.beta_power
    first, *others = [*factors, value]  # floating, where the target may be whole
    result = product(first, *[target] * series.zhat_power, *[x] * -beta_power, *others)
    result = times(result, content)
    if isinstance(result, Number):
        result = product(result, one)  # in the arguments' type before it is divided
    for _ in range(beta_power):
        result = result / x
    for _ in range(-series.zhat_power):
        result = result / target
    return body, total(offset, result)


def _without_denominator(coefficient: Coefficient) -> bool:
    return all(i == j == 0 and polynomial.is_one() for i, j, polynomial in coefficient.parts()[1])


def _polynomial(
    series: Truncated, accumulator: str
) -> tuple[list[Assignment], list[Expression], Any, Expression]:
    """Assignments, the powers in front, the rational factor, and the sum."""
    terms: dict[tuple[int, ...], Any] = {}
    for k, coefficient in enumerate(series.scaled):
        terms |= _terms(coefficient.parts()[0], k)
    variables: tuple[Expression, ...] = (p, q, v, t, u)
    if any(powers[3] < 0 for powers in terms):  # steeper in zhat than in time
        variables = (t, e, v, y, u)
        terms = {(k + 2 * n + m, m, w, n, i): c for (n, m, w, k, i), c in terms.items()}
    lowest = [min(column) for column in zip(*terms, strict=True)]
    factors = [name**n for name, n in zip(variables, lowest, strict=True) if n]
    terms = {tuple(n - low for n, low in zip(powers, lowest, strict=True)): c for powers, c in terms.items()}
    body, content, value = _filled(terms, variables, accumulator, ("c", "b", "a"))
    return body, factors, content, value


def _fractions(
    series: Truncated, accumulator: str
) -> tuple[list[Assignment], list[Expression], Any, Expression]:
    """The same where the coefficients have denominators of their own: a sum over the powers of time."""
    body: list[Assignment] = []
    value: Expression = ZERO
    for k in range(len(series.scaled) - 1, -1, -1):
        if not series.scaled[k]:
            continue
        above, below = series.scaled[k].parts()
        upper, scale, numerator = _filled(_terms(above, k), (p, q, v, t, u), "c", ("b", "a"))
        divisor: Terms = {(n, m, w, i): c for (n, m, w, _, i), c in _terms(below, 0).items()}
        lower, other, denominator = _filled(divisor, (y, e, v, u), "b", ("a",))
        term = times(numerator, scale / other) / denominator
        body += [*upper, *lower, Assignment(accumulator, total(value, term))]
        value = Name(accumulator)
    return body, [], fmpq(1), value


def _terms(parts: Iterable[Part], k: int) -> dict[tuple[int, ...], Any]:
    """The coefficient of t^k in the variables p (or y), q (or e), v, t and u."""
    terms: dict[tuple[int, ...], Any] = {}
    for rho_power, target_power, polynomial in parts:
        rho_power, target_power = int(rho_power), int(target_power)
        both = min(rho_power, target_power)
        in_y, in_v = (target_power - both) // 2, (rho_power - both) // 2
        for i, c in enumerate(polynomial.coeffs()):
            if c:
                terms[in_y, both, in_v, k - 2 * in_y - both, i] = c
    return terms


def _filled(
    terms: Terms, variables: Sequence[Expression], name: str, spare: Sequence[str]
) -> tuple[list[Assignment], Any, Expression]:
    """The nested sum in the variables that occur: assignments to ``name``, rational factor, value."""
    used = [i for i in range(len(variables)) if any(powers[i] for powers in terms)]
    shown = [variables[i] for i in used]
    scaled = nested({tuple(powers[i] for i in used): c for powers, c in terms.items()}, shown)
    assignments, value = filled(scaled.value, name, shown[0] if shown else None, spare)
    return assignments, scaled.content, value


def series_function(name: str, series: Truncated, doc: str = "", time: str = "tau") -> Function:
    """The function ``name`` of (tau, zhat, g) that returns the truncated sum.

    With ``time`` "delta" a function of (delta, zhat, g), delta in the place of beta^2 tau.
    """
    given = arguments(series, time)
    variables = definitions(series, given, time)
    return joint_function(name, {"s": series}, lambda values: ((), values["s"]), doc, given, variables)


def joint_function(
    name: str,
    series: Mapping[str, Truncated],
    result: Callable[[Mapping[str, Expression]], tuple[Sequence[Assignment], Any]],
    doc: str,
    given: Sequence[Argument],
    variables: Sequence[Assignment],
) -> Function:
    """A function of several series: ``result`` makes of their values, by the names of their accumulators,
    further assignments and what is returned; ``variables`` defines what they are in (`definitions`)."""
    body = list(variables)
    values: dict[str, Expression] = {}
    for accumulator, of in series.items():
        assignments, values[accumulator] = summed(of, accumulator)
        body += assignments
    further, returned = result(values)
    return function(name, given, doc, [*body, *further], returned)


def tuple_function(name: str, series: Mapping[str, Truncated], doc: str) -> Function:
    """A function of the first series' arguments that returns all of them as a tuple."""
    first = next(iter(series.values()))
    given = arguments(first)
    variables = definitions(first, given)
    return joint_function(name, series, lambda values: ((), tuple(values.values())), doc, given, variables)
