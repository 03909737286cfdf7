"""Networks with several inputs and outputs, random ones and those that stand for N -> infinity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derive import limit_network
from derive.arrays import Array


@dataclass(frozen=True, eq=False)
class MatrixInstance:
    """W0 (N, N), inputs m = M (N, p) and readouts w = Wout^T (q, N), both orthonormal.

    Named as in `derive.Instance`, so that the torch networks of `verify.truth.networks` take either.
    """

    W0: Array
    m: Array
    w: Array

    @property
    def size(self) -> int:
        return len(self.W0)

    @classmethod
    def sample(cls, size: int, g: float, shape: tuple[int, int], seed: int) -> MatrixInstance:
        """W0 i.i.d. N(0, g^2/N), M and Wout uniform, for ``shape`` = (outputs q, inputs p) <= size."""
        random = np.random.default_rng(seed)
        W0 = random.standard_normal((size, size)) * (g / np.sqrt(size))
        M, Wout = (_basis(random.standard_normal((size, count))) for count in shape[::-1])
        return cls(W0, M, Wout.T)


def _basis(columns: Array) -> Array:
    return np.asarray(np.linalg.qr(columns)[0], np.float64)


def limit_instance(g: float, nodes: int, shape: tuple[int, int]) -> MatrixInstance:
    """N -> infinity: a limit network for each pair of an input and an output, side by side.

    Overlaps between different inputs or outputs vanish there, as in the limit (THEORY 4, 5).
    """
    one = limit_network(g, nodes)
    outputs, inputs = shape
    unit = np.eye(max(shape))
    blocks = (one.W0, one.m[:, None], one.w[:, None])
    W0, M, Wout = (np.asarray(np.kron(unit, block), np.float64) for block in blocks)
    return MatrixInstance(W0, M[:, :inputs], Wout[:, :outputs].T)
