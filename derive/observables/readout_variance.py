"""The variance of the readout between networks of size N, N Var z, as a series in learning time (THEORY 8).

Given W0 the vectors m and w (of norm 1) are isotropic, and to leading order the overlaps
X_k = m^T (B^T B)^(k/2) m (k even, the mean with w's) and X_k = w^T B (B^T B)^((k-1)/2) m (k odd) have

    N Cov(X_k, X_l) = mu_(k+l)/2 - [k even] mu_k/2 mu_l/2      for k - l even, else 0.

At a fixed learning time, with g_k = dz/dX_k at fixed s and h = dz/ds,

    dz/dX_k = g_k - (zhat - z) h integral of g_k/(zhat - z)^2 ds.

In the scaled variables of `derive.flow.large_n`, N Var z = beta V with powers theta^n y^j of V that come with
polynomials in g^2 of degree j + 1 at most.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq_poly

from derive.flow.clock import clock_powers, in_learning_time
from derive.flow.dressed_moments import dressed_moments
from derive.flow.dressed_responses import dressed_responses
from derive.flow.packing import ZERO, packed, unpacked
from derive.series.coefficient import ONE, Coefficient
from derive.series.power_series import product
from derive.words.moments import scaled_chain_moment


def variance_coefficients(order: int, g0: bool) -> tuple[Coefficient, ...]:
    """V through ttilde^order, for independent m and w of norm 1 where W alone learns; g = 0 if ``g0``."""
    stride = order // 2 + 3
    moments = [scaled_chain_moment(n) for n in range(1, order + 3)]
    if g0:
        moments = [fmpq_poly([M[0]]) for M in moments]
    z = dressed_moments(moments, order + 1)[0]
    readout = packed(z[: order + 1], stride)
    answers = _answers(moments, z, order, stride)
    odd = _contracted(answers, moments, 1)
    even = _contracted(answers, moments, 0)
    mean = [ZERO] * (order + 1)
    for k in range(2, order + 2, 2):
        mean = [x + y * moments[k // 2 - 1] for x, y in zip(mean, answers[k - 1], strict=True)]
    inverse_beta = ONE if g0 else fmpq_poly([1, -1])
    even = [x - y * inverse_beta**2 for x, y in zip(even, product(mean, mean), strict=True)]
    total = [x + y.left_shift(stride) if not y.is_zero() else x for x, y in zip(odd, even, strict=True)]
    return unpacked(in_learning_time(total, clock_powers(readout, ONE, order)), stride)


def _answers(
    moments: Sequence[fmpq_poly], z: Sequence[fmpq_poly], order: int, stride: int
) -> list[list[fmpq_poly]]:
    """dz/dX_k at fixed learning time, k = 1..order + 1, packed; a factor y^(1/2) is left out of even k."""
    readout = packed(z[: order + 1], stride)
    error = [ONE - readout[0], *(-x for x in readout[1:])]
    over = _inverse(product(error, error))
    slope = product(error, packed([z[n + 1] * (n + 1) for n in range(order + 1)], stride))
    answers = []
    for g in dressed_responses(moments, order):
        known = packed(g, stride)
        integrand = product(over, known)
        delay = [ZERO, *(x / n for n, x in enumerate(integrand[:-1], 1))]
        answers.append([x - y for x, y in zip(known, product(slope, delay), strict=True)])
    return answers


def _contracted(
    answers: Sequence[Sequence[fmpq_poly]], moments: Sequence[fmpq_poly], parity: int
) -> list[fmpq_poly]:
    """sum over k, l of one parity of mu_(k+l)/2 times both answers, which start at theta^(k-1)."""
    order = len(answers) - 1
    total = [ZERO] * (order + 1)
    indices = range(2 - parity, order + 2, 2)
    for k in indices:
        weighted = [ZERO] * (order + 2 - k)
        for j in indices:
            moment = moments[(k + j) // 2 - 1]
            for n in range(j - 1, order + 2 - k):
                weighted[n] = weighted[n] + answers[j - 1][n] * moment
        for n, x in enumerate(answers[k - 1]):
            if not x.is_zero():
                for i in range(order + 1 - n):
                    total[n + i] = total[n + i] + x * weighted[i]
    return total


def _inverse(series: Sequence[fmpq_poly]) -> list[fmpq_poly]:
    """1/series for one that begins with 1."""
    result = [ONE]
    for n in range(1, len(series)):
        result.append(-sum((series[i] * result[n - i] for i in range(1, n + 1)), ZERO))
    return result
