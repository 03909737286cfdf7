"""The chain at N -> infinity for overlapping vectors, w.m = rho (THEORY 3).

With nu_n = phi(B (B^T B)^n) = beta^(3n-1) N_n(g^2), the overlaps that vanish for independent m and w
become G_ij = rho nu_{(i+j+1)/2} (i - j odd), w.b_{2k} = rho nu_k and z(0) = rho. Powers of beta
still scale out, with

    Delta = zhat - rho,    theta = beta^2 s/Delta,    r = rho beta^(-1/2),    h = Delta beta^(1/2):

where mu_n -> M_n, rho nu_n -> r N_n, a coefficient F_n of s^n contributes F_n(g^2, r) h^n theta^n,
z = rho + Delta sum_n F_n h^(n-1) theta^n, and d theta/d ttilde = 1 - (z - rho)/Delta. F_n(g^2, r) is
even or odd in r with the parity of n in all that is printed, so only rho^i Delta^e beta^((e-i)/2)
with e - i even remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from flint import Ordering, fmpq_mpoly, fmpq_mpoly_ctx, fmpq_poly

from derive.flow.chain import ChainInClock, chain_in_clock
from derive.flow.clock import clock_powers, in_learning_time
from derive.flow.scaled_limit import ScaledLimit
from derive.flow.spectrum import (
    singular_value_series,
    singular_values,
    squared_norm,
)
from derive.series.coefficient import Coefficient
from derive.series.power_series import product
from derive.series.rational import Rational, as_rational
from derive.words.moments import scaled_chain_moment, scaled_odd_moment

CONTEXT = fmpq_mpoly_ctx.get(["square", "r", "h"], Ordering.lex)
SQUARE, R, H = CONTEXT.gens()
ONE = SQUARE * 0 + 1
ZERO = SQUARE * 0


class AlignedLargeN(ScaledLimit):
    """The scaled N -> infinity problem with w.m = rho."""

    def __init__(self, order: int, g0: bool, train: Sequence[str] = ("W",)) -> None:
        super().__init__(order, g0, train, ONE, ONE if g0 else 1 - SQUARE)

    def _moment(self, polynomial: fmpq_poly) -> fmpq_mpoly:
        if self.g0:
            return ONE * polynomial[0]
        return sum((SQUARE**i * c for i, c in enumerate(polynomial.coeffs())), start=ZERO)

    def _gram(self, size: int) -> list[list[fmpq_mpoly]]:
        even = [self._moment(scaled_chain_moment(n)) for n in range(1, size + 1)]
        odd = [R * self._moment(scaled_odd_moment(n)) for n in range(1, size + 1)]
        indices = range(size)
        return [[(odd if (i + j) % 2 else even)[(i + j) // 2] for j in indices] for i in indices]

    def _chain(self, order: int) -> tuple[ChainInClock, list[list[fmpq_mpoly]]]:
        gram = self._gram(order)
        return chain_in_clock(gram, gram, order, **self._rates), gram

    @cached_property
    def _longer(self) -> tuple[ChainInClock, list[list[fmpq_mpoly]]]:
        """The chain through s^(order+1)."""
        return self._chain(self.order + 1)

    @cached_property
    def chain(self) -> tuple[ChainInClock, list[list[fmpq_mpoly]]]:
        """The chain and its Gram matrix through s^order."""
        return self._chain(self.order)

    @cached_property
    def _readout(self) -> list[fmpq_mpoly]:
        """F_n of (z - rho)/Delta through s^(order+1); the constant is left out."""
        chain, gram = self._longer
        overlaps = [ZERO, *gram[0]]  # w.b_{j+1} = a_0.a_j
        return [ZERO, *chain.readout(overlaps, gram)[1:]]

    @cached_property
    def _powers(self) -> list[list[fmpq_mpoly]]:
        readout = [F * H ** max(n - 1, 0) for n, F in enumerate(self._readout)]
        return clock_powers(readout, ONE, self.order)

    @cached_property
    def _relative_error(self) -> list[fmpq_mpoly]:
        """1 - (z - rho)/Delta in ttilde."""
        readout = [F * H ** max(n - 1, 0) for n, F in enumerate(self._readout[: self.order + 1])]
        eps = [-x for x in in_learning_time(readout, self._powers)]
        eps[0] = eps[0] + 1
        return eps

    @property
    def readout_in_clock(self) -> list[fmpq_mpoly]:
        """F_n of (z - rho)/Delta, n = 0..order."""
        return self._readout[: self.order + 1]

    def squared_length_in_clock(self, side: str) -> list[fmpq_mpoly]:
        """F_n of |a|^2/beta (``side`` "a") or |b|^2/beta, n = 0..order; one list where they are equal."""
        return self._lengths[side]

    @cached_property
    def _lengths(self) -> dict[str, list[fmpq_mpoly]]:
        chain, gram = self._longer
        right = _projected_norm(chain.q, gram, self.order)
        return {"a": right if self.symmetric else _projected_norm(chain.p, gram, self.order), "b": right}

    @property
    def squared_norm_in_clock(self) -> list[fmpq_mpoly]:
        """F_n of (beta |W - W0|/Delta)^2."""
        chain, gram = self.chain
        return squared_norm(chain, gram)

    def _singular_values_in_clock(self, count: int) -> list[list[Any]]:
        if self.symmetric:
            return singular_values(*_rational(*self.chain), count)
        chain, gram = _rational(*self._chain(self.order + 2 * count - 2))
        values = singular_value_series(chain, gram, gram, count, _root)
        return [value[: self.order + 1] for value in values]

    def in_time(self, in_clock: Sequence[Any], odd: bool) -> tuple[Coefficient, ...]:
        """In ttilde."""
        return self.in_ttilde(in_clock, first=int(odd))

    def error_times(self, in_clock: Sequence[Any], power: int) -> tuple[Coefficient, ...]:
        """(1 - (z - rho)/Delta)**power times a series in the clock, in ttilde."""
        value = in_learning_time([F * H**n for n, F in enumerate(in_clock)], self._powers)
        for _ in range(power):
            value = product(self._relative_error, value)
        return coefficients_of(value)

    def connectivity(self, i: int, j: int) -> tuple[Coefficient, ...]:
        """C_ij/(Delta^(1+i+j) beta^(-2-i-j))."""
        chain, _ = self.chain
        return self.in_ttilde([terms.get((i, j), ZERO) for terms in chain.C], first=i + j + 1)

    def vector(self, name: str, i: int) -> tuple[Coefficient, ...]:
        """kappa_i or omega_i (name m or w)/(Delta^(i+1) beta^(-2-i)) where m or w learns."""
        chain, _ = self.chain
        terms = chain.kappa if name == "m" else chain.omega
        below = ONE if self.g0 else 1 - SQUARE
        return self.in_ttilde([row[i] / below if i < len(row) else ZERO for row in terms], first=i + 1)

    def in_ttilde(self, values: Sequence[Any], first: int = 0) -> tuple[Coefficient, ...]:
        """The series sum_n F_n h^(n-first) theta^n in ttilde, F_n polynomial or rational."""
        rationals = [as_rational(value) for value in values]
        common = ONE
        for value in rationals:
            common = common * (value.denominator // common.gcd(value.denominator))
        scaled = [
            value.numerator * (common // value.denominator) * H ** max(n - first, 0)
            for n, value in enumerate(rationals)
        ]
        return coefficients_of(in_learning_time(scaled, self._powers), common)


def coefficients_of(values: Sequence[fmpq_mpoly], denominator: fmpq_mpoly = ONE) -> tuple[Coefficient, ...]:
    """values/denominator as printable coefficients."""
    return tuple(_coefficient(value, denominator) for value in values)


def _coefficient(value: fmpq_mpoly, denominator: fmpq_mpoly = ONE) -> Coefficient:
    """value/denominator as a printable coefficient, in lowest terms."""
    if value.is_zero():
        return Coefficient(())
    quotient = Rational(value, denominator)
    return Coefficient(
        (), aligned=_parts(quotient.numerator), aligned_denominator=_parts(quotient.denominator)
    )


def _parts(value: fmpq_mpoly) -> tuple[tuple[int, int, fmpq_poly], ...]:
    """(power of r, power of h, polynomial in g^2), in rising order of h, then of r."""
    parts: dict[tuple[int, int], dict[int, Any]] = {}
    for (square, r, h), c in value.to_dict().items():
        parts.setdefault((h, r), {})[square] = c
    return tuple(
        (r, h, fmpq_poly([terms.get(n, 0) for n in range(max(terms) + 1)]))
        for (h, r), terms in sorted(parts.items())
    )


def _projected_norm(direction: Sequence[Sequence[Any]], gram: Any, order: int) -> list[fmpq_mpoly]:
    """Coefficients in s of |sum_i p_i a_i|^2 through s^order."""
    projected = [
        [sum((gram[i][j] * y for j, y in enumerate(row)), start=ZERO) for i in range(order + 1 - n)]
        for n, row in enumerate(direction[: order + 1])
    ]
    result = [ZERO] * (order + 1)
    for m, left in enumerate(direction[: order + 1]):
        for n in range(order + 1 - m):
            result[m + n] += sum((x * y for x, y in zip(left, projected[n], strict=False)), start=ZERO)
    return result


def _rational(chain: ChainInClock, gram: list[list[fmpq_mpoly]]) -> tuple[ChainInClock, list[list[Rational]]]:
    C = tuple({key: Rational(value) for key, value in terms.items()} for terms in chain.C)
    return ChainInClock(C, (), ()), [[Rational(value) for value in row] for row in gram]


def _root(value: Rational) -> Rational:
    """The square root, positive at small g^2 and rho, of the square of a quotient of polynomials."""
    numerator, denominator = value.numerator.sqrt(), value.denominator.sqrt()
    signs = [part.to_dict()[min(part.to_dict(), key=_total)] for part in (numerator, denominator)]
    return Rational(numerator if signs[0] * signs[1] > 0 else -numerator, denominator)


def _total(powers: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    return sum(powers), powers
