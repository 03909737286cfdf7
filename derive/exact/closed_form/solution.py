"""D, N and the direction of learning at any path length T, in double precision (THEORY 7).

With the bound states of `derive.exact.closed_form.spectrum` (lambda_j, xi_k, V, slope, c) and

    s_j = sqrt(lambda_j) tanh(sqrt(lambda_j) T),      t_k = tanh(sqrt(xi_k) T)/sqrt(xi_k),

the dressed exponential exp(-k T) P(k, T), P monic of degree 2n - 1 in k, has one condition at every kappa.
Interpolated at the xi_k and the lambda_j these are n - 1 linear equations,

    (1 - G t) v = G_0,      G = V^T s V = [[., G_0^T], [G_0, G]],      y = (1, t v),

from which everything follows:

    N = c sum_j sqrt(omega_j) tanh(sqrt(lambda_j) T)/sqrt(lambda_j) (V y)_j,
    D = 1 - T N e/c - sum_k slope_k t_k v_k/xi_k,
    a/|a| = b/|b| -> ((V y)_j/cosh(sqrt(lambda_j) T),  v_k/(sqrt(xi_k) cosh(sqrt(xi_k) T)),  N sqrt(e)/c),

2n components of a unit vector: n even functions of T, n odd ones. V is orthogonal and the tanh lie below 1,
so that no digit is lost but where D itself cancels, near T*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from flint import arb, fmpq
from numpy.typing import ArrayLike

from derive.arrays import Array
from derive.exact.closed_form.spectrum import (
    Spectrum,
    aligned_phases,
    limit_spectrum,
    measure_spectrum,
    rounded,
)
from derive.reading.arguments import one_number
from derive.reading.fields import Brief
from derive.series.balls import at_sufficient_precision
from derive.series.scalar_series import root_between

MOST_NODES = 64
LONGEST = 1e3  # of T, over 1/kappa_1


@dataclass(frozen=True, eq=False, repr=False)
class ClosedForm(Brief):
    """Gradient flow of W along its path, T in units of the Frobenius norm of W, all in double precision.

    ``spectrum`` in doubles, ``phases`` (n,) where w.m does not vanish. Every method takes arrays of T of any
    shape, 0 <= T <= `blow_up` (past it D is negative and z has changed sign through infinity).
    """

    spectrum: Spectrum
    phases: Any = 0.0

    @property
    def nodes(self) -> int:
        """The number n of nodes: 2n - 1 solitons."""
        return self.spectrum.size

    @property
    def kappa(self) -> Array:
        """The 2n - 1 bound states, descending."""
        result = np.empty(2 * self.nodes - 1)
        result[::2], result[1::2] = np.sqrt(self.spectrum.nodes), np.sqrt(self.spectrum.between)
        return result

    @property
    def speed(self) -> float:
        """sqrt(h) at T = 0: beta at N -> infinity."""
        return float(self.spectrum.speed)

    def _repr_latex_(self) -> str:
        from derive.jupyter import Row, number, shown

        values = [(f"\\kappa_{{{i}}}", x) for i, x in enumerate(self.kappa, 1)]
        rows = [Row(left, [(number(x), "")]) for left, x in [*values, ("T^{*}", self.blow_up)]]
        note = r"$z = N(T)/D(T)$; \texttt{x.readout(T)} up to the blow-up $T^{*}$"
        return shown(rows, r"\texttt{x.kappa}", note)

    def state(self, T: ArrayLike) -> tuple[Array, Array, Array]:
        """D and N, of the shape of ``T``, and `direction`."""
        return solved(self.spectrum, np.asarray(T, dtype=float), self.phases)

    def scalars(self, T: ArrayLike) -> tuple[Array, Array]:
        """D and N, of the shape of ``T``."""
        D, N, _ = self.state(T)
        return D, N

    def D(self, T: ArrayLike) -> Array:
        """(h/h(0))^(-1/4) = det(1 - W)/det(1 - W0) of one of the two halves of the 2n-network."""
        return self.scalars(T)[0]

    def readout(self, T: ArrayLike) -> Array:
        """z = N/D."""
        D, N = self.scalars(T)
        return N / D

    def sharpness(self, T: ArrayLike) -> Array:
        """h = dz/ds = |a|^2 |b|^2."""
        return self.speed**2 / self.scalars(T)[0] ** 4

    def direction(self, T: ArrayLike) -> Array:
        """The unit vector a/|a| = b/|b|, shape T.shape + (2n,): d(W - W0)/dT is its outer product.

        For w.m = 0.
        """
        return self.state(T)[2]

    @cached_property
    def blow_up(self) -> float:
        """T*: the first zero of D, where an outlier of W reaches 1 and z infinity."""

        def height(T: float) -> float:
            return float(self.scalars(np.array(T))[0])

        low, high = 0.0, 2 / float(self.kappa[0])
        while height(high) > 0:
            if high > LONGEST / float(self.kappa[0]):
                raise ValueError("W stays one-dimensional: D has no zero")
            low, high = high, 1.5 * high
        return root_between(height, low, high)


def closed_form(g: float, nodes: int = 8, alignment: float = 0.0) -> ClosedForm:
    """Learning at N -> infinity (W alone learns) as a soliton, from ``nodes`` Gauss nodes of B B^T.

    Exact for the 2n-network of `derive.limit_network`; its distance from N = infinity falls faster than
    exponentially in n (1e-13 of z at n = 8). At g = 0 one node is exact. ``alignment`` is w.m, |w.m| < 1.
    Raises ValueError for g outside [0, 1), nodes outside 1..64 and other alignments.

    >>> round(float(closed_form(0.6, 4).readout(0.45)), 9)
    1.782517623
    """
    one_number("g", g)
    one_number("nodes", nodes)
    one_number("alignment", alignment)
    if not 0 <= g < 1:
        raise ValueError(f"g = {g}: allowed is 0 <= g < 1")
    if not 1 <= nodes <= MOST_NODES:
        raise ValueError(f"{nodes} nodes: allowed are integers from 1 to {MOST_NODES}")
    if not -1 < alignment < 1:
        raise ValueError(f"alignment {alignment}: allowed is -1 < alignment < 1")
    return _closed_form(g, nodes, alignment)


@lru_cache(maxsize=64)
def _closed_form(g: float, nodes: int, alignment: float) -> ClosedForm:
    bits = 96 + 16 * nodes
    spectrum = rounded(lambda: limit_spectrum(g, nodes), bits)
    if alignment == 0:
        return ClosedForm(spectrum)
    phases = at_sufficient_precision(lambda: aligned_phases(g, alignment, limit_spectrum(g, nodes)), bits)
    return ClosedForm(spectrum, np.array(phases))


def closed_form_of_measure(nodes: Any, weights: Any) -> ClosedForm:
    """The same for any measure of B B^T with positive ``nodes`` and ``weights`` (scaled to sum 1), both (n,).

    Numbers are floats, taken as the binary numbers they are, or fractions. Raises ValueError for others.

    >>> round(float(closed_form_of_measure([3.1, 0.7], [0.35, 0.65]).readout(0.3)), 9)
    0.540874365
    """
    pairs = sorted(((_exact(x), _exact(r)) for x, r in zip(nodes, weights, strict=True)), reverse=True)
    if not pairs or any(x <= 0 or r <= 0 for x, r in pairs) or len({x for x, _ in pairs}) < len(pairs):
        raise ValueError("nodes and weights: allowed are distinct positive nodes with positive weights")
    total = sum((r for _, r in pairs), fmpq(0))
    return ClosedForm(
        rounded(lambda: measure_spectrum([arb(x) for x, _ in pairs], [arb(r / total) for _, r in pairs]), 192)
    )


def _exact(value: Any) -> fmpq:
    from fractions import Fraction

    number = Fraction(value)
    return fmpq(number.numerator, number.denominator)


def solved(spectrum: Spectrum, T: Any, phases: Any = 0.0) -> tuple[Any, Any, Any]:
    """D, N and the unit vector, in numpy arrays over T.shape; analytic in every number of ``spectrum``.

    Numbers may be complex and have further axes in front, which broadcast against those of T. ``phases``
    (..., n) are added to sqrt(lambda_j) T: artanh(c_j/r_j) where the overlaps w^T B (B^T B)^k m do not vanish
    but are sum_j c_j lambda_j^(k + 1/2).
    """
    x, xi, V, slope, c = spectrum.nodes, spectrum.between, spectrum.frame, spectrum.slope, spectrum.speed
    n, roots, others = x.shape[-1], np.sqrt(x), np.sqrt(xi)
    angles = T[..., None] * roots + phases
    rising, middle = np.tanh(angles), np.tanh(T[..., None] * others) / others
    G = np.swapaxes(V, -1, -2) @ ((rising * roots)[..., None] * V)
    v = np.linalg.solve(np.eye(n - 1) - G[..., 1:, 1:] * middle[..., None, :], G[..., 1:, :1])[..., 0]
    tv = middle * v
    even = V[..., 0] + (V[..., 1:] @ tv[..., None])[..., 0]
    N = c * np.sum(V[..., 0] / roots * rising * even, axis=-1)
    escaped = N * (spectrum.rest / c)
    D = 1 - T * escaped - np.sum(slope / xi * tv, axis=-1)
    direction = np.concatenate(
        [
            even / np.cosh(angles),
            v / (others * np.cosh(T[..., None] * others)),
            (escaped / np.sqrt(spectrum.rest))[..., None],
        ],
        axis=-1,
    )
    return D, N, direction
