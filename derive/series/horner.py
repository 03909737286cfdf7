"""Polynomials with rational coefficients as expressions: nested (Horner) sums over integers.

A polynomial is taken apart variable by variable, the first outermost. Over one common denominator its
coefficients are integers; where these grow above `SMALL`, the sum over the variable is cut there and the
part above is multiplied by a ratio of its own,

    20 - 35 t + t^2 (32 + ...)/90,

so that no intermediate value is larger than the terms ask for, in single precision either, at any order.
An integer above 2^53 is written in digits of base 2^52, each a double, on the name ``small`` = 2^-52: exact
in every type, and rounded once where the type has 53 bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import gcd, lcm
from typing import Any

from flint import fmpq

from derive.series.assignment import Assignment
from derive.series.expression import (
    LARGEST,
    ONE,
    ZERO,
    Expression,
    Name,
    Number,
    Product,
    Quotient,
    Sum,
    is_wide,
    product,
    total,
)

Powers = tuple[int, ...]
Terms = Mapping[Powers, Any]
"""Rational coefficients (fmpq) by powers of the variables."""

SMALL = 2**31
DIGIT = 52
BASE = 2**DIGIT
WIDTH, SHORT = 96, 24


@dataclass(frozen=True)
class Scaled:
    """``content * value``, a rational number times an expression over integers."""

    content: Any
    value: Expression


@dataclass(frozen=True)
class Units:
    """The names of a 1 of the arguments' type, and of 2^-52 in it."""

    one: Name
    small: Name


UNITS = Units(Name("one"), Name("small"))


def polynomial(terms: Terms, variables: Sequence[Expression], units: Units = UNITS) -> Expression:
    """The polynomial, its content taken out in front and divided by at the end.

    >>> x, y = Name("x"), Name("y")
    >>> polynomial({(2, 0): fmpq(1), (0, 1): fmpq(-3, 2)}, [x, y])
    (-3 * y + 2 * x**2) / 2
    """
    scaled = nested(terms, variables, units)
    return times(scaled.value, scaled.content, units)


def nested(terms: Terms, variables: Sequence[Expression], units: Units = UNITS) -> Scaled:
    """Nested sums over integers without a common factor, and the factor that they stand under."""
    present = {powers: c for powers, c in terms.items() if c}
    if not present:
        return Scaled(fmpq(0), ZERO)
    if not variables:
        return Scaled(present[()], ONE)
    content, integers = primitive(present)
    largest = max(map(abs, integers.values()))
    if largest < SMALL or (len(variables) == 1 and largest < LARGEST):
        return Scaled(content, _over_integers(integers, variables))
    if len(variables) == 1:
        digits = -(-largest.bit_length() // DIGIT)
        scale = fmpq(BASE) ** (digits - 1)
        values = {int(n): _digits(c, digits, units) for (n,), c in integers.items()}
        return Scaled(content * scale, _horner(values, variables[0]))
    return _in_chunks(present, variables, units)


def primitive(terms: Terms) -> tuple[Any, dict[Powers, int]]:
    """A positive rational number, and the coprime integers that it multiplies to the coefficients."""
    common = lcm(*(int(c.q) for c in terms.values()))
    integers = {powers: int(c.p) * (common // int(c.q)) for powers, c in terms.items()}
    divisor = gcd(*integers.values())
    return fmpq(divisor, common), {powers: n // divisor for powers, n in integers.items()}


def by_power(terms: Mapping[Powers, Any]) -> dict[int, dict[Powers, Any]]:
    """The terms of every power of the first variable that occurs, in the others."""
    found: dict[int, dict[Powers, Any]] = {}
    for powers, coefficient in terms.items():
        found.setdefault(int(powers[0]), {})[powers[1:]] = coefficient
    return found


def times(value: Expression, factor: Any, units: Units = UNITS) -> Expression:
    """``value`` times a rational number: multiplied by its numerator, then divided by its denominator."""
    sign, above, below = -1 if factor < 0 else 1, abs(int(factor.p)), int(factor.q)
    if below != 1 and isinstance(value, Number):
        value = product(units.one, value)  # in the arguments' type before it is divided
    up, down = _length(above), _length(below)
    value = _scaled(_digits(sign * above, up, units), value) / _digits(below, down, units)
    for _ in range(abs(up - down)):
        value = value * BASE if up > down else value / BASE
    return value


def _length(value: int) -> int:
    """Digits that a number is written with."""
    return 1 if value < LARGEST else -(-value.bit_length() // DIGIT)


def _digits(value: int, count: int, units: Units) -> Expression:
    """``value / BASE**(count - 1)``, exactly."""
    if count == 1:
        return Number(value)
    sign = -1 if value < 0 else 1
    rest, digits = abs(value), []
    for _ in range(count - 1):
        rest, digit = divmod(rest, BASE)
        digits.append(digit * sign)
    result: Expression = ZERO
    for digit in digits:
        result = product(units.small, total(digit, result))
    return total(rest * sign, result)


def _over_integers(terms: Mapping[Powers, int], variables: Sequence[Expression]) -> Expression:
    if not variables:
        return Number(terms[()])
    rows = by_power(terms)
    return _horner({n: _over_integers(row, variables[1:]) for n, row in rows.items()}, variables[0])


def _horner(values: Mapping[int, Expression], variable: Expression) -> Expression:
    """values[0] + variable * (values[1] + ...)."""
    result, above = ZERO, max(values)
    for power in sorted(values, reverse=True):
        result = total(values[power], _raised(result, variable, above - power))
        above = power
    return _raised(result, variable, above)


def _raised(value: Expression, variable: Expression, power: int) -> Expression:
    """``variable**power * value``."""
    return _scaled(variable**power, value) if value != ZERO and power else value


def _scaled(factor: Expression, value: Expression) -> Expression:
    """``factor * value``, a number first."""
    first = value.factors if isinstance(value, Product) else (value,)
    if isinstance(first[0], Number):
        return product(first[0], factor, *first[1:])
    if isinstance(factor, Number) and isinstance(value, Quotient):
        return Quotient(_scaled(factor, value.numerator), value.denominator)
    return product(factor, *first)


def _in_chunks(terms: Terms, variables: Sequence[Expression], units: Units) -> Scaled:
    """As many neighbouring powers of the first variable at a time as have a small common denominator."""
    rows = by_power(terms)
    result = Scaled(fmpq(0), ZERO)
    above = max(rows)
    chunk: dict[Powers, Any] = {}
    for power in sorted(rows, reverse=True):
        row = {(power, *powers): c for powers, c in rows[power].items()}
        if chunk and _largest(chunk | row) >= SMALL:
            result = _joined(chunk, result, above, variables, units)
            above = min(p[0] for p in chunk)
            chunk = {}
        chunk |= row
    result = _joined(chunk, result, above, variables, units)
    return Scaled(result.content, _raised(result.value, variables[0], min(rows)))


def _largest(terms: Terms) -> int:
    return max(map(abs, primitive(terms)[1].values()))


def _joined(chunk: Terms, above: Scaled, power: int, variables: Sequence[Expression], units: Units) -> Scaled:
    """The chunk plus what stands above it from ``power`` of the first variable on, over the chunk's lowest
    power."""
    rows = by_power(chunk)
    lowest, highest = min(rows), max(rows)
    if len(rows) == 1:
        scaled = nested(rows[lowest], variables[1:], units)
        values = {0: scaled.value}
        content = scaled.content
    else:
        content, integers = primitive(chunk)
        values = {n - lowest: _over_integers(row, variables[1:]) for n, row in by_power(integers).items()}
    result = ZERO
    at = highest
    if above.value != ZERO:
        result = times(_raised(above.value, variables[0], power - highest), above.content / content, units)
    for n in sorted(values, reverse=True):
        result = total(values[n], _raised(result, variables[0], at - lowest - n))
        at = n + lowest
    return Scaled(content, result)


def lines(
    target: str, value: Expression, outer: Expression | None = None, spare: Sequence[str] = ("c", "b", "a")
) -> list[Assignment]:
    """Assignments that fill ``target`` with a nested sum, none much wider than `WIDTH`.

    The sum over ``outer`` is always one assignment a power. ``spare`` are further names to fill.

    >>> x, t = Name("x"), Name("t")
    >>> for line in lines("s", 1 + t * (2 + 7 * x + t * (3 - x)), t):
    ...     print(line.name, "=", line.value)
    s = 3 - x
    s = 2 + 7 * x + t * s
    s = 1 + t * s
    """
    found = _tail(value)
    if found is None:
        return [Assignment(target, value)]
    head, inner = found
    if not (outer is not None and _leads(value, outer)) and not is_wide(value, WIDTH - len(f"{target} = ")):
        return [Assignment(target, value)]
    result = lines(target, inner, outer, spare)
    if head != ZERO and spare and is_wide(head, WIDTH - 16 - len(f"{target} = ")):
        result += lines(spare[0], head, None, spare[1:])
        head = Name(spare[0])
    return [*result, Assignment(target, total(head, _with_tail(value, Name(target))))]


def filled(
    value: Expression, target: str, outer: Expression | None, spare: Sequence[str]
) -> tuple[list[Assignment], Expression]:
    """Assignments as of `lines` and the name that they fill; a short product needs none."""
    if not isinstance(value, Sum | Quotient) and not is_wide(value, SHORT - 1):
        return [], value
    return lines(target, value, outer, spare), Name(target)


def _last(value: Expression) -> Expression:
    return value.terms[-1] if isinstance(value, Sum) else value


def _leads(value: Expression, variable: Expression) -> bool:
    """Whether the last term is a product with a power of the variable in front."""
    return variable in _variables(_last(value))


def _variables(node: Expression) -> Iterator[Expression]:
    while isinstance(node, Quotient):
        node = node.numerator
    if isinstance(node, Product):
        for factor in node.factors:
            yield factor
            yield from () if not hasattr(factor, "base") else (factor.base,)
    else:
        yield node


def _tail(value: Expression) -> tuple[Expression, Expression] | None:
    """The other terms, and the sum that the last term multiplies; None where it multiplies none."""
    last = _last(value)
    while isinstance(last, Quotient):
        last = last.numerator
    if not isinstance(last, Product):
        return None
    inner = next((f for f in last.factors if isinstance(f, Sum)), None)
    if inner is None:
        return None
    return (total(*value.terms[:-1]) if isinstance(value, Sum) else ZERO), inner


def _with_tail(value: Expression, name: Name) -> Expression:
    """The last term with a name in the place of its sum."""

    def replaced(node: Expression) -> Expression:
        if isinstance(node, Quotient):
            return Quotient(replaced(node.numerator), node.denominator)
        assert isinstance(node, Product)
        index = next(i for i, f in enumerate(node.factors) if isinstance(f, Sum))
        return Product((*node.factors[:index], name, *node.factors[index + 1 :]))

    return replaced(_last(value))
