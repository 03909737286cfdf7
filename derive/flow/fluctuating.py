"""The limit and how it answers to a change of any overlap: what networks of finite size differ by (THEORY 8).

Networks of size N differ by the overlaps of their chain vectors, to first order in N^(-1/2) by

    X_k = m^T (B^T B)^(k/2) m     (k even; the mean with w^T (B B^T)^(k/2) w),
    X_k = w^T B (B^T B)^((k-1)/2) m     (k odd),

since nothing that is observed changes when m and w, W and W^T change places. With `Jet` as scalars, a
change delta X_k of each, the chain and every observable's own formula give its derivatives by all X_k at
once. Given W0 the vectors m and w (of norm 1) are isotropic: in the scaled variables of
`derive.flow.large_n`, X_k = beta^(3k/2-2) x_k,

    N Cov(x_k, x_l) = beta^2 (M_(k+l)/2 - [k even] M_k/2 M_l/2/beta^2)     for k - l even, else 0.

At a fixed learning time the clock answers too: with eps = 1 - z/zhat,

    delta theta = -eps integral of (delta z/zhat)/eps^2 dtheta,    delta O = (delta O)_theta + O' delta theta.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from flint import fmpq_poly

from derive.flow.chain import ChainInClock, chain_in_clock
from derive.flow.clock import in_learning_time
from derive.flow.fluctuating_clock import FluctuatingClock, Polynomials
from derive.flow.packing import ZERO, unpacked
from derive.flow.scaled_limit import ScaledLimit
from derive.flow.spectrum import eigenpairs, squared_norm
from derive.series.coefficient import ONE, Coefficient
from derive.series.jet import Jet
from derive.series.power_series import product
from derive.series.rational import Rational, as_rational
from derive.words.moments import scaled_chain_moment


@dataclass(frozen=True)
class Response:
    """Derivatives of an observable by the x_k at a fixed learning time, as series in theta.

    Packed, g^2 = X and h = zhat beta^(1/2) = X^stride, times h and ``denominator``; ``degree`` bounds the
    powers of g^2 before the change of clock.
    """

    by: Mapping[int, Polynomials]
    stride: int
    denominator: Any
    degree: int


class FluctuatingLimit:
    """A `derive.observables.observable.Change` whose series are `Response`: for independent m and w.

    Of W, m, w all or W alone may learn. `derive.flow.fluctuating_overlaps` has it for overlapping vectors.
    """

    zero: Any = ZERO
    one: Any = ONE

    def __init__(self, limit: ScaledLimit) -> None:
        self.limit, self.order, self.train, self.g0 = limit, limit.order, limit.train, limit.g0
        self._singular_values: list[list[Any]] = []
        self._clocks: dict[int, FluctuatingClock] = {}
        self._least_degree = 0

    def responses(self, *formulas: Callable[[FluctuatingLimit], Any]) -> list[Response]:
        """What formulas of a change give here, all of one packing."""
        found = [formula(self) for formula in formulas]
        while len({response.stride for response in found}) > 1:
            self._least_degree = max(response.degree for response in found)
            found = [formula(self) for formula in formulas]
            self._least_degree = 0
        return found

    def rate(self, name: str) -> Any:
        """As in the limit."""
        return self.limit.rate(name)

    def overlap(self, k: int) -> Jet:
        """x_k, k >= 1, with its own change; at g = 0 there are two of them only, by parity."""
        return Jet(self.mean(k), {k % 2 if self.g0 else k: self.one})

    def mean(self, k: int) -> Any:
        """x_k at N = infinity."""
        return self._moment(k // 2) if k % 2 == 0 else ZERO

    def covariance(self, k: int, j: int) -> Any:
        """N Cov(x_k, x_j)/beta^2, a polynomial in g^2."""
        if (k - j) % 2:
            return ZERO
        if self.g0:
            return ONE * (k % 2)
        result = self._moment((k + j) // 2)
        if k % 2 == 0:
            result -= self._moment(k // 2) * self._moment(j // 2) * fmpq_poly([1, -1]) ** 2
        return result

    def _moment(self, n: int) -> fmpq_poly:
        moment = scaled_chain_moment(n)
        return fmpq_poly([moment[0]]) if self.g0 else moment

    def _run(self, order: int) -> tuple[ChainInClock, list[list[Jet]]]:
        overlaps = [self.overlap(k) for k in range(2, 2 * order + 1)]
        gram = [[overlaps[i + j] for j in range(order)] for i in range(order)]
        rate = self.limit.rate("m")
        return chain_in_clock(gram, gram, order, input_rate=rate, readout_rate=rate), gram

    @cached_property
    def _longer(self) -> tuple[ChainInClock, list[list[Jet]]]:
        """The chain through s^(order+1), of which z and |a|^2 need parts only."""
        return self._run(self.order + 1)

    @cached_property
    def readout_in_clock(self) -> list[Jet]:
        """F_n of z/zhat, n = 0..order."""
        chain, gram = self._longer
        return chain.readout([self.overlap(1), *gram[0]], gram)[: self.order + 1]

    def squared_length_in_clock(self, side: str) -> list[Jet]:
        """F_n of |a|^2/beta, of which that of |b|^2 differs by nothing that counts."""
        return self._squared_length

    @cached_property
    def _squared_length(self) -> list[Jet]:
        chain, gram = self._longer
        zero = gram[0][0] * 0
        result = [zero] * (self.order + 1)
        projected = [
            [sum((gram[i][j] * y for j, y in enumerate(row)), zero) for i in range(self.order + 1 - n)]
            for n, row in enumerate(chain.q[: self.order + 1])
        ]
        for m, left in enumerate(chain.q[: self.order + 1]):
            for n in range(self.order + 1 - m):
                for x, y in zip(left, projected[n], strict=False):
                    result[m + n] = result[m + n] + x * y
        return result

    @cached_property
    def _chain(self) -> tuple[ChainInClock, list[list[Jet]]]:
        return self._run(self.order)

    @property
    def squared_norm_in_clock(self) -> list[Jet]:
        """F_n of (beta |W - W0|/zhat)^2."""
        return squared_norm(*self._chain)

    def singular_values(self, count: int) -> Sequence[Any]:
        """Of beta s_r/zhat for r = 1..count at least."""
        if len(self._singular_values) < count:
            chain, gram = self._chain
            C = tuple({key: _rational(value) for key, value in terms.items()} for terms in chain.C)
            over = [[_rational(value) for value in row] for row in gram]
            self._singular_values = [p.value for p in eigenpairs(ChainInClock(C, (), ()), over, count)]
        return [self.in_time(values, odd=True) for values in self._singular_values]

    def product(self, left: Sequence[Any], right: Sequence[Any]) -> Sequence[Any]:
        """The product of two series in the clock."""
        return product(left, right)

    def root(self, squared: Sequence[Jet]) -> list[Jet]:
        """The square root of a series in the clock that starts with 1 or s^2."""
        values = [x.value for x in squared]
        root = self.limit.root(values)
        lead = 0 if values[0] != 0 else 1
        result = [Jet(x, {}) for x in root]
        half: list[dict[int, Any]] = []  # of delta root, root delta root = delta square/2
        for n in range(len(root) - lead):
            given = squared[n + 2 * lead].slopes if n + 2 * lead < len(squared) else {}
            change = {k: x / 2 for k, x in given.items()}
            for i, known in enumerate(half):
                for k, x in known.items():
                    change[k] = change.get(k, self.zero) - x * root[n - i + lead]
            half.append(change)
            result[n + lead] = Jet(root[n + lead], change)
        return result

    def constant(self, numerator: int, denominator: int) -> list[Jet]:
        """A number as a series in the clock."""
        return [Jet(x, {}) for x in self.limit.constant(numerator, denominator)]

    def in_time(self, in_clock: Sequence[Jet], odd: bool) -> Any:
        """Its `Response`; ``odd``: a factor zhat is left out."""
        return self._answered(in_clock, odd, 0)

    def error_times(self, in_clock: Sequence[Jet], power: int) -> Any:
        """The same of (1 - z/zhat)**power times a series in the clock."""
        return self._answered(in_clock, False, power)

    def _answered(self, in_clock: Sequence[Jet], odd: bool, power: int) -> Response:
        series = [_rational(x) for x in in_clock]
        common = self.one
        for value in (part for x in series for part in (x.value, *x.slopes.values())):
            common = common * (value.denominator // common.gcd(value.denominator))

        def numerator(value: Rational) -> Any:
            return value.numerator * (common // value.denominator)

        values = [numerator(x.value) for x in series]
        directions = sorted({k for x in (*series, *self.readout_in_clock) for k in x.slopes})
        slopes = {
            k: [numerator(x.slopes[k]) if k in x.slopes else self.zero for x in series] for k in directions
        }
        degree = self.degree((*values, common, *(p for row in slopes.values() for p in row)))
        clock = self._clock(max(degree, self._least_degree))
        value = clock.packed(values, -int(odd))
        by = {}
        for k in directions:
            total, whole = clock.packed(slopes[k], 1 - int(odd)), value
            readout, moved = clock.answer(k)
            for _ in range(power):
                kept, lost = product(clock.error, total), product(whole, readout)
                total = [x - y for x, y in zip(kept, lost, strict=True)]
                whole = product(clock.error, whole)
            rate = [*(x * n for n, x in enumerate(whole) if n), self.zero]
            by[k] = [x + y for x, y in zip(total, product(rate, moved), strict=True)]
        return Response(by, clock.stride, common, degree)

    def degree(self, polynomials: Iterable[Any]) -> int:
        """The highest power of g^2."""
        return max(int(p.degree()) for p in polynomials)

    def _clock(self, degree: int) -> FluctuatingClock:
        """The clock packed for numerators of this degree."""
        z = self.readout_in_clock
        largest = self.degree(p for x in z for p in (x.value, *x.slopes.values()))
        stride = max(degree, 0) + 2 * max(largest, 0) + 3 * self.order + 8
        if stride not in self._clocks:
            self._clocks[stride] = FluctuatingClock(z, self.one, stride, partial(self.raised, stride=stride))
        return self._clocks[stride]

    def raised(self, value: Any, power: int, stride: int) -> Any:
        """A polynomial times h^power."""
        return value.left_shift(stride * power)

    def coefficients(self, values: Sequence[Any], stride: int, denominator: Any) -> tuple[Coefficient, ...]:
        """Of polynomials in h, over a denominator."""
        return unpacked(values, 2 * stride, denominator)

    def contracted(self, left: Response, right: Response) -> tuple[Coefficient, ...]:
        """N times the covariance of two observables at one learning time, as a series in ttilde.

        Divided by beta/zhat^2 and by what both series leave out of theirs.
        """
        total = [self.zero] * (self.order + 1)
        for k, changes in left.by.items():
            weighted = [self.zero] * (self.order + 1)
            for j, others in right.by.items():
                covariance = self.covariance(k, j)
                if covariance != 0:
                    weighted = [x + y * covariance for x, y in zip(weighted, others, strict=True)]
            total = [x + y for x, y in zip(total, product(changes, weighted), strict=True)]
        return self._unpacked(in_learning_time(total, self._powers(left, right)), left, right)

    def contracted_between(self, left: Response, right: Response) -> list[tuple[Coefficient, ...]]:
        """The same at two times: row i multiplies the i-th power of ttilde of ``left``, and is a series in
        that of ``right``."""
        powers = self._powers(left, right)
        firsts, seconds = (
            {k: in_learning_time(changes, powers) for k, changes in response.by.items()}
            for response in (left, right)
        )
        rows = []
        for i in range(self.order + 1):
            row = [self.zero] * (self.order + 1)
            for j, others in seconds.items():
                weight = sum((first[i] * self.covariance(k, j) for k, first in firsts.items()), self.zero)
                if weight != 0:
                    row = [x + y * weight for x, y in zip(row, others, strict=True)]
            rows.append(self._unpacked(row, left, right))
        return rows

    def _powers(self, left: Response, right: Response) -> list[list[Any]]:
        if right.stride != left.stride:
            raise ValueError("two packings: allowed are responses of one clock")
        return self._clocks[left.stride].powers

    def _unpacked(self, values: Sequence[Any], left: Response, right: Response) -> tuple[Coefficient, ...]:
        return self.coefficients(values, left.stride, left.denominator * right.denominator)


def _rational(jet: Jet) -> Jet:
    changes = ({k: as_rational(x) for k, x in change.items()} for change in jet.changes)
    return Jet(as_rational(jet.value), *changes)
