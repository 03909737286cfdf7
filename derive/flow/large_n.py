"""The chain at N -> infinity in scaled variables, and its observables in learning time (THEORY 3).

For independent m and w both chains share the Gram matrix G_ij = mu_{(i+j)/2+1} (i - j even, else 0),
and powers of beta scale out: with mu_n = beta^(3n-2) M_n(g^2) and

    theta = beta^2 s / zhat,        y = zhat^2 beta,

a quantity whose coefficient of s^n is F_n in the variables where mu -> M contributes
F_n(g^2) y^(n//2) theta^n, and theta obeys d theta/d ttilde = 1 - z/zhat.

Where m or w learn, their rates in these variables are 1/beta = 1 - g^2, again a polynomial.

Polynomials in y and g^2 are multiplied packed into one variable (Kronecker substitution:
g^2 = X, y = X^stride); the stride exceeds every degree in g^2 that can arise.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from flint import fmpq_poly
from flint.utils.flint_exceptions import DomainError

from derive.flow.chain import ChainInClock, chain_in_clock
from derive.flow.clock import clock_powers, in_learning_time
from derive.flow.dressed_moments import dressed_moments
from derive.flow.packing import ZERO, packed, unpacked
from derive.flow.scaled_limit import ScaledLimit
from derive.flow.spectrum import (
    Eigenpair,
    eigenpairs,
    inner,
    singular_value_series,
    singular_vectors,
    squared_norm,
)
from derive.series.coefficient import ONE, Coefficient
from derive.series.power_series import product
from derive.series.rational import Rational, as_rational
from derive.words.moments import scaled_chain_moment


class LargeN(ScaledLimit):
    """The scaled N -> infinity problem of independent vectors through tau^order; g = 0 throughout if ``g0``.

    ``train`` names what learns, of W, m, w.
    """

    def __init__(self, order: int, g0: bool, train: Sequence[str] = ("W",)) -> None:
        super().__init__(order, g0, train, ONE, ONE if g0 else fmpq_poly([1, -1]))
        moments = [scaled_chain_moment(n) for n in range(1, order + 3)]
        self.moments = [fmpq_poly([M[0]]) for M in moments] if g0 else moments
        self._powers: dict[int, list[list[fmpq_poly]]] = {}
        self._connectivity: dict[tuple[int, int], tuple[Coefficient, ...]] = {}
        self._pairs: list[Eigenpair] = []

    @cached_property
    def _dressed(self) -> tuple[list[fmpq_poly], list[fmpq_poly], list[fmpq_poly]]:
        """Coefficients in s of z, |a|^2 and |b|^2, through s^order."""
        if self.train == ("W",):
            z, squared_length = dressed_moments(self.moments, self.order + 1)
            return z[: self.order + 1], squared_length, squared_length
        gram = self._gram(self.order + 1)
        chain = chain_in_clock(gram, gram, self.order + 1, **self._rates)
        z = chain.readout(self._overlaps(self.order + 2), gram)[: self.order + 1]
        b = _squared(chain.q, gram, self.order)
        return z, b if self.symmetric else _squared(chain.p, gram, self.order), b

    @property
    def readout_in_clock(self) -> list[fmpq_poly]:
        """F_n of z/zhat, n = 0..order."""
        return self._dressed[0]

    def _gram(self, size: int) -> list[list[fmpq_poly]]:
        """M_{(i+j)/2+1} where i - j is even, else 0; i, j < size."""
        indices = range(size)
        return [[self.moments[(i + j) // 2] if (i + j) % 2 == 0 else ZERO for j in indices] for i in indices]

    def _overlaps(self, count: int) -> list[fmpq_poly]:
        """w.b_j, j < count."""
        return [self.moments[j // 2] if j % 2 else ZERO for j in range(count)]

    @cached_property
    def gram(self) -> list[list[fmpq_poly]]:
        """The Gram matrix of either chain, i, j < order."""
        return self._gram(self.order)

    @cached_property
    def chain(self) -> ChainInClock:
        """The chain coordinates through s^order."""
        return chain_in_clock(self.gram, self.gram, self.order, **self._rates)

    def squared_length_in_clock(self, side: str) -> list[fmpq_poly]:
        """F_n of |a|^2/beta (``side`` "a") or |b|^2/beta, n = 0..order; one list where they are equal."""
        return self._dressed[1 if side == "a" else 2]

    @cached_property
    def squared_norm_in_clock(self) -> list[fmpq_poly]:
        """F_n of (beta |W - W0|/zhat)^2."""
        return squared_norm(self.chain, self.gram)

    def _singular_values_in_clock(self, count: int) -> list[list[Any]]:
        if self.symmetric:
            return [pair.value for pair in self._eigenpairs(count)]
        longer = LargeN(self.order + 2 * count - 2, self.g0, self.train)
        gram = longer._rational_gram
        values = singular_value_series(_rational(longer.chain), gram, gram, count, _root)
        return [value[: self.order + 1] for value in values]

    def in_time(self, in_clock: Sequence[Any], odd: bool) -> tuple[Coefficient, ...]:
        """In ttilde; here powers of y tell odd from even by themselves."""
        return self.in_ttilde(in_clock)

    def error_times(self, in_clock: Sequence[Any], power: int) -> tuple[Coefficient, ...]:
        """(1 - z/zhat)**power times a series in the clock, in ttilde."""
        eps, stride = self._relative_error(in_clock)
        value = in_learning_time(packed(in_clock, stride), self._powers_at(stride))
        for _ in range(power):
            value = product(eps, value)
        return unpacked(value, stride)

    def singular_vectors(
        self, count: int
    ) -> list[tuple[list[tuple[Coefficient, ...]], tuple[Coefficient, ...]]]:
        """For each r: the coordinates v_j and the squared norm, as `Eigenpair` has them.

        v_j/(zhat^d beta^-d), with d = j - (r - 1) >= 0; for d < 0, v_j/(zhat^n beta^((3|d| + n)/2)),
        n = |d| mod 2; the norm divided by beta^(3r - 2). Raises ValueError where C is not symmetric.
        """
        if not self.symmetric or not self._rates["W_learns"]:
            names = ", ".join(self.train)
            raise ValueError(f"singular vectors with {names} learning: allowed are W, and W, m, w")
        result = []
        pairs, gram = self._vectors(count)
        for pair in pairs:
            coordinates = [
                self.in_ttilde(values, vector_offset(j - pair.index))[: pair.known + 1]
                for j, values in enumerate(pair.vector)
                if j - pair.index <= pair.known
            ]
            norm = self.in_ttilde(inner(pair.vector, pair.vector, gram, pair.known))
            result.append((coordinates, norm[: pair.known + 1]))
        return result

    def _eigenpairs(self, count: int) -> list[Eigenpair]:
        """Of C G, ``count`` at least; worked out once."""
        if len(self._pairs) < count:
            try:
                self._pairs = eigenpairs(self.chain, self.gram, count)
            except DomainError:  # from the fourth on they are no polynomials
                self._pairs = eigenpairs(_rational(self.chain), self._rational_gram, count)
        return self._pairs[:count]

    def _vectors(self, count: int) -> tuple[list[Eigenpair], Sequence[Sequence[Any]]]:
        """Singular vectors and the Gram matrix, polynomials if all of them are."""
        pairs = self._eigenpairs(count)
        if not isinstance(pairs[0].value[0], Rational):
            try:
                return singular_vectors(pairs, self.gram), self.gram
            except DomainError:
                pairs = [pair.of_quotients() for pair in pairs]
        gram = self._rational_gram
        return singular_vectors(pairs, gram), gram

    @property
    def _rational_gram(self) -> list[list[Rational]]:
        return [[Rational(value) for value in row] for row in self.gram]

    def connectivity(self, i: int, j: int) -> tuple[Coefficient, ...]:
        """C_ij/(zhat^(1+i+j) beta^(-2-i-j)), with y^l theta^(i+j+1+2l) for its l-th coefficient."""
        pair = (min(i, j), max(i, j)) if self.symmetric else (i, j)
        if pair not in self._connectivity:
            values = [terms.get(pair, ZERO) for terms in self.chain.C]
            self._connectivity[pair] = self.in_ttilde(values, first=i + j + 1)
        return self._connectivity[pair]

    def summed_connectivity(self, i_odd: int, j_odd: int, first: int) -> tuple[Coefficient, ...]:
        """The sum of C_ij over i, j of one parity each at g = 0, divided by zhat^first; theta is zhat s."""
        values = [
            sum((x for (i, j), x in terms.items() if i % 2 == i_odd and j % 2 == j_odd), ZERO)
            for terms in self.chain.C
        ]
        return self.in_ttilde(values, first)

    def vector(self, name: str, i: int) -> tuple[Coefficient, ...]:
        """kappa_i or omega_i (name m or w)/(zhat^(i+1) beta^(-2-i)) where m or w learns."""
        terms = self.chain.kappa if name == "m" else self.chain.omega
        values = [row[i] if i < len(row) else ZERO for row in terms]
        # 1/beta, which the rate holds, is divided out
        below = self._rates["input_rate" if name == "m" else "readout_rate"]
        return self.in_ttilde([value // below for value in values], first=i + 1)

    def in_ttilde(self, values: Sequence[Any], first: int = 0) -> tuple[Coefficient, ...]:
        """The series sum_n F_n y^((n - first)//2) theta^n in ttilde, F_n polynomial or rational."""
        rationals = [as_rational(value) for value in values]
        common = ONE
        for value in rationals:
            common = common * (value.denominator // common.gcd(value.denominator))
        numerators = [value.numerator * (common // value.denominator) for value in rationals]
        stride = self._stride(numerators, first)
        values = packed(numerators, stride, first)
        return unpacked(in_learning_time(values, self._powers_at(stride)), stride, common)

    def _relative_error(self, *others: Sequence[fmpq_poly]) -> tuple[list[fmpq_poly], int]:
        """1 - z/zhat in ttilde, packed with a stride that suits products with ``others`` too."""
        z = self._dressed[0]
        stride = max(self._stride(values) for values in (z, *others))
        eps = [-x for x in in_learning_time(packed(z, stride), self._powers_at(stride))]
        eps[0] = eps[0] + 1
        return eps, stride

    def _stride(self, values: Sequence[fmpq_poly], first: int = 0) -> int:
        """More than the degree in g^2 of any coefficient of the series in ttilde.

        With deg z_n <= slope * (n//2) + drift * n, a power y^j of ttilde^k comes with degree at most
        slope * j + drift * k, and ``values`` add what they exceed it by. Drift is 0 unless m or w
        learns.
        """
        z = self._dressed[0]
        drift = max(0, z[1].degree())
        degrees = [-(-(x.degree() - drift * n) // (n // 2)) for n, x in enumerate(z) if n > 1]
        slope = max(0, *degrees) if degrees else 0
        excess = [
            f.degree() - slope * ((n - first) // 2) - drift * n
            for n, f in enumerate(values)
            if not f.is_zero()
        ]
        return slope * (self.order // 2) + drift * self.order + max(0, *excess, 0) + 1

    def _powers_at(self, stride: int) -> list[list[fmpq_poly]]:
        if stride not in self._powers:
            z = packed(self._dressed[0], stride)
            self._powers[stride] = clock_powers(z, 1, self.order)
        return self._powers[stride]


def vector_offset(d: int) -> int:
    """The lowest power of s that can occur in the coordinate d places from the leading one."""
    return d if d >= 0 else -d % 2


def _rational(chain: ChainInClock) -> ChainInClock:
    return ChainInClock(
        tuple({key: Rational(value) for key, value in terms.items()} for terms in chain.C), (), ()
    )


def _root(value: Rational) -> Rational:
    """The square root, positive at small g^2, of the square of a quotient of polynomials."""
    numerator, denominator = value.numerator.sqrt(), value.denominator.sqrt()
    signs = [next(c for c in part.coeffs() if c != 0) for part in (numerator, denominator)]
    return Rational(numerator if signs[0] * signs[1] > 0 else -numerator, denominator)


def _squared(direction: Sequence[Sequence[Any]], gram: list[list[fmpq_poly]], order: int) -> list[fmpq_poly]:
    """Coefficients in s of |sum_i p_i a_i|^2 through s^order."""
    result = [ZERO] * (order + 1)
    for m, left in enumerate(direction[: order + 1]):
        for n, right in enumerate(direction[: order + 1 - m]):
            for i, x in enumerate(left):
                for j, y in enumerate(right):
                    if not gram[i][j].is_zero():
                        result[m + n] += x * y * gram[i][j]
    return result
