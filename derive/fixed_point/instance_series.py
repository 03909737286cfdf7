"""The same expansion for one given network: no limit taken (THEORY 2).

The chain recursion and the change of clock on any scalars: floats give the Taylor coefficients of
that very network, symbols the formula before self-averaging.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.fixed_point.chain import Matrix, chain_in_clock
from derive.fixed_point.clock import clock_powers, in_learning_time
from derive.fixed_point.instance import Instance


@dataclass(frozen=True)
class ChainSeries:
    """Taylor coefficients in tau (no factorials), exact through tau^order.

    ``readout[k]`` multiplies tau^k in z; ``C[i, j][k]`` multiplies tau^k a_i b_j^T in W - W0,
    i + j < order.
    """

    readout: list[Any]
    C: dict[tuple[int, int], list[Any]]

    def connectivity(self, instance: Instance, tau: float) -> NDArray[np.float64]:
        """W(tau) - W0 of the instance, shape (N, N), from the truncated series."""
        count = 1 + max(i for i, _ in self.C)
        a, b = instance.chains(count)
        C = np.zeros((count, count))
        for (i, j), coefficients in self.C.items():
            C[i, j] = np.polynomial.polynomial.polyval(tau, coefficients)
        change: NDArray[np.float64] = a.T @ C @ b
        return change


def chain_series(
    gram_a: Matrix, gram_b: Matrix, overlaps: Sequence[Any], target: Any, order: int
) -> ChainSeries:
    """Expand gradient flow from the overlaps of the chain vectors.

    ``gram_a[i][j]`` = a_i.a_j and ``gram_b[i][j]`` = b_i.b_j for i, j < order; ``overlaps[j]`` =
    w.b_j for j <= order; ``target`` is zhat. Raises ValueError for order < 1.
    """
    if order < 1:
        raise ValueError(f"order {order}: allowed are integers >= 1")
    chain = chain_in_clock(gram_a, gram_b, order)
    readout = chain.readout(overlaps)
    powers = clock_powers(readout, target, order)
    zero = readout[0] * 0
    C = {
        (i, n - i): in_learning_time([terms.get((i, n - i), zero) for terms in chain.C], powers)
        for n in range(order)
        for i in range(n + 1)
    }
    return ChainSeries(in_learning_time(readout, powers), C)


def instance_series(instance: Instance, zhat: float, order: int) -> ChainSeries:
    """The Taylor coefficients of one network under gradient flow towards the target ``zhat``."""
    gram_a, gram_b, overlaps = instance.overlaps(order + 1)
    return chain_series(gram_a.tolist(), gram_b.tolist(), overlaps.tolist(), float(zhat), order)
