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

from dataclasses import dataclass, replace
from math import isqrt
from typing import TYPE_CHECKING, Any

from flint import Ordering, fmpq_mpoly, fmpq_mpoly_ctx, fmpq_poly

from derive.flow.fixed_point_task import FixedPointTask
from derive.flow.large_n import LargeN
from derive.series.series import Series
from derive.series.taylor import TaylorSeries
from derive.words.moments import scaled_odd_moment

if TYPE_CHECKING:
    import sympy

    from derive.series.program import Function

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
        from derive.observables.programs import outlier_program

        return outlier_program(self.parts, name, doc)

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
    """det(1 - A) in theta for A = C Gamma, from the elementary symmetric functions e_r of its eigenvalues.

    C_ij = O(theta^(i+j+1)) makes every r x r minor of A, and so e_r, O(theta^(r^2)): a few r are enough.
    Newton's identities give them from the traces of powers of A. Every entry of Gamma holds one sigma, e_r
    comes with sigma^r.
    """
    order, most = limit.order, isqrt(limit.order)
    A = _product_with_resolvents(limit)
    traces = _traces(A, most, order)
    symmetric: list[PowerSeries] = [{0: RING.constant(1)}]
    for r in range(1, most + 1):
        total: PowerSeries = {}
        for k in range(1, r + 1):
            sign = 1 if k % 2 else -1
            for power, value in _product(symmetric[r - k], traces[k], order).items():
                total[power] = total[power] + value * sign if power in total else value * sign
        symmetric.append({power: value / r for power, value in total.items() if value})
    sigma, result = RING.gen(2), dict(symmetric[0])
    for r, terms in enumerate(symmetric[1:], 1):
        for power, value in terms.items():
            term = value * (-sigma) ** r
            result[power] = result[power] + term if power in result else term
    return result


def _product_with_resolvents(limit: LargeN) -> list[list[PowerSeries]]:
    """A = C Gamma without sigma; A_ik = O(theta^(i+1))."""
    order = limit.order
    H = _resolvent_moments(order, limit.g0)
    A: list[list[PowerSeries]] = [[{} for _ in range(order)] for _ in range(order)]
    for power, terms in enumerate(limit.chain.C):
        for (i, j), value in terms.items():
            factor = _in_ring(value)
            for k in range(1 - j % 2, order, 2):
                entry, product = A[i][k], factor * H[(j + k + 1) // 2]
                entry[power] = entry[power] + product if power in entry else product
    return A


def _traces(A: list[list[PowerSeries]], most: int, order: int) -> dict[int, PowerSeries]:
    """tr A^k for k = 1..most, through theta^order."""
    powers = {1: A}
    for k in range(2, most // 2 + most % 2 + 1):
        powers[k] = _matrix_product(powers[k - 1], A, order)
    traces: dict[int, PowerSeries] = {}
    for k in range(1, most + 1):
        total: PowerSeries = {}
        left, right = powers[k // 2 + k % 2], powers.get(k // 2)
        for i, row in enumerate(left):
            for j, entry in enumerate(row):
                diagonal = entry if i == j else {}
                found = diagonal if right is None else _product(entry, right[j][i], order)
                for power, value in found.items():
                    total[power] = total[power] + value if power in total else value
        traces[k] = total
    return traces


def _matrix_product(
    left: list[list[PowerSeries]], right: list[list[PowerSeries]], order: int
) -> list[list[PowerSeries]]:
    """left right, each entry as far as a factor O(theta^(j+1)) to its right lets it count."""
    size = len(left)
    result: list[list[PowerSeries]] = [[{} for _ in range(size)] for _ in range(size)]
    for i in range(size):
        for j in range(size):
            entry = result[i][j]
            for k in range(min(size, order - i - j - 2)):
                for power, value in _product(left[i][k], right[k][j], order - j - 1).items():
                    entry[power] = entry[power] + value if power in entry else value
    return result


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
