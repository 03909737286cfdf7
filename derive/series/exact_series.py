"""A truncated Taylor series in tau whose coefficients are numbers or quotients of polynomials in symbols."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from derive.series.exact_program import exact_function
from derive.series.exact_scalars import Polynomial, Rationals, Symbols, restored
from derive.series.program import Function
from derive.series.taylor import TaylorSeries

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, eq=False, repr=False)
class ExactSeries(TaylorSeries):
    """Entry k multiplies tau**k; ``coefficients`` are scalars of ``scalars``.

    Called with tau and one value for each of the symbols, in alphabetical order, it gives the sum, on
    floats, numpy arrays, torch tensors and mpmath numbers alike.
    """

    symbol: str
    coefficients: tuple[Any, ...]
    scalars: Rationals | Symbols

    def __len__(self) -> int:
        return len(self.coefficients)

    def coefficient(self, k: int) -> sympy.Expr:
        """The coefficient of tau**k as a sympy expression, the terms of one denominator together."""
        import sympy

        from derive.series.symbols import rational

        symbols = sympy.symbols(self.scalars.names)

        def expression(polynomial: Polynomial) -> sympy.Expr:
            return sympy.Add(
                *(
                    rational(c) * sympy.Mul(*(x**p for x, p in zip(symbols, powers, strict=True)))
                    for powers, c in polynomial.items()
                )
            )

        factors = [expression(factor) for factor in self.scalars.factors]
        return sympy.Add(
            *(
                expression(numerator) / sympy.Mul(*(f**p for f, p in zip(factors, powers, strict=True)))
                for powers, numerator in self.scalars.fractions(self.coefficients[k]).items()
            )
        )

    def text(self, k: int) -> str:
        """The coefficient of tau**k in Python syntax."""
        return str(self.coefficient(k))

    def __call__(self, tau: Any, *values: Any) -> Any:
        """The truncated sum at learning time ``tau``. Runs the program that is emitted."""
        return self._function(tau, *values)

    def _truncated(self, order: int) -> ExactSeries:
        return replace(self, coefficients=self.coefficients[: order + 1])

    def program(self, name: str = "series", doc: str = "") -> Function:
        """The truncated sum as a function of tau and the symbols."""
        return exact_function(name, self.coefficients, self.scalars, doc)

    def _plain(self) -> tuple[Any, ...]:
        """What makes two series equal: numbers and tuples."""
        return (
            self.symbol,
            self.scalars.names,
            tuple(tuple(sorted(factor.items())) for factor in self.scalars.factors),
            tuple(
                tuple((powers, tuple(sorted(above.items()))) for powers, above in fractions.items())
                for fractions in map(self.scalars.fractions, self.coefficients)
            ),
        )

    def __eq__(self, other: object) -> bool:
        return self._plain() == other._plain() if isinstance(other, ExactSeries) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._plain())

    def __reduce__(self) -> tuple[Any, ...]:
        return _exact_series, self._plain()


def _exact_series(symbol: str, names: Any, factors: Any, coefficients: Any) -> ExactSeries:
    """The inverse of `ExactSeries._plain`."""
    fractions = [{powers: dict(above) for powers, above in entry} for entry in coefficients]
    scalars = restored(names, [dict(factor) for factor in factors])
    return ExactSeries(symbol, tuple(map(scalars.scalar, fractions)), scalars)
