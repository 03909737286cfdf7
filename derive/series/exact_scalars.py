"""Exact scalars for series: rational numbers, or polynomials in symbols and a few reciprocals.

`Rationals` are flint rationals. In `Symbols` a scalar is a flint polynomial over the rationals in the
given symbols and in one further generator r for every irreducible factor f of the denominators that can
occur, r f = 1: dividing is multiplying by such generators, and the remainder of a division by r f - 1 is
the scalar in lower terms. Equal scalars may look different.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd, lcm
from numbers import Number
from typing import TYPE_CHECKING, Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx
from flint.utils.flint_exceptions import DomainError

from derive.reading.formula import as_sympy
from derive.reading.parse import is_symbol, parse, shown

if TYPE_CHECKING:
    import sympy

Powers = tuple[int, ...]
ALLOWED = "numbers and polynomials in symbols"

Polynomial = dict[Powers, Any]
"""Rational coefficients by powers of the symbols."""


class Rationals:
    """Rational numbers."""

    names: tuple[str, ...] = ()
    factors: tuple[Polynomial, ...] = ()

    def __init__(self, values: Sequence[sympy.Expr]) -> None:
        self.values = [_rational(value) for value in values]

    def fractions(self, value: Any) -> dict[Powers, Polynomial]:
        """A scalar over nothing; empty for zero."""
        return {(): {(): value}} if value else {}

    def scalar(self, fractions: dict[Powers, Polynomial]) -> Any:
        """The inverse of ``fractions``."""
        return fractions[()][()] if fractions else fmpq(0)

    def reciprocal(self, value: Any) -> Any:
        """1/value. Raises ZeroDivisionError for zero."""
        return 1 / value

    def lowest(self, value: Any) -> Any:
        """A scalar in lowest terms."""
        return value


class Symbols:
    """Polynomials in the symbols of ``values`` and in the reciprocals of ``factors``, those of
    ``denominators(values)``.

    Raises ValueError for a value that is not a polynomial in its symbols.
    """

    def __init__(
        self, values: Sequence[sympy.Expr], denominators: Callable[[Sequence[Any]], Sequence[Any]]
    ) -> None:

        symbols = sorted(set().union(*(value.free_symbols for value in values)), key=str)
        for name in map(str, symbols):
            if not (name.isascii() and name.isidentifier() and is_symbol(name)):
                raise ValueError(f"{shown(name)}: allowed as a symbol is a name in letters, digits and _")
        for value in values:
            if not value.is_polynomial(*symbols):
                raise ValueError(f"{shown(str(value))}: allowed are {ALLOWED}")
        found: list[Polynomial] = []
        plain = fmpq_mpoly_ctx.get([f"x{k}" for k in range(len(symbols))], Ordering.lex)
        for value in denominators(values):
            for factor, _ in plain.from_dict(_polynomial(value, symbols)).factor()[1]:
                coefficients = _with_integers(factor).to_dict()
                found += [coefficients] if coefficients not in found else []
        self._set(tuple(symbol.name for symbol in symbols), tuple(found))
        self.values = [self._plain_scalar(_polynomial(value, symbols)) for value in values]

    def _set(self, names: tuple[str, ...], factors: tuple[Polynomial, ...]) -> None:
        """The ring of the symbols and of the reciprocals of the factors."""
        self.names, self.factors = names, factors
        count = len(names) + len(factors)
        self._context = fmpq_mpoly_ctx.get([f"x{k}" for k in range(count)], Ordering.lex)
        inverses = self._context.gens()[len(names) :]
        self._pairs = list(zip(map(self._plain_scalar, factors), inverses, strict=True))

    def _plain_scalar(self, polynomial: Polynomial) -> Any:
        return self.scalar({(0,) * len(self.factors): polynomial})

    def scalar(self, fractions: dict[Powers, Polynomial]) -> Any:
        """The inverse of ``fractions``."""
        return self._context.from_dict(
            {powers + below: c for below, above in fractions.items() for powers, c in above.items()}
        )

    def fractions(self, value: Any) -> dict[Powers, Polynomial]:
        """Numerators by the powers of ``factors`` that they stand over."""
        groups: dict[Powers, Polynomial] = {}
        count = len(self.names)
        for powers, coefficient in value.to_dict().items():
            groups.setdefault(powers[count:], {})[powers[:count]] = coefficient
        return dict(sorted(groups.items()))

    def reciprocal(self, value: Any) -> Any:
        """1/value of a product of ``factors``, which only such is divided by."""
        inverse = self._context.constant(1)
        for factor, generator in self._pairs:
            value, count = _divided(value, factor)
            inverse = inverse * generator**count
        return inverse / value.leading_coefficient()

    def lowest(self, value: Any) -> Any:
        """A scalar in lower terms: numerators share no factor with their denominators, and no r stands
        beside the leading monomial of its f."""
        total = self._context.constant(0)
        nothing = (0,) * len(self.factors)
        for powers, numerator in self.fractions(value).items():
            part = self._context.from_dict({p + nothing: c for p, c in numerator.items()})
            for (factor, generator), power in zip(self._pairs, powers, strict=True):
                part, count = _divided(part, factor, power)
                part = part * generator ** (power - count)
            total = total + part
        before = None
        while total != before:
            before = total
            for factor, generator in self._pairs:
                total = divmod(total, factor * generator - 1)[1]
        return total


def restored(names: tuple[str, ...], factors: Sequence[Polynomial]) -> Rationals | Symbols:
    """The scalars of these symbols and factors."""
    if not names:
        return Rationals([])
    scalars = Symbols([], lambda values: [])
    scalars._set(names, tuple(factors))
    return scalars


def _divided(value: Any, factor: Any, most: int | None = None) -> tuple[Any, int]:
    """``value`` over the highest power of ``factor`` that divides it, at most ``most``, and that power."""
    count = 0
    while count != most:
        try:
            value = value / factor
        except DomainError:
            break
        count += 1
    return value, count


def _polynomial(value: sympy.Expr, symbols: Sequence[sympy.Symbol]) -> Polynomial:
    import sympy

    return {powers: _rational(c) for powers, c in sympy.Poly(value, *symbols).terms()}


def _with_integers(factor: Any) -> Any:
    """A multiple with coprime integer coefficients, the constant one positive if there is one."""
    coefficients = factor.coeffs()
    scale = fmpq(lcm(*(int(c.q) for c in coefficients)), gcd(*(int(c.p) for c in coefficients)))
    return factor * (-scale if coefficients[-1] < 0 else scale)


def exact(value: Any) -> sympy.Expr:
    """A number, text or sympy expression as exact sympy: floats as the decimal they print as.

    Text may hold what `derive.reading.parse` reads, and every name is a symbol. Raises ValueError for
    anything else: text never reaches sympy's own reader, which would run it as Python.
    """
    import sympy

    if isinstance(value, sympy.Expr):
        given = sympy.nsimplify(value, rational=True)
    elif isinstance(value, str | Number) and not isinstance(value, bool):
        try:
            given = as_sympy(parse(str(value), allowed=ALLOWED))
        except ZeroDivisionError:
            given = sympy.nan
    else:
        raise ValueError(f"{shown(str(value))}: allowed are {ALLOWED}")
    if given.has(sympy.nan, sympy.oo, -sympy.oo, sympy.zoo):
        raise ValueError(f"{shown(str(value))}: not finite; allowed are {ALLOWED}")
    return given


def _rational(value: sympy.Expr) -> fmpq:
    return fmpq(int(value.p), int(value.q))
