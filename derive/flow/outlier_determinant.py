"""det(1 - C Gamma(lambda)) as a series in the clock, from one vector of series (THEORY 3, 4).

With dC/ds = p p^T (p = q at N -> infinity, W alone learning) the traces of powers of A = C Gamma grow as

    d/ds tr A^k/k = p^T Gamma A^(k-1) p = w_a^T v_b,     a + b = k + 1,
    v_1 = p,   w_k = Gamma v_k,   v_(k+1) = C w_k,

C and Gamma being symmetric: half the powers are enough, and each is a vector, not a matrix. Newton's
identities then give the elementary symmetric functions e_r of the eigenvalues of A, and
det(1 - A) = sum_r (-1)^r e_r. C_ij = O(s^(i+j+1)) makes every r x r minor of A, and so e_r, O(s^(r^2)): a
few r are enough.

In the scaled variables of `derive.observables.outlier_equation` every entry of Gamma holds one sigma and a
polynomial H_n in u = g^2 and x = g^2 rho of total degree n - 1; as C_ij is of degree (n - 1 - i - j)/2 in u
at theta^n, all that arises at theta^n is of total degree n/2 at most. x is packed as u^stride.
"""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING

from flint import fmpq_poly

from derive.flow.packing import ZERO
from derive.series.coefficient import ONE
from derive.words.moments import scaled_odd_moment

if TYPE_CHECKING:
    from derive.flow.large_n import LargeN

Vectors = list[list[fmpq_poly]]
"""[n][i]: coefficient of theta^n of entry i."""


def symmetric_functions(limit: LargeN, stride: int) -> list[list[fmpq_poly]]:
    """e_0, e_1, ... as far as they do not vanish, through theta^order, without their sigma^r.

    Polynomials in u, with x as u^stride; ``stride`` > order/2.
    """
    order, most = limit.order, isqrt(limit.order)
    traces = _traces(limit, stride, most)
    symmetric = [[ONE, *[ZERO] * order]]
    for r in range(1, most + 1):
        total = [ZERO] * (order + 1)
        for k in range(1, r + 1):
            sign = 1 if k % 2 else -1
            for m, x in enumerate(symmetric[r - k]):
                if x:
                    x = x * sign
                    for n in range(k, order + 1 - m):
                        if y := traces[k][n]:
                            total[m + n] += x * y
        symmetric.append([value / r for value in total])
    return symmetric


def _traces(limit: LargeN, stride: int, most: int) -> dict[int, list[fmpq_poly]]:
    """tr A^k for k = 1..most, through theta^order."""
    order = limit.order
    H = _resolvent_moments(order, limit.g0, stride)
    vectors: list[Vectors] = [list(limit.chain.p[:order])]
    images: list[Vectors] = [_weighted(vectors[0], H, order)]
    traces = {}
    for k in range(1, most + 1):
        a, b = (k - 1) // 2, k // 2
        if b == len(vectors):
            vectors.append(_moved(limit, images[-1]))
        if a == len(images):
            images.append(_weighted(vectors[a], H, order))
        rate = _inner(images[a], vectors[b], order)
        traces[k] = [ZERO, *(x * k / n for n, x in enumerate(rate, 1))]
    return traces


def _weighted(vector: Vectors, H: list[fmpq_poly], order: int) -> Vectors:
    """Gamma v; entry j at theta^n as far as it is needed, j < order - n."""
    return [
        [
            _sum([H[(i + j + 1) // 2] * x for i, x in enumerate(row) if (i + j) % 2 and x])
            for j in range(order - n)
        ]
        for n, row in enumerate(vector)
    ]


def _moved(limit: LargeN, image: Vectors) -> Vectors:
    """C w through theta^(order-1)."""
    order = limit.order
    result = [[ZERO] * (n + 1) for n in range(order)]
    for m, terms in enumerate(limit.chain.C[:order]):
        for (i, j), value in terms.items():
            for n in range(order - m):
                if y := image[n][j]:
                    result[m + n][i] += value * y
    return result


def _inner(image: Vectors, vector: Vectors, order: int) -> list[fmpq_poly]:
    """w^T v through theta^(order-1)."""
    rate = [ZERO] * order
    for m, left in enumerate(image):
        for n, right in enumerate(vector[: order - m]):
            for x, y in zip(left, right, strict=False):
                if x and y:
                    rate[m + n] += x * y
    return rate


def _resolvent_moments(count: int, g0: bool, stride: int) -> list[fmpq_poly]:
    """H_0 (not used), H_1, ..., H_count: H_n = N_n + x sum_{0<k<n} H_k N_(n-k)."""
    N = [ZERO, *(ONE if g0 else scaled_odd_moment(n) for n in range(1, count + 1))]
    H = [ZERO]
    for n in range(1, count + 1):
        earlier = _sum([H[k] * N[n - k] for k in range(1, n)])
        H.append(N[n] if g0 or n == 1 else N[n] + earlier.left_shift(stride))
    return H


def _sum(values: list[fmpq_poly]) -> fmpq_poly:
    return sum(values[1:], start=values[0]) if values else ZERO
