"""A large network as a small one with the same learning curve (THEORY 5, last lines of the exact limit).

The flow of W stays in the chain: W - W0 = sum C_ij a_i b_j^T (THEORY 2). With orthonormal bases Qa of
m, a_0, ..., a_(k-1) and Qb of w, b_0, ..., b_(k-1), and H = Qb^T B Qa, the network

    I - W0  ->  H^-1,      m -> Qa^T m,      w -> Qb^T w

of size k + 1 has the same R m, R^T w and z in those bases as long as learning stays within them: the
Taylor series agree through tau^(2k) and the error at fixed tau falls exponentially with k. Its
W - W0 has the same singular values. The bases are built orthogonal step by step (block
Golub-Kahan): the bare chain vectors become parallel.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from derive import Instance

CHAIN_LENGTH = 12


def reduced_instance(instance: Instance, length: int = CHAIN_LENGTH) -> Instance:
    """The network of size ``length`` + 1 that learns as ``instance`` does.

    One LU factorisation of I - W0 and 2 ``length`` + 1 solves. Where the chain closes earlier (g = 0)
    the network is as small as that; an instance of no more neurons is returned as it is.
    """
    from scipy.linalg import lu_factor, lu_solve

    if instance.size <= length + 1:
        return instance
    factors = lu_factor(np.eye(instance.size) - instance.W0)
    a_basis = [instance.m / np.linalg.norm(instance.m)]
    b_basis = [instance.w / np.linalg.norm(instance.w)]
    images = [lu_solve(factors, a_basis[0])]
    for _ in range(length):
        a_next = _orthonormal(lu_solve(factors, b_basis[-1], trans=1), a_basis)
        b_next = _orthonormal(images[-1], b_basis)
        if a_next is None and b_next is None:
            break
        if a_next is None or b_next is None:
            return instance
        a_basis.append(a_next)
        b_basis.append(b_next)
        images.append(lu_solve(factors, a_next))
    Qa, Qb = np.array(a_basis), np.array(b_basis)
    H = Qb @ np.array(images).T
    return Instance(np.eye(len(H)) - np.linalg.inv(H), m=Qa @ instance.m, w=Qb @ instance.w)


def _orthonormal(vector: NDArray[np.float64], basis: list[NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """``vector`` made orthogonal to ``basis`` and normalised; None where nothing is left of it."""
    size, Q = np.linalg.norm(vector), np.array(basis)
    for _ in range(2):  # once more: the first pass leaves rounding behind
        vector = vector - Q.T @ (Q @ vector)
    left = np.linalg.norm(vector)
    return vector / left if left > 1e-10 * size else None
