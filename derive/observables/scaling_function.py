"""The scaling functions at g -> 1: all curves collapse on them (paper, section 3; THEORY 3).

At fixed y = zhat^2 beta and ttilde = beta^2 tau (or delta = z/zhat) every series

    zhat^p beta^q sum_k ttilde^k sum_j y^j c_kj(g^2)

divided by its prefactor zhat^p beta^q tends to sum_k ttilde^k sum_j y^j c_kj(1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flint import fmpq_poly

from derive.observables.learning_end import ProgressSeries
from derive.reading.arguments import of_kind, real_values
from derive.series.coefficient import Coefficient, Term
from derive.series.series import Series, python_text
from derive.series.taylor import TaylorSeries

if TYPE_CHECKING:
    import sympy

    from derive.series.program import Function


@dataclass(frozen=True, repr=False)
class ScalingFunction(TaylorSeries):
    """The limit of one series over its prefactor: entry k multiplies ttilde**k (or delta**k).

    Its coefficients are polynomials in y = zhat^2 beta with rational coefficients; ``of`` is the
    series in tau (or with tau in the place of delta/beta^2) whose limit it is.
    """

    of: Series
    variable: str = "ttilde"

    @property
    def symbol(self) -> str:  # type: ignore[override]
        """The name of the series whose limit it is."""
        return self.of.symbol

    def __len__(self) -> int:
        return len(self.of)

    def _truncated(self, order: int) -> ScalingFunction:
        return replace(self, of=self.of.truncate(order))

    def polynomial(self, k: int) -> fmpq_poly:
        """The coefficient of the k-th power, a polynomial in y."""
        coefficient = self.of.scaled[k]
        below = coefficient.denominator(1)
        return fmpq_poly([p(1) / below for p in coefficient.numerators])

    def coefficient(self, k: int) -> sympy.Expr:
        """The coefficient of the k-th power as a sympy expression in the symbol ``y``."""
        import sympy

        from derive.series.symbols import rational

        y = sympy.Symbol("y", positive=True)
        terms = (rational(c) * y**j for j, c in enumerate(self.polynomial(k).coeffs()))
        return sum(terms, start=sympy.Integer(0))

    def terms(self, k: int) -> list[Term]:
        """The terms of the k-th coefficient, in which y stands for zhat."""
        return [Term(c, j, 0) for j, c in enumerate(self.polynomial(k).coeffs()) if c]

    def text(self, k: int) -> str:
        """The coefficient of the k-th power in Python syntax, in ``y``."""
        return python_text(self.terms(k), "y")

    def program(self, name: str = "series", doc: str = "") -> Function:
        """The truncated sum as a function of (ttilde, y), or (delta, y)."""
        from derive.observables.programs import scaling_program

        single = {self.symbol: self.in_square_root}
        return scaling_program(name, single, self.variable, doc, lambda values: values[self.symbol])

    def __call__(self, time: Any, y: Any) -> Any:
        """The truncated sum at ttilde (or delta) and y = zhat^2 beta."""
        real_values(self.variable, time)
        real_values("y", y)
        return self._function(time, y)

    @property
    def in_square_root(self) -> Series:
        """The same function as a series at g = 0 of (time, sqrt y), where y = zhat^2."""
        rows = (self.polynomial(k).coeffs() for k in range(len(self)))
        scaled = tuple(Coefficient(tuple(fmpq_poly([c]) for c in row)) for row in rows)
        return Series(self.of.symbol, 0, 0, scaled, at_g0=True)


def scaling_function(series: Series | ProgressSeries) -> ScalingFunction:
    """The limit g -> 1 of a series in tau or in delta. Raises ValueError as `universal` does."""
    of_kind("series", series, (Series, ProgressSeries), "a series of an expansion")
    of, variable = (series.in_tau, "delta") if isinstance(series, ProgressSeries) else (series, "ttilde")
    if of.at_g0 or of.alignment is not None:
        raise ValueError(f"the limit g -> 1 of {of!r}: allowed are series for general g, alignment 0")
    return ScalingFunction(of, variable)


def universal(series: Series | ProgressSeries) -> sympy.Expr:
    """The scaling function at g -> 1 with y = zhat^2 beta fixed, of a series in tau or in delta.

    lim series/(zhat^p beta^q) as a polynomial in the symbols ``ttilde`` (or ``delta``) and ``y``, p and
    q the powers of the series' prefactor (for the readout z/zhat, for |dW| and s_r times beta/zhat).
    Raises ValueError at g = 0 and for overlapping m and w.

    >>> from derive import FixedPointTask, expand
    >>> universal(expand(FixedPointTask(), 3).readout)
    ttilde**3*(4*y/3 + 1/6) - ttilde**2/2 + ttilde
    >>> universal(expand(FixedPointTask(), 3).learning_end.weight_change)
    -3*delta**3*y/4 + delta
    """
    if not hasattr(series, "coefficient"):
        raise TypeError(f"series {series!r}: allowed are the series of an expansion")
    return scaling_function(series).as_expr()
