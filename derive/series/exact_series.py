"""A truncated Taylor series in tau whose coefficients are numbers or quotients of polynomials in symbols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derive.series.exact_scalars import Numbers, Polynomial, Symbols
from derive.series.taylor import TaylorSeries, compiled

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
    scalars: Numbers | Symbols

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
        """The truncated sum at learning time ``tau``. Runs the very lines that are emitted as Python."""
        return self._function(tau, *values)

    def _truncated(self, order: int) -> ExactSeries:
        return replace(self, coefficients=self.coefficients[: order + 1])

    @cached_property
    def _function(self) -> Callable[..., Any]:
        from derive.series.exact_horner import exact_function_source

        return compiled(exact_function_source("series", self, docstring=None))
