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
from typing import TYPE_CHECKING, Any

from flint import fmpq_poly

from derive.flow.fixed_point_task import FixedPointTask
from derive.flow.large_n import LargeN
from derive.flow.outlier_determinant import symmetric_functions
from derive.flow.packing import ZERO
from derive.reading.arguments import real_values
from derive.series.coefficient import ONE
from derive.series.series import Series, check_strength
from derive.series.taylor import TaylorSeries

if TYPE_CHECKING:
    import sympy

    from derive.series.program import Function


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
        check_strength(g)
        real_values("tau", tau)
        real_values("zhat", zhat)
        return self._function(lam, tau, zhat, g)


def outlier_equation(task: FixedPointTask, order: int, limit: LargeN | None = None) -> OutlierEquation:
    """D through tau^order; ``limit`` is the chain of the task where it is at hand.

    Raises ValueError unless W alone learns, with m and w independent.
    """
    if task.train != ("W",) or task.alignment != 0:
        raise ValueError("the outlier equation: allowed are W alone learning and alignment 0")
    limit = limit or LargeN(order, task.g0)
    stride = order // 2 + 1
    by_factor: dict[tuple[int, int], list[fmpq_poly]] = {(0, 0): [ONE]}
    for m, terms in enumerate(symmetric_functions(limit, stride)[1:], 1):
        for power, value in enumerate(terms):
            coefficients = (value * (-1) ** m).coeffs()
            for q, start in enumerate(range(0, len(coefficients), stride)):
                polynomial = fmpq_poly([0] * q + coefficients[start : start + stride])
                if polynomial:
                    values = by_factor.setdefault((m, q), [ZERO] * (order + 1))
                    values[power] = polynomial
    found = (
        OutlierTerm(m, q, Series(f"D{m}_{q}", 0, -2 * m - q, limit.in_ttilde(values), at_g0=task.g0))
        for (m, q), values in sorted(by_factor.items())
    )
    return OutlierEquation(tuple(found))
