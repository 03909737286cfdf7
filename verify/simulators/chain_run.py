"""Everything a `SimulatedRun` records, from a descent whose change is a sum of few outer products.

W - W0 = Qa^T C Qb with orthonormal rows Qa, Qb (d, N) and C_e the sum of the sigma_k alpha_k beta_k^T, k < e
(weighted by momentum):
norms and singular values are those of C, and with an independent copy W0' (B' = (I - W0')^-1)

    z' = w^T B' m + (w^T B' Qa^T) C (1 - X' C)^-1 (Qb B' m),      X' = Qb B' Qa^T,

the readout after shuffling (THEORY 4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from verify.simulators.linear_solver import LinearSolver, linear_solver
from verify.simulators.outliers import outliers
from verify.simulators.rank_one import RankOneDescent
from verify.simulators.run import (
    SINGULAR_VALUES,
    DescentTask,
    Options,
    SimulatedRun,
    outlier_edge,
    padded_factors,
)


def chain_run(
    simulator: str,
    problem: DescentTask,
    options: Options,
    descent: RankOneDescent,
    bases: tuple[Array, Array],
    facts: dict[str, float],
    *,
    solver: LinearSolver | None = None,
    eigenvalues: NDArray[np.complex128] | None = None,
) -> SimulatedRun:
    """The record of ``descent``, whose a and b are coordinates in ``bases`` (rows of shape (d, N)).

    ``solver`` is that of I - W0, where there is one; ``eigenvalues`` are given where they were found
    by another route.
    """
    left, right = bases
    epochs, size = problem.epochs, problem.instance.size
    C = descent.changes()
    finite = np.isfinite(descent.readout)
    singular = np.full((epochs + 1, len(left)), np.nan)
    singular[finite] = np.linalg.svd(C[finite], compute_uv=False)
    listed = np.zeros((epochs + 1, SINGULAR_VALUES))
    listed[:, : len(left)] = singular[:, :SINGULAR_VALUES]
    listed[~finite] = np.nan
    error = problem.zhat - descent.readout
    a, b = descent.norms()
    when = options.eigenvalue_epochs(epochs)
    if eigenvalues is None:
        W0 = problem.instance.W0
        eigenvalues = outliers(W0, left, right, C[when], outlier_edge(W0), solver)
    del solver  # one factorisation at a time
    shuffled = np.full(epochs + 1, np.nan)
    shuffled[finite] = _shuffled_readout(problem, options, left, right, C[finite])
    last = int(np.flatnonzero(finite)[-1])
    U, s, Vt = np.linalg.svd(C[last])
    U, s, V, rest = padded_factors(left.T @ U, s, right.T @ Vt.T, size)
    return SimulatedRun(
        simulator,
        problem.tau,
        descent.readout,
        error**2 / 2,
        np.abs(error) * a * b,
        np.sqrt((singular**2).sum(axis=1)),
        (problem.zhat - shuffled) ** 2 / 2,
        listed,
        when,
        eigenvalues,
        U,
        s,
        V,
        {**facts, "factor_remainder": rest, "finite_epochs": float(last)},
    )


def _shuffled_readout(problem: DescentTask, options: Options, left: Array, right: Array, C: Array) -> Array:
    m, w = problem.instance.m, problem.instance.w
    solver = linear_solver(problem.shuffled(), options.device, options.matrix_free)
    columns = np.column_stack([m, left.T]).astype(m.dtype)
    images = solver.plain(np.asfortranarray(columns)).astype(np.float64)
    direct, from_left = float(w @ images[:, 0]), w @ images[:, 1:]
    X, to_right = right @ images[:, 1:], right @ images[:, 0]
    q = np.linalg.solve(np.eye(len(X)) - X @ C, np.broadcast_to(to_right, (len(C), len(X)))[..., None])
    return np.asarray(direct + (from_left @ (C @ q))[:, 0])
