"""Networks with prescribed overlaps, and overlaps changed without changing the function (THEORY 6)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from derive.arrays import Array
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.visibility import visible_overlaps
from derive.reading.arguments import of_kind, whole


def sample_network(problem: OverlapProblem, S: Matrix, size: int, seed: int) -> Array:
    """X = [Z V M U] of shape (N, P), Gaussian but for X^T X / N = S exactly, N = ``size``.

    The columns of a Gaussian matrix are made orthogonal, then mixed by the root of S. The seed
    gives the same network on any machine. Raises ValueError where S is not positive semidefinite
    (naming the eigenvalue) or N is smaller than its rank.
    """
    of_kind("problem", problem, OverlapProblem, "an OverlapProblem")
    size = whole("size", size)
    root = semidefinite_root(problem.check(S))
    rank = root.shape[0]
    if size < rank:
        raise ValueError(f"size {size}: S has rank {rank}, allowed are sizes >= {rank}")
    gaussian = np.random.default_rng(seed).standard_normal((size, rank))
    basis, triangle = np.linalg.qr(gaussian)
    return np.asarray(np.sqrt(size) * (basis * np.sign(np.diag(triangle))) @ root)


def semidefinite_root(S: Matrix) -> Array:
    """R with R^T R = S, shape (rank of S, P); symmetric where S is positive definite."""
    values, vectors = np.linalg.eigh(S)
    present = values > 1e-14 * max(float(values[-1]), 1e-300)
    if present.all():
        return np.asarray((vectors * np.sqrt(values)) @ vectors.T)
    return np.asarray((vectors[:, present] * np.sqrt(values[present])).T)


def with_invisible(problem: OverlapProblem, S: Matrix, changes: Mapping[str, float]) -> Matrix:
    """S with the named loss-invisible overlaps set to new values: same function, other learning.

    Raises ValueError for an unknown or loss-visible overlap, or a result that is not positive
    semidefinite (naming the eigenvalue).
    """
    visible = visible_overlaps(problem)
    changed = np.array(S, dtype=np.float64)
    for name, value in changes.items():
        if name not in problem.pairs or name in visible:
            allowed = ", ".join(other for other in problem.names if other not in visible)
            raise ValueError(f"overlap {name} to be changed: allowed are the loss-invisible {allowed}")
        row, column = problem.pairs[name]
        changed[row, column] = changed[column, row] = value
    return problem.check(changed)


def moved_network(X: Array, S: Matrix) -> Array:
    """The network X T nearest to X with overlaps S, T = A^-1/2 (A^1/2 S A^1/2)^1/2 A^-1/2.

    T is the optimal-transport map between the Gaussians of the two overlap matrices, A = X^T X / N and S,
    so that nothing moves that need not. Where A is singular the inverse is taken on its range, which must
    hold that of S: raises ValueError, naming the eigenvalue, where it does not.
    """
    A = X.T @ X / len(X)
    values, vectors = np.linalg.eigh(A)
    present = values > 1e-12 * values[-1]
    vectors, roots = vectors[:, present], np.sqrt(values[present])
    outside = np.linalg.norm(S - vectors @ (vectors.T @ S))
    if outside > 1e-10 * np.linalg.norm(S):
        raise ValueError(
            f"X has overlaps with the eigenvalue {values[0]:.3g}: allowed are eigenvalues > 0, or an S that "
            "vanishes on that eigenvector too"
        )
    root, inverse = (vectors * roots) @ vectors.T, (vectors / roots) @ vectors.T
    middle_values, middle_vectors = np.linalg.eigh(root @ S @ root)
    middle = (middle_vectors * np.sqrt(np.maximum(middle_values, 0))) @ middle_vectors.T
    return np.asarray(X @ (inverse @ middle @ inverse))
