"""Truncated Taylor series in learning time tau with exact coefficients.

Every N -> infinity observable of THEORY 2-4 has the form

    zhat^p beta^q  sum_k  ttilde^k  sum_j  (zhat^2 beta)^j  c_kj(g^2),

    ttilde = beta^2 tau,  beta = 1/(1 - g^2),

where c_kj is a polynomial in g^2 (from the fourth singular value on: a quotient of two). Where m and
w overlap, w.m = rho, zhat - rho stands in the place of zhat, and rho beside it:

    (zhat - rho)^p beta^q  sum_k  ttilde^k  sum_ei  (zhat - rho)^e rho^i beta^((e-i)/2)  c_kei(g^2),

e - i even; the readout alone has rho added. A
`Series` holds the c_kj exactly and shows them as sympy expressions in ``zhat`` and ``beta``, as
text in Python syntax, as LaTeX, and as numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

from flint import fmpq, fmpq_poly

from derive.reading.arguments import no_matrix, real_values
from derive.series.coefficient import Coefficient, Term
from derive.series.polynomial_text import in_beta_text, is_polynomial
from derive.series.taylor import TaylorSeries

if TYPE_CHECKING:
    import sympy

    from derive.series.program import Function
    from derive.series.scalar_machine import ScalarMachine


@dataclass(frozen=True, repr=False)
class Series(TaylorSeries):
    """A truncated Taylor series in tau; entry k multiplies tau**k (no factorial).

    Indexing gives sympy expressions in ``zhat`` and ``beta`` (derive.zhat, derive.beta). Numbers go in by
    them, ``series[3].subs({derive.zhat: 1, derive.beta: 2})``: they are positive, and so not the symbols of
    the same names made elsewhere. Calling it with ``(tau, zhat, g)`` evaluates it, on floats, numpy arrays,
    torch tensors, mpmath and flint numbers alike. zhat > 0 is assumed, 0 <= g < 1.
    ``at_g0`` marks a series in which
    g = 0, beta = 1 throughout; there ``g`` may be left out.

    ``alignment`` is None, or w.m where m and w overlap: a number, or "rho", which is then an
    argument too, ``(tau, zhat, g, rho)``. ``offset`` marks a series that has rho added.
    """

    symbol: str
    zhat_power: int
    beta_power: int
    scaled: tuple[Coefficient, ...]
    at_g0: bool = False
    alignment: Fraction | str | None = None
    offset: bool = False

    @property
    def target(self) -> str:
        """What the powers of zhat are powers of: ``zhat``, or ``(zhat - rho)``."""
        if self.alignment is None:
            return "zhat"
        sign = "+" if not isinstance(self.alignment, str) and self.alignment < 0 else "-"
        return f"(zhat {sign} {str(self.alignment).lstrip('-')})"

    def __len__(self) -> int:
        return len(self.scaled)

    def terms(self, k: int, factor: int = 1) -> tuple[list[Term], list[Term]]:
        """Numerator and denominator of ``factor`` times the coefficient of tau**k.

        Ordered by rising powers of zhat, then falling powers of beta.
        """
        above, below = self.scaled[k].parts()
        numerator: list[Term] = []
        for i, e, polynomial in above:
            beta_power = self.beta_power + 2 * k + (e - i) // 2
            numerator += self._in_beta(polynomial * factor, self.zhat_power + e, beta_power, i)
        denominator: list[Term] = []
        for i, e, polynomial in below:
            denominator += self._in_beta(polynomial, e, (e - i) // 2, i)
        if self.alignment is not None:
            numerator, denominator = self._collected(numerator), self._collected(denominator)
        shift = -min((term.beta_power for term in denominator), default=0)
        return _shifted(numerator, shift), _shifted(denominator, shift)

    def _in_beta(self, polynomial: fmpq_poly, zhat_power: int, beta_power: int, rho_power: int) -> list[Term]:
        """A polynomial in g^2 = 1 - 1/beta as terms in beta, highest power first."""
        in_inverse_beta = polynomial(fmpq_poly([1, -1]))
        return [
            Term(c, zhat_power, 0 if self.at_g0 else beta_power - i, rho_power)
            for i, c in enumerate(in_inverse_beta.coeffs())
            if c != 0
        ]

    def _collected(self, terms: list[Term]) -> list[Term]:
        """Sorted, with a number put in for rho where it is one."""
        totals: dict[tuple[int, int, int], fmpq] = {}
        for term in terms:
            coefficient, rho_power = term.coefficient, term.rho_power
            if isinstance(self.alignment, Fraction):
                number = fmpq(self.alignment.numerator, self.alignment.denominator)
                coefficient, rho_power = coefficient * number**rho_power, 0
            key = (term.zhat_power, -term.beta_power, rho_power)
            totals[key] = totals.get(key, fmpq(0)) + coefficient
        return [Term(c, zhat, -beta, rho) for (zhat, beta, rho), c in sorted(totals.items()) if c != 0]

    def text(self, k: int, factor: int = 1) -> str:
        """``factor`` times the coefficient of tau**k in Python syntax, in ``zhat`` and ``beta``.

        Where m and w overlap, in ``rho`` too, unless it is a number.
        """
        if k == 0 and self.offset:
            return str(self.alignment if factor == 1 else f"{factor}*({self.alignment})")
        if self.alignment is None and self.zhat_power >= 0 and is_polynomial(self.scaled[k]):
            return in_beta_text(self.scaled[k], self.zhat_power, self.beta_power + 2 * k, factor, self.at_g0)
        numerator, denominator = self.terms(k, factor)
        if denominator == [Term(fmpq(1), 0, 0)]:
            return python_text(numerator, self.target)
        return f"({python_text(numerator, self.target)})/({python_text(denominator, self.target)})"

    def coefficient(self, k: int, factor: int = 1) -> sympy.Expr:
        """``factor`` times the coefficient of tau**k as a sympy expression."""
        from derive.series.symbols import beta, rational, rho, zhat

        number = self.alignment if isinstance(self.alignment, Fraction) else Fraction(0)
        overlap = rho if isinstance(self.alignment, str) else rational(fmpq(*number.as_integer_ratio()))
        if k == 0 and self.offset:
            return factor * overlap
        target = zhat - overlap

        def expression(terms: list[Term]) -> sympy.Expr:
            monomials = (
                rational(t.coefficient) * target**t.zhat_power * beta**t.beta_power * rho**t.rho_power
                for t in terms
            )
            return sum(monomials, start=rational(0))

        numerator, denominator = self.terms(k, factor)
        return expression(numerator) / expression(denominator)

    def _truncated(self, order: int) -> Series:
        return replace(self, scaled=self.scaled[: order + 1])

    def __call__(self, tau: Any, zhat: Any, g: Any = None, rho: Any = None) -> Any:
        """The truncated sum at learning time ``tau`` (not ttilde), target ``zhat``, strength ``g``.

        ``rho`` is given where ``alignment`` is "rho", and nowhere else. Runs the program that
        every emitted function is printed from. Raises ValueError unless 0 <= g < 1, and for tau and zhat that
        are not real and finite; TypeError for what is no number.
        """
        plain = type(tau) is type(zhat) is type(g) is float and rho is None
        if plain and 0 <= g < 1 and isfinite(tau) and isfinite(zhat) and self._scalars is not None:
            return self._scalars(tau, zhat, g)
        if g is None:
            if not self.at_g0:
                raise TypeError(f"{self.symbol}(tau, zhat, g): g is missing")
            g = 0
        check_strength(g)
        real_values("tau", tau)
        real_values("zhat", zhat)
        no_matrix("rho", rho)
        if (rho is not None) != isinstance(self.alignment, str):
            missing = rho is None
            raise TypeError(
                f"{self.symbol}(tau, zhat, g{', rho' * missing}): rho is {'missing' if missing else 'fixed'}"
            )
        return self._function(tau, zhat, g) if rho is None else self._function(tau, zhat, g, rho)

    @cached_property
    def _scalars(self) -> ScalarMachine | None:
        return None if isinstance(self.alignment, str) else self._function.scalars

    def program(self, name: str = "series", doc: str = "", time: str = "tau") -> Function:
        """The truncated sum as a function of (tau, zhat, g), and of rho where ``alignment`` is "rho".

        With ``time`` "delta" a function of (delta, zhat, g), delta in the place of beta^2 tau.
        """
        from derive.series.series_program import series_function  # not loaded where nothing is evaluated

        return series_function(name, self, doc, time)


def check_strength(g: Any) -> None:
    """Raises ValueError for numbers and arrays outside 0 <= g < 1; symbols, tracers pass. As `no_matrix`."""
    no_matrix("g", g)
    complex_numbers = isinstance(g, complex) or "complex" in str(getattr(g, "dtype", ""))
    try:
        inside = (g >= 0) & (g < 1)
        outside = not bool(inside.all() if hasattr(inside, "all") else inside)
    except (TypeError, ValueError, RuntimeError):
        outside = False
    if complex_numbers or outside:
        raise ValueError(f"g = {str(g)[:80]}: allowed is 0 <= g < 1, real")


def _shifted(terms: list[Term], beta_power: int) -> list[Term]:
    return [replace(t, beta_power=t.beta_power + beta_power) for t in terms] if beta_power else terms


def power_text(name: str, power: int) -> str:
    """``name**power`` for a power >= 1."""
    return name if power == 1 else f"{name}**{power}"


def python_text(terms: Sequence[Term], target: str = "zhat") -> str:
    """A sum of terms in Python syntax, e.g. ``zhat*beta**6/6 + 4*zhat**3*beta**7/3``."""
    text = ""
    for term in terms:
        numerator, denominator = abs(int(term.coefficient.p)), int(term.coefficient.q)
        above = [str(numerator)] if numerator != 1 else []
        below = [str(denominator)] if denominator != 1 else []
        powers = ((target, term.zhat_power), ("beta", term.beta_power), ("rho", term.rho_power))
        for name, power in powers:
            if power:
                (above if power > 0 else below).append(power_text(name, abs(power)))
        magnitude = "/".join(["*".join(above) or "1", *below])
        sign = "-" if term.coefficient < 0 else "+"
        text += f" {sign} {magnitude}" if text else magnitude if sign == "+" else f"-{magnitude}"
    return text or "0"
