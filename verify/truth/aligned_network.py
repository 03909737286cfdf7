"""N -> infinity with overlapping m and w as a small network, with many digits.

With H = [[0, B], [B^T, 0]], w = (w, 0) and m = (0, m), all overlaps that learning meets are w.H^2n w =
m.H^2n m = mu_n and w.H^(2n+1) m = rho nu_n, nu_n = phi(B (B^T B)^n) (THEORY 3). The vectors
(w +- m)/sqrt(2) decouple: H has the moments M_2n = mu_n, M_(2n+1) = +- rho nu_n in them, and one
Jacobi matrix J up to signs. Back in w and m that is the network

    B -> J,      w -> e_1,      m -> e_1        (w and a in one space, m and b in another),

exact through M_(2n-1) with n rows. At g = 0 the measure has the two points +-1 (one for |rho| = 1).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from derive.words.moments import scaled_chain_moment, scaled_odd_moment
from verify.truth.digits import working_digits
from verify.truth.precise_flow import DIGITS, SMALLEST_STRENGTH, PreciseNetwork


def precise_aligned_network(g: float, rho: Fraction, nodes: int) -> PreciseNetwork:
    """N -> infinity with w.m = ``rho``, |rho| <= 1, by ``nodes`` rows (at g = 0 two, or one)."""
    with working_digits(10 * DIGITS):
        square = mpmath.mpf(g if g > SMALLEST_STRENGTH else 0) ** 2
        overlap = mpmath.mpf(rho.numerator) / rho.denominator

        def value(polynomial: Any, power: int) -> Any:
            coefficients = [mpmath.mpf(int(c.p)) / int(c.q) for c in polynomial.coeffs()]
            return mpmath.polyval(coefficients[::-1], square) / (1 - square) ** power

        moments = [mpmath.mpf(1), overlap]
        for n in range(1, nodes + 1):
            moments += [
                value(scaled_chain_moment(n), 3 * n - 2),
                overlap * value(scaled_odd_moment(n), 3 * n - 1),
            ]
        size = nodes if square else 1 + (abs(rho) < 1)
        hankel = mpmath.matrix([[moments[i + j] for j in range(size)] for i in range(size)])
        shifted = mpmath.matrix([[moments[i + j + 1] for j in range(size)] for i in range(size)])
        inverse = mpmath.inverse(mpmath.cholesky(hankel))
        jacobi = np.array((inverse * shifted * inverse.T).tolist())
        unit = np.array([mpmath.mpf(k == 0) for k in range(size)])
        return PreciseNetwork(jacobi, m=unit, w=unit)
