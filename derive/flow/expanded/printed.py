"""Exact scalars of a flow in Python syntax, as sympy and JSON readers take it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from derive.flow.expanded.fractions import Fraction, StartFunction, Terms, Variables

LONGEST_SUM = 500
"""Terms of one sum: Python's compiler, and sympify with it, nests a level a term and ends at some 3000."""


def fraction_text(value: Fraction, variables: Variables) -> str:
    """One fraction, e.g. ``4*zhat**3*beta**7/3 + zhat*beta**6/6``."""
    if not value.numerator:
        return "0"
    numerator = polynomial_text(value.numerator, variables)
    if not (value.beta_power or value.factors):
        return numerator
    above = f"({numerator})" if _is_sum(numerator) else numerator
    if value.beta_power:
        beta = power_text("beta", value.beta_power)
        above = beta if above == "1" else f"{above}*{beta}"
    if not value.factors:
        return above
    below = [power_text(f"({polynomial_text(dict(f), variables)})", n) for f, n in value.factors]
    return f"{above}/{below[0]}" if len(below) == 1 else f"{above}/({'*'.join(below)})"


def complex_text(re: Fraction, im: Fraction, variables: Variables) -> str:
    """re + I*(im)."""
    if not im.numerator:
        return fraction_text(re, variables)
    imaginary = fraction_text(im, variables)
    negative = imaginary.startswith("-") and " " not in imaginary
    imaginary = imaginary[1:] if negative else imaginary
    product = f"I*({imaginary})" if " " in imaginary else f"I*{imaginary}"
    product = "I" if imaginary == "1" else product
    if not re.numerator:
        return f"-{product}" if negative else product
    return f"{fraction_text(re, variables)} {'-' if negative else '+'} {product}"


def polynomial_text(terms: Terms, variables: Variables) -> str:
    """A sum of monomials, the total degree falling; longer than `LONGEST_SUM` in parentheses of that many."""
    signed = [
        ("- " if c < 0 else "+ ") + monomial_text(abs(int(c.p)), int(c.q), named_powers(powers, variables))
        for powers, c in ordered(terms)
    ]
    if len(signed) <= LONGEST_SUM:
        return _sum(signed)
    blocks = (signed[start : start + LONGEST_SUM] for start in range(0, len(signed), LONGEST_SUM))
    return " + ".join(f"({_sum(block)})" for block in blocks)


def _sum(signed: Sequence[str]) -> str:
    """``+ a``, ``- b``, ... as ``a - b``."""
    if not signed:
        return "0"
    text = " ".join(signed)
    return text[2:] if text.startswith("+") else f"-{text[2:]}"


def ordered(terms: Terms) -> list[tuple[tuple[int, ...], Any]]:
    """Terms by falling total degree, then by falling powers of the first variables."""
    return sorted(terms.items(), key=lambda term: (-sum(term[0]), [-n for n in term[0]]))


def monomial_text(above: int, below: int, factors: Iterable[tuple[str, int]]) -> str:
    """above/below times powers."""
    powers = [power_text(name, n) for name, n in factors if n]
    product = "*".join(([str(above)] if above != 1 or not powers else []) + powers)
    return product if below == 1 else f"{product}/{below}"


def named_powers(powers: tuple[int, ...], variables: Variables) -> list[tuple[str, int]]:
    """Names, or texts of functions, with their powers; g**2 for its square."""
    found = []
    for position, power in enumerate(powers):
        if position == variables.square:
            found.append(("g", 2 * power))
        elif position > variables.square:
            function = variables.functions[position - variables.square - 1]
            found.append((function_text(function, variables), power))
        else:
            found.append((variables.names[position], power))
    return found


def function_text(function: StartFunction, variables: Variables) -> str:
    """exp(rho), sqrt(x), ..."""
    above, below = polynomial_text(function.above, variables), polynomial_text(function.below, variables)
    if below != "1":
        above = (f"({above})" if _is_sum(above) else above) + f"/({below})"
    return f"{'sqrt' if function.kind == 'root' else function.kind}({above})"


def power_text(base: str, power: int) -> str:
    """base**power."""
    return base if power == 1 else f"{base}**{power}"


def _is_sum(text: str) -> bool:
    return " " in text or text.startswith("-")
