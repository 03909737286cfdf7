"""The same expansion for one given network: no limit taken (THEORY 2, 4).

The chain recursion and the change of clock on any scalars: floats give the Taylor coefficients of
that very network, symbols the formula before self-averaging. With Gram matrices Ga, Gb of the
chains, what is read off is

    |W - W0|_F^2 = tr C^T Ga C Gb,    s_r = sqrt eig(C^T Ga C Gb),    |a|^2 = p^T Ga p,    |b|^2 = q^T Gb q.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np
from flint import arb

from derive.arrays import Array
from derive.flow.chain import ChainInClock, Matrix, chain_in_clock
from derive.flow.clock import clock_powers, in_learning_time
from derive.flow.fixed_point_task import parse_train
from derive.flow.instance import Instance
from derive.flow.reduction import double, instance_reduction, reduced_overlaps
from derive.flow.spectrum import singular_value_series, squared_norm
from derive.observables.frobenius_norm import FROBENIUS_NORM
from derive.observables.gradient_norm import GRADIENT_NORM
from derive.observables.loss import LOSS
from derive.observables.sharpness import SHARPNESS
from derive.reading.arguments import of_kind, target, whole
from derive.reading.fields import Brief
from derive.series.balls import at_sufficient_precision
from derive.series.power_series import product

Coefficients = Sequence[Any]


@dataclass(frozen=True, repr=False)
class ChainSeries(Brief):
    """Taylor coefficients in tau (no factorials), exact through tau^order.

    ``readout[k]`` multiplies tau^k in z; ``C[i, j][k]`` multiplies tau^k a_i b_j^T in W - W0,
    i + j < order; ``kappa[i]`` and ``omega[j]`` those of a_i in m - m(0) and b_j in w - w(0). What is
    frozen is empty. ``target`` is zhat.
    """

    readout: Coefficients
    C: dict[tuple[int, int], Coefficients]
    kappa: list[Coefficients]
    omega: list[Coefficients]
    target: Any
    chain: ChainInClock = field(repr=False)
    gram_a: Matrix = field(repr=False)
    gram_b: Matrix = field(repr=False)
    powers: Sequence[Coefficients] = field(repr=False)
    train: tuple[str, ...] = field(repr=False)
    readout_in_clock: Coefficients = field(repr=False)

    @property
    def order(self) -> int:
        """The highest power of tau."""
        return len(self.readout) - 1

    @property
    def loss(self) -> Coefficients:
        """(zhat - z)^2/2."""
        return LOSS.expanded(self)

    @property
    def gradient_norm(self) -> Coefficients:
        """|dW/dtau|_F for numbers."""
        return GRADIENT_NORM.expanded(self)

    @property
    def frobenius_norm(self) -> Coefficients:
        """|W - W0|_F for numbers."""
        return FROBENIUS_NORM.expanded(self)

    @property
    def sharpness(self) -> Coefficients:
        """h, dz/dtau = (zhat - z) h."""
        return SHARPNESS.expanded(self)

    def _repr_latex_(self) -> str:
        from derive.jupyter import Row, number, shown

        def power(k: int) -> str:
            return rf"\tau^{{{k}}}" if k > 1 else r"\tau" * k

        end = rf"O\left(\tau^{{{self.order + 1}}}\right)"
        rows = [
            Row(left, [(number(c), power(k)) for k, c in enumerate(values) if c], end)
            for left, values in (("z", self.readout), (r"\mathcal{L}", self.loss))
        ]
        return shown(rows, r"\texttt{x.readout}")

    def singular_values(self, count: int) -> list[Coefficients]:
        """s_1..s_count of W - W0 for numbers; s_r is given through tau^(order + 2 - 2r)."""
        values = singular_value_series(self.chain, self.gram_a, self.gram_b, count, sqrt)
        return [self._forward(self.in_time(value))[: len(value)] for value in values]

    def connectivity(self, instance: Instance, tau: float) -> Array:
        """W(tau) - W0 of the instance, shape (N, N), from the truncated series."""
        count = 1 + max((i for i, _ in self.C), default=0)
        a, b = instance.chains(count)
        C = np.zeros((count, count))
        for (i, j), coefficients in self.C.items():
            C[i, j] = np.polynomial.polynomial.polyval(tau, coefficients)
        change: Array = a.T @ C @ b
        return change

    @property
    def squared_norm_in_clock(self) -> Coefficients:
        """|W - W0|_F^2, through s^(order+1)."""
        return squared_norm(self.chain, self.gram_a)

    def squared_length_in_clock(self, side: str) -> Coefficients:
        """|a|^2 (``side`` "a") or |b|^2; the Gram matrices given hold i, j <= order."""
        directions = {"a": (self.chain.p, self.gram_a), "b": (self.chain.q, self.gram_b)}
        return _squared_length(*directions[side], self.order)

    def rate(self, name: str) -> int:
        """1 for what learns, of W, m and w."""
        return int(name in self.train)

    def product(self, left: Sequence[Any], right: Sequence[Any]) -> Coefficients:
        """The product of two series in the clock."""
        return product(left, right)

    def root(self, squared: Sequence[Any]) -> Coefficients:
        """The square root, for numbers, of a series in the clock that starts at s^0 or s^2.

        Positive at small learning times: the clock runs backwards where zhat < z(0).
        """
        if squared[0]:
            return _rooted(squared)
        return self._forward([0.0, *_rooted(squared[2:])]) if squared[2] else [0.0]

    def constant(self, numerator: int, denominator: int) -> Coefficients:
        """A number as a series in the clock."""
        zero = self.readout[0] * 0
        return [(zero + numerator) / denominator, *[zero] * self.order]

    def in_time(self, in_clock: Sequence[Any], odd: bool = False) -> Coefficients:
        """The same in learning time."""
        return in_learning_time(in_clock, self.powers)

    def error_times(self, in_clock: Sequence[Any], power: int) -> Coefficients:
        """|zhat - z|**power times a series in the clock, in learning time."""
        value = self.in_time(in_clock)
        for _ in range(power):
            value = product(self._error, value)
        return self._forward(value) if power % 2 else value

    @property
    def _error(self) -> Coefficients:
        return [self.target - self.readout[0], *(-z for z in self.readout[1:])]

    def _forward(self, series: Coefficients) -> Coefficients:
        return [-x for x in series] if self.target - self.readout[0] < 0 else series


def chain_series(
    gram_a: Matrix,
    gram_b: Matrix,
    overlaps: Sequence[Any],
    target: Any,
    order: int,
    train: str | Sequence[str] = ("W",),
) -> ChainSeries:
    """Expand gradient flow from the overlaps of the chain vectors.

    ``gram_a[i][j]`` = a_i.a_j and ``gram_b[i][j]`` = b_i.b_j for i, j < order; ``overlaps[j]`` =
    w.b_j for j <= order; ``target`` is zhat; ``train`` names what learns, of W, m, w. Raises
    ValueError for order < 1.
    """
    order = whole("order", order)
    for name, given in (("gram_a", gram_a), ("gram_b", gram_b), ("overlaps", overlaps)):
        if isinstance(given, str) or not hasattr(given, "__getitem__"):
            raise TypeError(f"{name} {given!r}: allowed are rows of scalars")
    learning = parse_train(train)
    chain = chain_in_clock(
        gram_a,
        gram_b,
        order,
        W_learns="W" in learning,
        input_rate=int("m" in learning),
        readout_rate=int("w" in learning),
    )
    readout = chain.readout(overlaps, gram_b)
    powers = clock_powers(readout, target, order)
    zero = readout[0] * 0
    pairs = [(i, n - i) for n in range(order) for i in range(n + 1)] if "W" in learning else []

    def vector(terms: Sequence[list[Any]]) -> list[Coefficients]:
        rows = range(order) if terms else range(0)
        return [in_learning_time([x[i] if i < len(x) else zero for x in terms], powers) for i in rows]

    return ChainSeries(
        in_learning_time(readout, powers),
        {(i, j): in_learning_time([terms.get((i, j), zero) for terms in chain.C], powers) for i, j in pairs},
        vector(chain.kappa),
        vector(chain.omega),
        target,
        chain,
        gram_a,
        gram_b,
        powers,
        learning,
        readout,
    )


@dataclass(frozen=True, repr=False)
class InstanceSeries(ChainSeries):
    """The series of one network. Its singular values are derived from many-digit overlaps.

    The leading coefficient of s_r is a quotient of Gram determinants, which doubles do not carry from
    s_3 on.
    """

    instance: Instance = field(repr=False)

    def singular_values(self, count: int) -> list[Coefficients]:
        """s_1..s_count of W - W0; s_r is given through tau^(order + 2 - 2r), zero where the chain closes."""
        reduction = instance_reduction(self.instance, self.order + 2)

        def rounded() -> list[Coefficients]:
            overlaps = reduced_overlaps(reduction, self.order + 1)
            series = chain_series(*overlaps, arb(self.target), self.order, self.train)
            present = min(count, reduction.size)
            values = singular_value_series(series.chain, series.gram_a, series.gram_b, present, arb.sqrt)
            in_time = [series._forward(series.in_time(value))[: len(value)] for value in values]
            return [[double(x, 0) if x != 0 else 0.0 for x in value] for value in in_time]

        values = at_sufficient_precision(rounded, 128 + 16 * self.order)
        absent = range(len(values) + 1, count + 1)
        return values + [[0.0] * (max(self.order + 2 - 2 * r, 0) + 1) for r in absent]


def instance_series(
    instance: Instance, zhat: float, order: int, train: str | Sequence[str] = ("W",)
) -> InstanceSeries:
    """The Taylor coefficients of one network under gradient flow towards the target ``zhat``.

    No limit is taken and nothing is assumed of W0, m and w; ``train`` names what learns.
    """
    of_kind("instance", instance, Instance, "an Instance")
    target(zhat)
    order = whole("order", order)
    gram_a, gram_b, overlaps = instance.overlaps(order + 1)
    series = chain_series(gram_a.tolist(), gram_b.tolist(), overlaps.tolist(), float(zhat), order, train)
    return InstanceSeries(**vars(series), instance=instance)


def _squared_length(direction: Sequence[Sequence[Any]], gram: Matrix, order: int) -> Coefficients:
    """Coefficients in s of |sum_i p_i a_i|^2, those that the Gram matrix given determines."""
    size = len(gram)
    result = []
    for n in range(min(order, size - 1) + 1):
        total = gram[0][0] * 0
        for m in range(n + 1):
            for i, x in enumerate(direction[m]):
                for j, y in enumerate(direction[n - m]):
                    total = total + x * y * gram[i][j]
        result.append(total)
    return result


def _rooted(squared: Coefficients) -> Coefficients:
    """The square root of a series of numbers with a positive constant term."""
    root = [sqrt(squared[0])]
    for n in range(1, len(squared)):
        cross = sum(root[i] * root[n - i] for i in range(1, n))
        root.append((squared[n] - cross) / (2 * root[0]))
    return root
