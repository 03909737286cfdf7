"""The solitons of the closed form as averages over signs: potential, N and D (THEORY 7).

The Wronskian of cosh theta_1, sinh theta_2, cosh theta_3, ... is, up to a constant, a sum over m = 2n - 1
signs e_j with positive weights,

    Wr = sum over e of prod_{i<j} |e_i kappa_i - e_j kappa_j| exp(sum_j e_j theta_j),
    theta_j = kappa_j T - 4 kappa_j^3 t.

t is the time of the Korteweg-de Vries equation Q_t = 6 Q Q_T - Q_TTT, in which soliton j moves at the speed
4 kappa_j^2; learning is the instant t = 0. With averages under these weights,

    Q = D''/D = -2 (log Wr)'' = -2 Var(sum_j e_j kappa_j),         c_0 the ``speed`` of the form,
    N = (-1)^(n-1) sqrt(c_0) <prod_j e_j>,
    D = (-1)^(n-1) sqrt(c_0) <prod_j e_j (sum_j e_j/kappa_j - T)>.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from derive.arrays import Array

MOST_SOLITONS = 11  # 2^m weights at every T


class Solitons(NamedTuple):
    """``potential`` Q, ``kink`` N/sqrt(c_0) and ``factor`` D/sqrt(c_0), all of the shape of T and t."""

    potential: Array
    kink: Array
    factor: Array


def solitons(kappa: ArrayLike, T: ArrayLike, t: ArrayLike = 0.0) -> Solitons:
    """m solitons of rates ``kappa`` (m,), descending and m odd, at T and at the Korteweg-de Vries time t.

    They meet at T = 0, t = 0. T and t broadcast; m <= 11. Raises ValueError for other rates.
    """
    rates = np.asarray(kappa, dtype=float)
    m = rates.size
    if rates.ndim != 1 or m % 2 == 0 or m > MOST_SOLITONS or np.any(np.diff(rates, append=0.0) >= 0):
        raise ValueError(f"kappa: allowed are 1, 3, ... or {MOST_SOLITONS} positive rates, descending")
    signs = np.array(list(product((1.0, -1.0), repeat=m)))
    signed = signs * rates
    first, second = np.triu_indices(m, 1)
    interaction = np.log(np.abs(signed[:, first] - signed[:, second])).sum(axis=1)
    T, t = (np.asarray(x, dtype=float)[..., None] for x in np.broadcast_arrays(T, t))
    exponent = interaction + T * signed.sum(axis=1) - 4 * t * (signed**3).sum(axis=1)
    weight = np.exp(exponent - exponent.max(axis=-1, keepdims=True))
    weight /= weight.sum(axis=-1, keepdims=True)
    total = signed.sum(axis=1)
    spread = weight @ total
    parity = weight * signs.prod(axis=1) * (-1) ** (m // 2)
    return Solitons(
        -2 * np.sum(weight * (total - spread[..., None]) ** 2, axis=-1),
        parity.sum(axis=-1),
        np.sum(parity * ((signs / rates).sum(axis=1) - T), axis=-1),
    )
