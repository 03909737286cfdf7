"""The equation for the outliers of W = W0 + dW as an exact series in learning time (THEORY 4, 3).

    D(lambda, tau) = det(1 - C Gamma(lambda)) = 0,   |lambda| > g,   Gamma_ji = gamma_{(i+j+1)/2}, i + j odd,

at N -> infinity, for independent m and w, W alone learning. With nu_n = beta^(3n-1) N_n(g^2), n >= 1, the
recursion of `derive.exact.outliers` reads in scaled variables

    gamma_n = beta^(3n-1) sigma H_n,      H_n = N_n + g^2 rho sum_{0<k<n} H_k N_{n-k},
    sigma = lambda/(lambda - g^2)^2,      rho = 1/(beta (lambda - g^2)),

and C_ij = zhat^(i+j+1) beta^(-2-i-j) times a series in theta = beta^2 s/zhat that starts at
theta^(i+j+1): the block i, j < K gives D exactly through tau^K. In the determinant every row comes
with sigma/beta^2, and only even powers of zhat remain:

    D = 1 + sum_{m >= 1, q >= 0}  lambda^m/(lambda - g^2)^(2m+q)  D_mq(tau),

D_mq = O(tau^max(2m + 2q, m^2)) a `Series` of the usual kind with the prefactor beta^(-2m-q). At g = 0
this is det(1 - A/lambda), A the matrix of Eq. 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flint import Ordering, fmpq_mpoly, fmpq_mpoly_ctx, fmpq_poly

from derive.flow.large_n import LargeN
from derive.flow.problem import FixedPointTask
from derive.series.assignment import Argument, Assignment
from derive.series.expression import ONE, ZERO, Expression, Name
from derive.series.program import Function
from derive.series.series import Series
from derive.series.series_program import arguments, definitions, joint_function
from derive.series.taylor import TaylorSeries
from derive.words.moments import scaled_odd_moment

if TYPE_CHECKING:
    import sympy

PowerSeries = dict[int, fmpq_mpoly]
"""Coefficients in theta by power, none of them zero."""

RING = fmpq_mpoly_ctx.get(("u", "rho", "sigma"), Ordering.lex)  # u = g^2; sigma stands for sigma/beta^2


@dataclass(frozen=True)
class OutlierTerm:
    """lambda^m/(lambda - g^2)^(2m+q) times a series in tau; the first, m = q = 0, is the 1 of D."""

    m: int
    q: int
    series: Series

    @property
    def powers(self) -> tuple[int, int]:
        """The powers of lambda above and of lambda - g^2 below; at g = 0 of lambda below alone."""
        return (0, self.m) if self.series.at_g0 else (self.m, 2 * self.m + self.q)

    def text(self, k: int) -> str:
        """The coefficient of tau**k in Python syntax, in ``zhat``, ``beta`` and ``lam``."""
        coefficient, (above, below) = self.series.text(k), self.powers
        if below == 0:
            return coefficient
        factor = "" if above == 0 else "*lam" if above == 1 else f"*lam**{above}"
        divisor = "lam" if self.series.at_g0 else "(lam - 1 + 1/beta)"
        return f"({coefficient}){factor}/{divisor}" + (f"**{below}" if below > 1 else "")


@dataclass(frozen=True, repr=False)
class OutlierEquation(TaylorSeries):
    """D(lambda, tau) = det(1 - C Gamma(lambda)), whose roots with |lambda| > g are the outliers of W.

    Entry k multiplies tau**k, a sympy expression in ``zhat``, ``beta`` and ``lam`` (derive.lam);
    called with ``(lam, tau, zhat, g)`` it gives numbers, for real and complex lam, arrays and
    mpmath. lambda, zhat and g are dimensionless. The radius of convergence is that of W(tau).
    """

    parts: tuple[OutlierTerm, ...]
    symbol = "D"

    def __len__(self) -> int:
        return len(self.parts[0].series)

    @property
    def at_g0(self) -> bool:
        """Whether g = 0, beta = 1 throughout; ``g`` may be left out of a call then."""
        return self.parts[0].series.at_g0

    def coefficient(self, k: int) -> sympy.Expr:
        """The coefficient of tau**k."""
        import sympy

        from derive.series.symbols import beta, lam

        q = lam if self.at_g0 else lam - 1 + 1 / beta
        terms = (
            part.series.coefficient(k) * lam**above / q**below
            for part in self.parts
            for above, below in [part.powers]
        )
        return sum(terms, start=sympy.Integer(0))

    def present(self, k: int) -> list[OutlierTerm]:
        """The terms that occur in the coefficient of tau**k."""
        return [part for part in self.parts if part.series.scaled[k]]

    def text(self, k: int) -> str:
        """The coefficient of tau**k in Python syntax, in ``zhat``, ``beta`` and ``lam``."""
        return " + ".join(part.text(k) for part in self.present(k)) or "0"

    def _truncated(self, order: int) -> OutlierEquation:
        parts = (replace(part, series=part.series.truncate(order)) for part in self.parts)
        return OutlierEquation(tuple(part for part in parts if any(part.series.scaled)))

    def program(self, name: str = "series", doc: str = "") -> Function:
        """D as a function of (lam, tau, zhat, g): nested sums over m and q."""
        first = self.parts[0].series
        given = (Argument("lam"), *arguments(first))
        parts = self.parts[1:]
        lam, q, r = map(Name, ("lam", "q", "r"))

        def stepped(value: Expression) -> Expression:
            return value / lam if self.at_g0 else value * r

        def determinant(values: Mapping[str, Expression]) -> tuple[list[Assignment], Expression]:
            body = [] if self.at_g0 else [Assignment("q", lam - Name("u")), Assignment("r", lam / (q * q))]
            above: Expression = ZERO
            for m in range(max((part.m for part in parts), default=0), 0, -1):
                row: Expression = ZERO
                for part in reversed([part for part in parts if part.m == m]):
                    row = values[part.series.symbol.lower()] + (row / q if row != ZERO else ZERO)
                body.append(Assignment(f"d{m}", row + (stepped(above) if above != ZERO else ZERO)))
                above = Name(f"d{m}")
            return body, 1 + stepped(above) if above != ZERO else ONE

        series = {part.series.symbol.lower(): part.series for part in parts}
        return joint_function(name, series, determinant, doc, given, definitions(first, given))

    def __call__(self, lam: Any, tau: Any, zhat: Any, g: Any = None) -> Any:
        """The truncated sum at lambda = ``lam``, learning time ``tau`` (not ttilde), target and strength."""
        if g is None:
            if not self.at_g0:
                raise TypeError("D(lam, tau, zhat, g): g is missing")
            g = 0
        return self._function(lam, tau, zhat, g)


def outlier_equation(task: FixedPointTask, order: int) -> OutlierEquation:
    """D through tau^order. Raises ValueError unless W alone learns, with m and w independent."""
    if task.train != ("W",) or task.alignment != 0:
        raise ValueError("the outlier equation: allowed are W alone learning and alignment 0")
    limit = LargeN(order, task.g0)
    by_factor: dict[tuple[int, int], list[fmpq_poly]] = {}
    for power, coefficient in _determinant(limit).items():
        for (u, q, m), value in coefficient.to_dict().items():
            values = by_factor.setdefault((int(m), int(q)), [fmpq_poly([0])] * (order + 1))
            values[power] = values[power] + fmpq_poly([0] * int(u) + [value])
    terms = (
        OutlierTerm(m, q, Series(f"D{m}_{q}", 0, -2 * m - q, limit.in_ttilde(values), at_g0=task.g0))
        for (m, q), values in sorted(by_factor.items())
    )
    return OutlierEquation(tuple(terms))


def _determinant(limit: LargeN) -> PowerSeries:
    """det(1 - C Gamma) in theta, by elimination: all pivots are 1 + O(theta)."""
    order, zero, one = limit.order, RING.from_dict({}), RING.constant(1)
    sigma, H = RING.gen(2), _resolvent_moments(order, limit.g0)
    rows: list[list[PowerSeries]] = [[{} for _ in range(order)] for _ in range(order)]
    for power, terms in enumerate(limit.chain.C):
        for (i, j), value in terms.items():
            factor = _in_ring(value) * -sigma
            for k in range(1 - j % 2, order, 2):
                entry = rows[i][k]
                entry[power] = entry.get(power, zero) + factor * H[(j + k + 1) // 2]
    for i in range(order):
        rows[i][i][0] = one
    total: PowerSeries = {0: one}
    for k in range(order):
        pivot = rows[k][k]
        total = _product(total, pivot, order)
        inverse = _inverse(pivot, order)
        for i in range(k + 1, order):
            multiple = _product(rows[i][k], inverse, order)
            for j in range(k + 1, order):
                entry = rows[i][j]
                for power, value in _product(multiple, rows[k][j], order).items():
                    entry[power] = entry.get(power, zero) - value
    return total


def _resolvent_moments(count: int, g0: bool) -> list[fmpq_mpoly]:
    """H_0 (not used), H_1, ..., H_count."""
    u, rho = RING.gen(0), RING.gen(1)
    N = [RING.constant(0)]
    N += [_in_ring(fmpq_poly([1]) if g0 else scaled_odd_moment(n)) for n in range(1, count + 1)]
    H = N[:1]
    for n in range(1, count + 1):
        earlier = sum((H[k] * N[n - k] for k in range(1, n)), start=N[0])
        H.append(N[n] if g0 else N[n] + u * rho * earlier)
    return H


def _in_ring(polynomial: fmpq_poly) -> fmpq_mpoly:
    return RING.from_dict({(i, 0, 0): c for i, c in enumerate(polynomial.coeffs()) if c != 0})


def _product(left: PowerSeries, right: PowerSeries, order: int) -> PowerSeries:
    result: PowerSeries = {}
    for m, x in left.items():
        for n, y in right.items():
            if m + n <= order:
                result[m + n] = result[m + n] + x * y if m + n in result else x * y
    return {power: value for power, value in result.items() if value}


def _inverse(series: PowerSeries, order: int) -> PowerSeries:
    """1/series, whose constant term is 1."""
    result: PowerSeries = {0: RING.constant(1)}
    for n in range(1, order + 1):
        terms = [result[n - m] * x for m, x in series.items() if m and n - m in result]
        if terms and (total := sum(terms[1:], start=terms[0])):
            result[n] = -total
    return result
