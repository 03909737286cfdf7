"""Where learning starts: overlaps of random networks (Ger and Barak 2026; THEORY 6).

A random network of N neurons has Gaussian Z, V, M, U, each matrix scaled to the Frobenius norm sqrt(N):
its norms are 1 (at rank r the trace of U^T U / N is 1), its other overlaps of order N^(-1/2). A balanced
one looks the same from both ends, Z in place of M and V in place of U: zu = vm, zv = mu, zz = mm, vv = uu.
"""

from __future__ import annotations

import numpy as np

from derive.arrays import Array
from derive.overlaps.problem import Matrix, OverlapProblem


def random_network(problem: OverlapProblem, size: int, seed: int) -> Array:
    """X = [Z V M U], shape (N, P), each block Gaussian and of Frobenius norm sqrt(N).

    The seed gives the same network on any machine. Raises ValueError for fewer than P neurons.
    """
    if size < problem.size:
        raise ValueError(f"size {size}: allowed are integers >= {problem.size}")
    X = np.random.default_rng(seed).standard_normal((size, problem.size))
    for block in problem.blocks.values():
        X[:, block] *= np.sqrt(size) / np.linalg.norm(X[:, block])
    return X


def random_start(problem: OverlapProblem, size: int, seed: int, balanced: bool = False) -> Matrix:
    """S of a random network of N = ``size`` neurons, shape (P, P); its rank is P.

    Balanced: the average of S and of S seen from the other end, which is the law of random networks under
    the condition that zu = vm and zv = mu (published: drawn until they are within 1e-3). Raises ValueError
    for fewer than P neurons, or balanced with other inputs than outputs.
    """
    X = random_network(problem, size, seed)
    S = np.asarray(X.T @ X / size)
    if not balanced:
        return S
    if problem.inputs != problem.outputs:
        raise ValueError(
            f"a balanced start of {problem.inputs} inputs and {problem.outputs} outputs: allowed are as many "
            "inputs as outputs"
        )
    other = np.roll(np.arange(problem.size), problem.size // 2)
    return np.asarray((S + S[np.ix_(other, other)]) / 2)
