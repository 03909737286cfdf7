"""How the limit of overlapping vectors, w.m = rho, answers to a change of any overlap (THEORY 8).

For vectors whose norms and overlap are exact, with p_k the limit of tr of k alternating letters over N (B^T B
... or B B^T ... B) and T(k, l) that of two alternating words side by side (`derive.words.junction_moments`),

    N Cov(X_k, X_l) = p_(k+l) + rho^2 T(k, l) - (1 + rho^2) p_k p_l     (k - l even),
    N Cov(X_k, X_l) = rho (p_(k+l) + T(k, l) - 2 p_k p_l)               (k - l odd).

In the variables of `derive.flow.aligned_large_n`, X_k = beta^(3k/2-2) x_k and rho = r beta^(1/2), all powers
of beta that are left are negative: polynomials in g^2 and r.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from flint import fmpq_mpoly, fmpq_poly, fmpz_poly

from derive.flow.aligned_large_n import ONE, SQUARE, ZERO, H, R, coefficients_of
from derive.flow.fluctuating import FluctuatingLimit
from derive.series.coefficient import Coefficient
from derive.words.junction_moments import junction_word
from derive.words.moments import scaled_chain_moment, scaled_odd_moment
from derive.words.word_moments import plain_moment


class FluctuatingOverlaps(FluctuatingLimit):
    """`FluctuatingLimit` of an `AlignedLargeN`; at g = 0 nothing fluctuates."""

    zero, one = ZERO, ONE

    def mean(self, k: int) -> fmpq_mpoly:
        """x_k at N = infinity, less rho where it is the readout itself."""
        if k == 1:
            return ZERO
        scaled = scaled_odd_moment(k // 2) if k % 2 else scaled_chain_moment(k // 2)
        if self.g0:
            scaled = fmpq_poly([scaled[0]])
        return _in_square(scaled) * (R if k % 2 else ONE)

    def covariance(self, k: int, j: int) -> fmpq_mpoly:
        """N Cov(x_k, x_j)/beta^2, a polynomial in g^2 and r; 0 at g = 0."""
        return ZERO if self.g0 else _covariance(min(k, j), max(k, j))

    def degree(self, polynomials: Iterable[fmpq_mpoly]) -> int:
        """Polynomials in several variables need no packing."""
        return 0

    def raised(self, value: fmpq_mpoly, power: int, stride: int) -> fmpq_mpoly:
        """A polynomial times h^power."""
        return value * H**power

    def coefficients(
        self, values: Sequence[fmpq_mpoly], stride: int, denominator: Any
    ) -> tuple[Coefficient, ...]:
        """Of polynomials in h, over a denominator."""
        return coefficients_of(values, denominator)


@lru_cache(maxsize=2048)
def _covariance(k: int, j: int) -> fmpq_mpoly:
    whole, junction = _trace(0, k + j), _trace(k, j)
    means = _trace(0, k) * _trace(0, j)
    if (k - j) % 2:
        return R * _over(whole + junction - 2 * means, 3 * (k + j - 1) // 2 - 1)
    power = 3 * (k + j) // 2 - 2
    return _over(whole - means, power) + R**2 * _over(junction - means, power - 1)


def _trace(k: int, j: int) -> fmpz_poly:
    """T(k, j); p_j where k is 0."""
    return plain_moment(junction_word(k, j))


def _over(polynomial: fmpz_poly, power: int) -> fmpq_mpoly:
    """A polynomial in beta over beta^power."""
    inverse_beta = fmpq_poly([1, -1])
    parts = (inverse_beta ** (power - i) * int(c) for i, c in enumerate(polynomial.coeffs()) if c != 0)
    return _in_square(sum(parts, fmpq_poly([0])))


def _in_square(polynomial: fmpq_poly) -> fmpq_mpoly:
    return sum((SQUARE**i * c for i, c in enumerate(polynomial.coeffs())), start=ZERO)
