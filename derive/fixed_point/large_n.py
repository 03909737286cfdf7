"""The chain at N -> infinity in scaled variables, and its observables in learning time (THEORY 3).

For independent m and w both chains share the Gram matrix G_ij = mu_{(i+j)/2+1} (i - j even, else 0),
and powers of beta scale out: with mu_n = beta^(3n-2) M_n(g^2) and

    theta = beta^2 s / zhat,        y = zhat^2 beta,

a quantity whose coefficient of s^n is F_n in the variables where mu -> M contributes
F_n(g^2) y^(n//2) theta^n, and theta obeys d theta/d ttilde = 1 - z/zhat.

Polynomials in y and g^2 are multiplied packed into one variable (Kronecker substitution:
g^2 = X, y = X^stride); the stride exceeds every degree in g^2 that can arise.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from flint import fmpq_poly

from derive.algebra.moments import scaled_chain_moment
from derive.algebra.rational import Rational, as_rational
from derive.algebra.series import ONE, Coefficient
from derive.fixed_point.chain import ChainInClock, chain_in_clock
from derive.fixed_point.clock import clock_powers, in_learning_time
from derive.fixed_point.dressed_moments import dressed_moments
from derive.fixed_point.spectrum import singular_values, square_root, squared_norm

ZERO = fmpq_poly([0])


class LargeN:
    """The scaled N -> infinity problem through tau^order; g = 0 throughout if ``g0``."""

    def __init__(self, order: int, g0: bool) -> None:
        self.order = order
        moments = [scaled_chain_moment(n) for n in range(1, order + 2)]
        self.moments = [fmpq_poly([M[0]]) for M in moments] if g0 else moments
        self._powers: dict[int, list[list[fmpq_poly]]] = {}
        self._connectivity: dict[tuple[int, int], tuple[Coefficient, ...]] = {}

    @cached_property
    def _dressed(self) -> tuple[list[fmpq_poly], list[fmpq_poly]]:
        z, gradient = dressed_moments(self.moments, self.order + 1)
        return z[: self.order + 1], gradient

    @cached_property
    def gram(self) -> list[list[fmpq_poly]]:
        """M_{(i+j)/2+1} where i - j is even, else 0; i, j < order."""
        size = range(self.order)
        return [[self.moments[(i + j) // 2] if (i + j) % 2 == 0 else ZERO for j in size] for i in size]

    @cached_property
    def chain(self) -> ChainInClock:
        """The chain coordinates through s^order."""
        return chain_in_clock(self.gram, self.gram, self.order)

    def readout(self) -> tuple[Coefficient, ...]:
        """z/zhat."""
        return self._in_learning_time(self._dressed[0])

    def loss(self) -> tuple[Coefficient, ...]:
        """L/zhat^2 = (1 - z/zhat)^2/2."""
        eps, stride = self._relative_error()
        return _unpacked([x / 2 for x in _product(eps, eps)], stride)

    def gradient_norm(self) -> tuple[Coefficient, ...]:
        """|dW/dtau|/(zhat beta) = (1 - z/zhat) |a|^2/beta."""
        _, gradient = self._dressed
        eps, stride = self._relative_error(gradient)
        powers = self._powers_at(stride)
        return _unpacked(_product(eps, in_learning_time(_packed(gradient, stride), powers)), stride)

    def frobenius_norm(self) -> tuple[Coefficient, ...]:
        """beta |W - W0|_F/zhat."""
        return self._in_learning_time(square_root(squared_norm(self.chain, self.gram)))

    def singular_values(self, count: int) -> list[tuple[Coefficient, ...]]:
        """beta s_r/zhat for r = 1..count."""
        chain = ChainInClock(
            tuple({key: Rational(value) for key, value in terms.items()} for terms in self.chain.C), (), ()
        )
        gram = [[Rational(value) for value in row] for row in self.gram]
        return [self._in_learning_time(values) for values in singular_values(chain, gram, count)]

    def connectivity(self, i: int, j: int) -> tuple[Coefficient, ...]:
        """C_ij/(zhat^(1+i+j) beta^(-2-i-j)), with y^l theta^(i+j+1+2l) for its l-th coefficient."""
        pair = min(i, j), max(i, j)  # C is symmetric
        if pair not in self._connectivity:
            values = [terms.get(pair, ZERO) for terms in self.chain.C]
            self._connectivity[pair] = self._in_learning_time(values, first=i + j + 1)
        return self._connectivity[pair]

    def _in_learning_time(self, values: Sequence[Any], first: int = 0) -> tuple[Coefficient, ...]:
        """The series sum_n F_n y^((n - first)//2) theta^n in ttilde, F_n polynomial or rational."""
        rationals = [as_rational(value) for value in values]
        common = ONE
        for value in rationals:
            common = common * (value.denominator // common.gcd(value.denominator))
        numerators = [value.numerator * (common // value.denominator) for value in rationals]
        stride = self._stride(numerators, first)
        packed = _packed(numerators, stride, first)
        return _unpacked(in_learning_time(packed, self._powers_at(stride)), stride, common)

    def _relative_error(self, *others: Sequence[fmpq_poly]) -> tuple[list[fmpq_poly], int]:
        """1 - z/zhat in ttilde, packed with a stride that suits products with ``others`` too."""
        z = self._dressed[0]
        stride = max(self._stride(values) for values in (z, *others))
        eps = [-x for x in in_learning_time(_packed(z, stride), self._powers_at(stride))]
        eps[0] = eps[0] + 1
        return eps, stride

    def _stride(self, values: Sequence[fmpq_poly], first: int = 0) -> int:
        """More than the degree in g^2 of any coefficient of the series in ttilde.

        With deg z_n <= slope * (n//2), a power y^j comes with degree at most slope * j, and
        ``values`` add what they exceed it by.
        """
        degrees = [-(-z.degree() // (n // 2)) for n, z in enumerate(self._dressed[0]) if n > 1]
        slope = max(0, *degrees) if degrees else 0
        excess = max(f.degree() - slope * ((n - first) // 2) for n, f in enumerate(values))
        return slope * (self.order // 2) + max(0, excess) + 1

    def _powers_at(self, stride: int) -> list[list[fmpq_poly]]:
        if stride not in self._powers:
            z = _packed(self._dressed[0], stride)
            self._powers[stride] = clock_powers(z, 1, self.order)
        return self._powers[stride]


def _packed(values: Sequence[fmpq_poly], stride: int, first: int = 0) -> list[fmpq_poly]:
    """F_n y^((n - first)//2) with y = X^stride."""
    return [
        value.left_shift(stride * ((n - first) // 2)) if not value.is_zero() else ZERO
        for n, value in enumerate(values)
    ]


def _unpacked(
    series: Sequence[fmpq_poly], stride: int, denominator: fmpq_poly = ONE
) -> tuple[Coefficient, ...]:
    """Split every coefficient into its powers of y; ``denominator`` is cancelled where it can be."""
    result = []
    for value in series:
        common = value.gcd(denominator) if denominator == ONE else _content(value, stride, denominator)
        coefficients = value.coeffs()
        parts = [fmpq_poly(coefficients[i : i + stride]) for i in range(0, len(coefficients), stride)]
        below = denominator // common
        lead = below.leading_coefficient()
        result.append(Coefficient(tuple(p // common / lead for p in parts), below / lead))
    return tuple(result)


def _content(value: fmpq_poly, stride: int, denominator: fmpq_poly) -> fmpq_poly:
    """The common divisor of the denominator and of every power of y in a packed value."""
    coefficients, common = value.coeffs(), denominator
    for i in range(0, len(coefficients), stride):
        common = common.gcd(fmpq_poly(coefficients[i : i + stride]))
    return common


def _product(left: Sequence[fmpq_poly], right: Sequence[fmpq_poly]) -> list[fmpq_poly]:
    return [sum((left[i] * right[n - i] for i in range(n + 1)), start=ZERO) for n in range(len(left))]
