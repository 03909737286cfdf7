"""Simulator (c): the full inverse R = (I - W)^-1, updated by rank one at every step, with momentum by few.

`verify.simulators.rank_one` states the formulas and when the inverse is made afresh. An epoch costs
O(N^2), a fresh inverse O(N^3). The outliers come from the full W (`verify.simulators.outliers_of_matrix`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from derive.arrays import Array
from verify.simulators.chain_run import chain_run
from verify.simulators.outliers_of_matrix import outliers_of_matrix
from verify.simulators.rank_one import RankOneDescent, Resolvent, rank_one_descent
from verify.simulators.run import DEFAULT, DescentTask, Options, SimulatedRun, listed_outliers, outlier_edge

BASIS_ACCURACY = 1e-14


def simulate_inverse(
    problem: DescentTask, options: Options = DEFAULT, on_epoch: Callable[[], None] = lambda: None
) -> SimulatedRun:
    """Run ``problem``; facts: ``refreshes`` of the inverse, and ``drift``.

    ``drift`` is |b - R m|/|b| after the last epoch, with R made afresh.
    """
    instance = problem.instance
    kind = {"dtype": getattr(torch, options.dtype), "device": options.device}
    base = torch.eye(instance.size, **kind) - torch.as_tensor(instance.W0, **kind)
    m, w = torch.as_tensor(instance.m, **kind), torch.as_tensor(instance.w, **kind)

    def fresh(change: Any) -> Resolvent:
        try:
            R = torch.linalg.inv(base if change is None else base - change)
        except torch.linalg.LinAlgError as problem:  # type: ignore[attr-defined]
            raise np.linalg.LinAlgError(str(problem)) from None
        a, b = R.T @ w, R @ m
        return R, a, b, float(w @ b)

    descent = rank_one_descent(
        fresh,
        lambda count, like: torch.full((count, len(like)), torch.nan, **kind),
        problem.zhat,
        problem.learning_rate,
        problem.epochs,
        on_epoch,
        problem.momentum,
    )
    last = int(np.flatnonzero(np.isfinite(descent.readout))[-1])
    drift = np.nan
    if last:
        truth = np.linalg.solve(np.eye(instance.size) - instance.W0 - descent.change(last), instance.m)
        drift = float(np.linalg.norm(descent.b[last] - truth) / np.linalg.norm(truth))
    compressed, bases = _compressed(descent)
    facts = {"refreshes": float(descent.refreshes), "drift": drift}
    return chain_run(
        "inverse",
        problem,
        options,
        compressed,
        bases,
        facts,
        eigenvalues=_outliers(problem, options, descent),
    )


def _outliers(problem: DescentTask, options: Options, descent: RankOneDescent) -> NDArray[np.complex128]:
    """The outliers of the full W."""
    W0 = np.asarray(problem.instance.W0, dtype=np.float64)
    edge, rows = outlier_edge(W0), []
    for epoch in options.eigenvalue_epochs(problem.epochs):
        if np.isfinite(descent.readout[epoch]):
            W = torch.as_tensor(W0 + descent.change(epoch), device=options.device)
            rows.append(outliers_of_matrix(W, edge))
        else:
            rows.append(listed_outliers(np.array([]), edge))
    return np.array(rows)


def _compressed(descent: RankOneDescent) -> tuple[RankOneDescent, tuple[Array, Array]]:
    """The same descent in orthonormal bases of all its a and of all its b."""
    coordinates, bases = [], []
    for rows in (descent.a, descent.b):
        finite = rows[np.isfinite(rows).all(axis=1)]
        _, strengths, directions = np.linalg.svd(finite, full_matrices=False)
        basis = directions[strengths > BASIS_ACCURACY * strengths[0]]
        bases.append(basis)
        coordinates.append(rows @ basis.T)
    size = max(len(basis) for basis in bases)
    a, b = (np.pad(rows, ((0, 0), (0, size - rows.shape[1]))) for rows in coordinates)
    left, right = (np.pad(basis, ((0, size - len(basis)), (0, 0))) for basis in bases)
    return replace(descent, a=a, b=b), (left, right)
