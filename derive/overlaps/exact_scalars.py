"""Exact scalars for series: rational numbers, or polynomials in symbols and a few reciprocals.

`Numbers` are flint rationals. In `Symbols` a scalar is a flint polynomial over the rationals in the
given symbols and in one further generator for every denominator named beforehand, so that dividing
by a denominator is multiplying by its generator. Nothing is ever reduced; equal expressions may look
different.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

if TYPE_CHECKING:
    import sympy


class Numbers:
    """Rational numbers."""

    names: tuple[str, ...] = ()
    denominators: tuple[Any, ...] = ()

    def __init__(self, values: Sequence[sympy.Expr]) -> None:
        self.values = [_rational(value) for value in values]

    def terms(self, value: Any) -> dict[tuple[int, ...], Any]:
        """The rational coefficient of the empty monomial; empty for zero."""
        return {(): value} if value else {}

    def reciprocal(self, value: Any) -> Any:
        """1/value. Raises ZeroDivisionError for zero."""
        return 1 / value

    def expression(self, value: Any) -> sympy.Expr:
        """A scalar as a sympy number."""
        from derive.algebra.symbols import rational

        return rational(value)


class Symbols:
    """Polynomials in the symbols of ``values`` and in the reciprocals of ``denominators(values)``.

    Raises ValueError for a value that is not a polynomial in its symbols.
    """

    def __init__(
        self, values: Sequence[sympy.Expr], denominators: Callable[[Sequence[Any]], Sequence[Any]]
    ) -> None:
        import sympy

        symbols = sorted(set().union(*(value.free_symbols for value in values)), key=str)
        for value in values:
            if not value.is_polynomial(*symbols):
                raise ValueError(f"{value}: allowed are numbers and polynomials in symbols")
        below = denominators(values)
        names = tuple(f"x{k}" for k in range(len(symbols) + len(below)))
        self._context = fmpq_mpoly_ctx.get(names, Ordering.lex)
        generators = self._context.gens()
        self._symbols = symbols
        self._below = [sympy.factor(value) for value in below]

        def polynomial(value: sympy.Expr) -> Any:
            terms = sympy.Poly(value, *symbols).terms()
            padding = (0,) * len(below)
            return self._context.from_dict({powers + padding: _rational(c) for powers, c in terms})

        self.values = [polynomial(value) for value in values]
        inverse = generators[len(symbols) :]
        self._reciprocals = [(polynomial(value), inverse[k]) for k, value in enumerate(below)]
        self.names = tuple(symbol.name for symbol in symbols)
        self.denominators = tuple(value for value, _ in self._reciprocals)

    def terms(self, value: Any) -> dict[tuple[int, ...], Any]:
        """Rational coefficients by powers of the symbols ``names``, then of the reciprocals of
        ``denominators``."""
        return dict(value.to_dict())

    def reciprocal(self, value: Any) -> Any:
        """1/value for a number or a denominator named beforehand."""
        if value.is_constant():
            return self._context.constant(1 / value.leading_coefficient())
        for denominator, generator in self._reciprocals:
            if value == denominator:
                return generator
        raise AssertionError("a denominator that was not named")

    def expression(self, value: Any) -> sympy.Expr:
        """A scalar as a sympy expression, the terms of one denominator together."""
        import sympy

        groups: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
        count = len(self._symbols)
        for powers, coefficient in value.to_dict().items():
            groups.setdefault(powers[count:], {})[powers[:count]] = sympy.Rational(
                int(coefficient.p), int(coefficient.q)
            )
        total = sympy.Integer(0)
        for powers in sorted(groups):
            numerator = sympy.Poly(groups[powers], *self._symbols).as_expr()
            below = sympy.prod(b**power for b, power in zip(self._below, powers, strict=True))
            total += sympy.factor(numerator) / below
        return total


def exact(value: Any) -> sympy.Expr:
    """A number or expression as exact sympy: floats as the decimal they print as.

    Text may hold numbers, names, + - * / and brackets, and every name is a symbol. Raises ValueError
    for anything else: sympy would run other text as Python.
    """
    import sympy

    if not isinstance(value, str | float):
        return sympy.nsimplify(sympy.sympify(value), rational=True)
    text = str(value)
    names = re.findall(r"(?<![\w.])[A-Za-z_]\w*", text)
    plain = re.fullmatch(r"[\w+\-*/(). ]+", text) and not re.search(
        r"[A-Za-z_]\w*\s*\(|__|[A-Za-z_]\w*\s*\.", text
    )
    try:
        if not plain:
            raise SyntaxError
        parsed = sympy.sympify(text, locals={name: sympy.Symbol(name) for name in names})
        return sympy.nsimplify(parsed, rational=True)
    except (SyntaxError, TypeError, ValueError):  # sympy's own SympifyError is a ValueError
        raise ValueError(f"{text}: allowed are numbers and polynomials in symbols") from None


def _rational(value: sympy.Expr) -> fmpq:
    return fmpq(int(value.p), int(value.q))
