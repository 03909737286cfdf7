"""A series as lines of Python: nested (Horner) sums in t = ttilde, y = zhat^2 beta, u = g^2.

In these variables almost all coefficients of one power of t and y keep one sign in u (readout, loss
and norms: all, to order 20), so the nested sums lose little but what the sum over t loses by itself.
The lines hold integers only, each below 2^53 (a larger one is split in base 2^52 on a typed ``one``),
and operators + - * / **; one common denominator is divided out at the end, so nothing is rounded
before it meets the argument's type. Where m and w overlap, d = zhat - rho stands for zhat, and
e = rho d and v = rho^2/beta are variables too.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

from flint import fmpq_poly

from derive.series.coefficient import ONE, Coefficient, Part

if TYPE_CHECKING:
    from derive.series.series import Series

LARGEST = 2**53
BASE = 2**52
WIDTH = 96
INDENT = "    "


def function_source(name: str, series: Series, docstring: str | None, time: str = "tau") -> str:
    """Source of ``def name(tau, zhat, g)`` returning the truncated sum.

    With ``time`` "delta" of ``def name(delta, zhat, g)``, delta in the place of beta^2 tau.
    """
    body, result = horner_lines(series)
    result = shaped(body, result)
    lines = [f"def {name}({arguments(series).replace('tau', time)}):"]
    lines += docstring_lines(docstring) if docstring else []
    setup = preparation(body, result, series.at_g0, series.alignment, time)
    result = result.replace("(tau * ", f"({time} * ")
    lines += [INDENT + line for line in (*setup, *body)]
    return "\n".join([*lines, f"{INDENT}return {result}"]) + "\n"


def shaped(body: Sequence[str], result: str) -> str:
    """The result's expression; where it is constant in time, of the arguments' type and shape too."""
    varies = _mentions(" ".join((*body, result)), "t") or "tau" in result
    return result if varies else f"{result} * one"


def docstring_lines(docstring: str) -> list[str]:
    """An indented docstring."""
    first, *rest = docstring.splitlines()
    lines = [INDENT + line if line else "" for line in rest]
    return [f'{INDENT}"""{first}', *lines, f'{INDENT}"""'] if rest else [f'{INDENT}"""{first}"""']


def arguments(series: Series) -> str:
    """The arguments of the function of a series; at g = 0, g may be left out."""
    if isinstance(series.alignment, str):
        return "tau, zhat, g, rho"
    return f"tau, zhat, g{'=0' if series.at_g0 else ''}"


def preparation(
    body: Sequence[str],
    result: str,
    at_g0: bool,
    alignment: Fraction | str | None = None,
    time: str = "tau",
) -> list[str]:
    """Definitions of the variables that the given lines use, and of no others."""
    text = " ".join((*body, result))
    definitions = (
        _aligned_definitions(at_g0, alignment)
        if alignment is not None
        else {
            "one": f"({time} * zhat * g)**0",
            "u": "g * g",
            "y": "zhat * zhat" if at_g0 else "zhat * zhat / x",
            "t": time if at_g0 or time != "tau" else "tau / (x * x)",
            "x": "(1 - g) * (1 + g)",
        }
    )
    used: list[str] = []
    for variable, definition in definitions.items():
        if _mentions(text, variable):
            used.insert(0, f"{variable} = {definition}")
            text += " " + definition
    return used


def _aligned_definitions(at_g0: bool, alignment: Fraction | str) -> dict[str, str]:
    """Definitions where m and w overlap, each before those that it needs."""
    symbolic = isinstance(alignment, str)
    definitions = {
        "u": "g * g",
        "y": "d * d" if at_g0 else "d * d / x",
        "v": "rho * rho" if at_g0 else "rho * rho * x",
        "e": "rho * d",
        "d": "zhat - rho",
    }
    if isinstance(alignment, Fraction):
        number = f"one * {abs(alignment.numerator)}"
        number += f" / {alignment.denominator}" if alignment.denominator != 1 else ""
        definitions["rho"] = f"-{number}" if alignment < 0 else number
    definitions["t"] = "tau" if at_g0 else "tau / (x * x)"
    definitions["x"] = "(1 - g) * (1 + g)"
    definitions["one"] = "(tau * zhat * g * rho)**0" if symbolic else "(tau * zhat * g)**0"
    return definitions


def _mentions(text: str, variable: str) -> bool:
    return variable in text.translate(str.maketrans("()*/+-=,", "        ")).split()


def horner_lines(series: Series, accumulator: str = "s") -> tuple[list[str], str]:
    """The lines that fill ``accumulator`` and the expression of the result."""
    orders = [k for k, coefficient in enumerate(series.scaled) if coefficient]
    constant = "rho + " if series.offset else ""
    if not orders:
        return [], f"{constant}0 * (tau * zhat * g)"
    common = lcm(*(_denominator(series.scaled[k]) for k in orders))
    body: list[str] = []
    for k in range(orders[-1], orders[0] - 1, -1):
        body += _step(series.scaled[k], common, accumulator, first=k == orders[-1])
    factors = ["zhat" if series.alignment is None else "d"] * series.zhat_power
    if not series.at_g0 and series.beta_power < 0:
        factors += ["x"] * -series.beta_power
    if orders[0]:
        factors.append("t" if orders[0] == 1 else f"t**{orders[0]}")
    divisors = _split_divisor(common)
    if not series.at_g0 and series.beta_power > 0:
        divisors += ["x"] * series.beta_power
    return body, constant + " / ".join([" * ".join([*factors, accumulator]), *divisors])


def _denominator(coefficient: Coefficient) -> int:
    return lcm(*(int(p.denom()) for _, _, p in coefficient.parts()[0]))


def _step(coefficient: Coefficient, common: int, accumulator: str, first: bool) -> list[str]:
    """Lines for ``s = coefficient + t * s``."""
    tail = "" if first else f" + t * {accumulator}"
    if not coefficient:
        return [f"{accumulator} = t * {accumulator}"]
    if coefficient.aligned:
        return _aligned_step(coefficient, common, accumulator, tail)
    levels = [_integers(p, common) for p in coefficient.numerators]
    content = gcd(*(c for level in levels for c in level))
    if all(c <= 0 for level in levels for c in level):
        content = -content
    inner = [[c // content for c in level] for level in levels]
    below, lines = "", []
    if not coefficient.denominator.is_one():
        scale = int(coefficient.denominator.denom())
        denominator = _integers(coefficient.denominator, scale)
        below = f" / ({nested([_integer(c) for c in denominator], 'u')})"
        content *= scale
    parts = [nested([_integer(c) for c in level], "u") for level in inner]
    expression = _times(_integer(abs(content)), nested(parts, "y"))
    if expression.startswith("(") and content == 1 and not (below or tail):
        expression = nested(parts, "y")
    line = f"{accumulator} = {'-' if content < 0 else ''}{expression}{below}{tail}"
    if len(line) <= WIDTH:
        return [line]
    lines.append(f"c = {parts[-1]}")
    lines += [f"c = {part} + y * c" if part != "0" else "c = y * c" for part in parts[-2::-1]]
    product = _times(_integer(abs(content)), "c")
    lines.append(f"{accumulator} = {'-' if content < 0 else ''}{product}{below}{tail}")
    return lines


def _aligned_step(coefficient: Coefficient, common: int, accumulator: str, tail: str) -> list[str]:
    """The same where m and w overlap: a sum over powers of e, of sums over y and over v."""
    lines = _aligned_lines(coefficient.aligned, common, "c")
    below = ""
    if coefficient.aligned_denominator != ((0, 0, ONE),):
        scale = lcm(*(int(p.denom()) for _, _, p in coefficient.aligned_denominator))
        lines += _aligned_lines(coefficient.aligned_denominator, scale, "b")
        below = " / b" if scale == 1 else f" * {_integer(scale)} / b"
    return [*lines, f"{accumulator} = c{below}{tail}"]


def _aligned_lines(parts: Sequence[Part], common: int, name: str) -> list[str]:
    """Lines that fill ``name`` with common * sum of rho^i Delta^j beta^((j-i)/2) p(g^2)."""
    levels: dict[int, dict[str, list[str]]] = {}
    for i, j, polynomial in parts:
        variable = "y" if j >= i else "v"
        entries = levels.setdefault(min(i, j), {"y": [], "v": []})[variable]
        entries += ["0"] * (abs(j - i) // 2 - len(entries))
        entries.append(nested([_integer(c) for c in _integers(polynomial, common)], "u"))
    lines: list[str] = []
    for power in range(max(levels), -1, -1):
        if lines:
            lines.append(f"{name} = e * {name}")
        for variable, entries in levels.get(power, {}).items():
            for n, entry in reversed(list(enumerate(entries))):
                if entry != "0":
                    factor = f"{variable} * " if n == 1 else f"{variable}**{n} * " if n else ""
                    entry = f"({entry})" if factor and " + " in entry else entry
                    lines.append(f"{name} = {factor}{entry}" + (f" + {name}" if lines else ""))
    return lines


def _integers(polynomial: fmpq_poly, common: int) -> list[int]:
    """Integer coefficients of ``common * polynomial``; ``common`` clears the denominator."""
    factor = common // int(polynomial.denom())
    return [int(c) * factor for c in polynomial.numer().coeffs()]


def nested(parts: list[str], variable: str) -> str:
    """parts[0] + v*(parts[1] + v*(...)), without zeros and ones."""
    expression = ""
    for part in reversed(parts):
        if not expression:
            expression = part if part != "0" else ""
            continue
        product = variable if expression == "1" else _times(variable, expression)
        expression = product if part == "0" else f"{part} + {product}"
    return expression or "0"


def _times(left: str, right: str) -> str:
    if right == "1":
        return left
    if left == "1":
        return f"({right})" if " + " in right else right
    return f"{left} * ({right})" if " + " in right else f"{left} * {right}"


def _integer(value: int) -> str:
    """An integer literal, or a sum of literals below 2^53 on the typed ``one``."""
    if value < 0:
        return f"(-{_integer(-value)})"
    if value < LARGEST:
        return str(value)
    high, low = divmod(value, BASE)
    above = f"{high} * one" if high < LARGEST else _integer(high)
    return f"({above} * {BASE} + {low})"


def _split_divisor(value: int) -> list[str]:
    """The divisor as factors below 2^53, dividing one after the other; a 1 is left out."""
    factors: list[int] = []
    rest, prime = value, 2
    while rest > 1:
        while rest % prime and prime * prime <= rest:
            prime += 1
        divisor = prime if rest % prime == 0 else rest
        if factors and factors[-1] * divisor < LARGEST:
            factors[-1] *= divisor
        else:
            factors.append(divisor)
        rest //= divisor
    return [str(factor) for factor in factors]
