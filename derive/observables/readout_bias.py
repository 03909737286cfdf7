"""The mean of the readout over networks of size N: N (E z - z at N = infinity), as a series (THEORY 8).

z is a function of three families of overlaps, dressed as in `derive.flow.dressed_moments`,

    A_k = w^T (B B^T)^(k/2) w,    D_k = m^T (B^T B)^(k/2) m    (k even),
    X_k = w^T B (B^T B)^((k-1)/2) m    (k odd),
    dX_k/ds = sum of A_i D_j (even i) or X_i X_j (odd i),   dA_k/ds = sum of A_i X_j or X_i A_j,   likewise D,

over i + j = k + 3, i, j >= 2. Given W0 the vectors are isotropic: A_k and D_k have the mean
E tr(B B^T)^(k/2)/N = mu_k/2 + mu'_k/2/N (`derive.words.finite_size_moments`), X_k has the mean 0, and

    N Cov(A_k, A_l) = N Cov(D_k, D_l) = 2 (mu_(k+l)/2 - mu_k/2 mu_l/2),
    N Cov(X_k, X_l) = mu_(k+l)/2,     all others 0.

A change by a point of the measure, delta A_k = epsilon x^k, gives with its second order in epsilon the sum
over all pairs k, l at once: x^k -> mu_k/2 there is the contraction with mu_(k+l)/2. So to order 1/N, with
F_2[p] the coefficient of epsilon^2 under a change p and F_1[p] that of epsilon,

    N (E z - z) = 2 F_1[A: mu'] + 4 (F_2[A: x^k] - F_2[A: mu_k/2]) + F_2[X: x^k].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flint import fmpq_poly

from derive.flow.clock import clock_powers, in_learning_time
from derive.flow.packing import ZERO, unpacked
from derive.series.coefficient import ONE, Coefficient
from derive.series.jet import Jet
from derive.words.finite_size_moments import finite_size_moments
from derive.words.moments import scaled_chain_moment

Polynomials = list[fmpq_poly]


def bias_coefficients(order: int, g0: bool) -> tuple[Coefficient, ...]:
    """In ttilde, over zhat beta^2: independent m and w of norm 1, W alone learns; g = 0 if ``g0``."""
    stride = 8 * order + 24

    def moment(k: int) -> fmpq_poly:
        value = scaled_chain_moment(k // 2)
        return fmpq_poly([value[0]]) if g0 else value

    def run(changed: str, change: Callable[[int], dict[int, Any]]) -> list[Jet]:
        start = {
            family: [
                Jet(
                    moment(k) if k and k % 2 == 0 else ZERO,
                    change(k) if family == changed and k and (k % 2 == 0) == (family != "X") else {},
                    {},
                )
                for k in range(order + 2)
            ]
            for family in ("A", "D", "X")
        }
        return _in_time(_dressed_readout(start, order), order, stride)

    point_even, point_odd = (run(family, lambda k: {k: ONE}) for family in ("A", "X"))
    whole = run("A", lambda k: {0: moment(k)})
    shift = {} if g0 else _shifts(order)
    total = []
    for n in range(order + 1):
        value = _contracted(point_even[n].changes[1], moment) * 4 + _contracted(
            point_odd[n].changes[1], moment
        )
        # x^0: the change of everything together; N Cov/beta^2 of it is the product over beta^2
        value -= whole[n].changes[1].get(0, ZERO) * 4 * (ONE if g0 else fmpq_poly([1, -1]) ** 2)
        for k, x in point_even[n].changes[0].items():
            if k in shift:
                value += (x * shift[k] * 2).left_shift(stride)
        total.append(value)
    scaled = unpacked(total, 2 * stride)
    # beta/zhat times a series that begins with y = zhat^2 beta
    return tuple(Coefficient(c.numerators[1:], c.denominator) for c in scaled)


def _shifts(order: int) -> dict[int, fmpq_poly]:
    """mu'_k/2 over beta^(3 k/2), a polynomial in 1/beta = 1 - g^2, by k."""
    inverse = fmpq_poly([1, -1])
    primed = finite_size_moments(order + 2)
    return {
        k: sum((inverse ** (3 * k // 2 - i) * int(c) for i, c in enumerate(primed[k].coeffs())), ZERO)
        for k in range(2, order + 2, 2)
    }


def _contracted(change: Any, moment: Callable[[int], fmpq_poly]) -> fmpq_poly:
    """x^k -> mu_k/2."""
    return sum((x * moment(k) for k, x in change.items()), ZERO)


def _dressed_readout(start: dict[str, list[Jet]], order: int) -> list[Jet]:
    """Coefficients in s of X_1 through s^order."""
    zero = start["X"][0] * 0
    series = {family: [[jet] for jet in jets] for family, jets in start.items()}
    A, D, X = series["A"], series["D"], series["X"]

    def rate(pairs: Sequence[tuple[list[Jet], list[Jet]]], n: int) -> Jet:
        total = zero
        for left, right in pairs:
            for power in range(n + 1):
                if left[power] != 0 and right[n - power] != 0:
                    total = total + left[power] * right[n - power]
        return total / (n + 1)

    for n in range(order):
        new = []
        for k in range(1, order + 1 - n):
            splits = [(i, k + 3 - i) for i in range(2, k + 2)]
            if k % 2:
                pairs = [(A[i], D[j]) if i % 2 == 0 else (X[i], X[j]) for i, j in splits]
                new.append((X[k], rate(pairs, n)))
                continue
            for family in (A, D):
                pairs = [(family[i], X[j]) if i % 2 == 0 else (X[i], family[j]) for i, j in splits]
                new.append((family[k], rate(pairs, n)))
        for row, value in new:
            row.append(value)
    return X[1]


def _in_time(in_clock: Sequence[Jet], order: int, stride: int) -> list[Jet]:
    """z/zhat at fixed learning time, packed: g^2 = X, h = zhat beta^(1/2) = X^stride; epsilon times h."""

    def packed(jet: Jet, n: int) -> Jet:
        value = jet.value.left_shift(stride * (n - 1)) if not jet.value.is_zero() else ZERO
        changes = (
            {k: x.left_shift(stride * (n - 1 + d)) for k, x in change.items()}
            for d, change in enumerate(jet.changes, 1)
        )
        return Jet(value, *changes)

    readout = [packed(jet, n) for n, jet in enumerate(in_clock)]
    one = readout[0] * 0 + ONE
    return in_learning_time(readout, clock_powers(readout, one, order))
