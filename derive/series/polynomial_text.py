"""A polynomial with rational coefficients as an expression of Python, exact in the type of its arguments.

Nested (Horner) sums. A rational number p/q is written in digits of base 2^52, p = 2^(52 k) (p_k +
(p_(k-1) + ...)/2^52), and q likewise: every integer is exact and below 2^53, and nothing overflows
that the coefficient itself does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flint import fmpq_mpoly

from derive.series.horner import BASE, LARGEST, nested


def flint_text(polynomial: fmpq_mpoly) -> str:
    """A polynomial of flint in Python syntax, expanded: what sympy reads, not for numbers.

    >>> from flint import Ordering, fmpq_mpoly_ctx
    >>> x, y = fmpq_mpoly_ctx.get(["x", "y"], Ordering.lex).gens()
    >>> flint_text((x - y / 2) ** 2)
    'x**2 - x*y + 1/4*y**2'
    """
    return str(polynomial).replace("^", "**")


def polynomial_text(terms: Mapping[tuple[int, ...], Any], variables: Sequence[str], one: str) -> str:
    """Nested sums, the first variable outermost; ``terms`` from powers to rational numbers (fmpq).

    ``one`` names a 1 of the arguments' type.

    >>> from flint import fmpq
    >>> polynomial_text({(2, 0): fmpq(1), (0, 1): fmpq(-3, 2)}, ["x", "y"], "one")
    'y * (-one * 3 / 2) + x * x'
    """
    if not terms:
        return "0"
    if not variables:
        return _number(terms[()], one)
    return nested([polynomial_text(part, variables[1:], one) for part in by_power(terms)], variables[0])


def sum_lines(parts: Sequence[str], variable: str, total: str) -> list[str]:
    """Lines that fill ``total`` with parts[0] + variable*(parts[1] + ...), without zeros.

    >>> sum_lines(["a", "0", "b"], "x", "s")
    ['s = b', 's = s * x', 's = s * x + a']
    """
    lines = [f"{total} = {parts[-1]}"]
    lines += [f"{total} = {total} * {variable}" + f" + {p}" * (p != "0") for p in reversed(parts[:-1])]
    return lines


def by_power(terms: Mapping[tuple[int, ...], Any]) -> list[dict[tuple[int, ...], Any]]:
    """The terms of every power of the first variable, in the others; at least one power."""
    parts: list[dict[tuple[int, ...], Any]] = [{} for _ in range(1 + max((p[0] for p in terms), default=0))]
    for powers, coefficient in terms.items():
        parts[powers[0]][powers[1:]] = coefficient
    return parts


def _number(value: Any, one: str) -> str:
    """p/q: an integer below 2^53 as it is, anything else on the typed ``one``."""
    above, below = abs(int(value.p)), int(value.q)
    if below == 1 and above < LARGEST:
        return str(above) if value.p >= 0 else f"(-{above})"
    (numerator, high), (denominator, low) = _digits(above, one), _digits(below, one)
    text = numerator if one in numerator else f"{one} * {numerator}"
    text += f" / {denominator}" if denominator != "1" else ""
    text += f" {'*' if high > low else '/'} {BASE}" * abs(high - low)
    return text if value.p >= 0 else f"(-{text})"


def _digits(value: int, one: str) -> tuple[str, int]:
    """A text and an exponent: value = text * BASE**exponent."""
    if value < LARGEST:
        return str(value), 0
    digits = []
    while value:
        value, digit = divmod(value, BASE)
        digits.append(digit)
    text = ""
    for digit in digits:
        text = f"({digit} + {text} / {BASE})" if text else f"{one} * {digit}"
    return text, len(digits) - 1
