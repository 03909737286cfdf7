"""Simulator (d): the descent of one network in the bases of its two chains, d numbers in place of N.

Gradient descent never leaves those bases, with momentum neither (THEORY 2, 5, 10): exact in exact
arithmetic for d = N, with an error that falls faster than any power of 1/d. d grows by `STEP` until the
readout of every epoch stands still to the tolerance, relative to zhat. The set-up is one factorisation of
I - W0 and 2d + 1 solves (or products with W0 alone), then an epoch costs O(d^2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from derive.limit import Reduction
from verify.simulators.chain_basis import ChainBasis
from verify.simulators.chain_run import chain_run
from verify.simulators.linear_solver import linear_solver
from verify.simulators.rank_one import RankOneDescent, Resolvent, rank_one_descent
from verify.simulators.run import DEFAULT, DescentTask, Options, SimulatedRun

FIRST_SIZE = 8
STEP = 2
MOST = 48


def simulate_reduced(
    problem: DescentTask, options: Options = DEFAULT, on_epoch: Callable[[], None] = lambda: None
) -> SimulatedRun:
    """Run ``problem``; facts: ``basis_size`` d, and ``basis_error`` of the readout as estimated.

    A tolerance that is not met with `MOST` vectors (descent that leaves the smooth path is chaotic)
    shows as a ``basis_error`` above it.
    """
    solver = linear_solver(problem.instance.W0, options.device, options.matrix_free)
    basis = ChainBasis(problem.instance, solver)
    basis.grow(FIRST_SIZE)
    descent, error = _descend(basis.reduction(basis.size), problem), 0.0
    while not basis.closed:
        before = descent.readout
        basis.grow(min(basis.size + STEP, MOST))
        descent = _descend(basis.reduction(basis.size), problem)
        error = _difference(before, descent.readout) / problem.zhat
        if error <= options.tolerance or basis.size >= MOST:
            break
    for _ in range(problem.epochs):
        on_epoch()
    facts = {"basis_size": float(basis.size), "basis_error": error, "refreshes": float(descent.refreshes)}
    return chain_run(
        "reduced",
        problem,
        options,
        descent,
        basis.bases(basis.size),
        facts,
        solver=None if options.matrix_free else solver,
    )


def _descend(reduction: Reduction, problem: DescentTask) -> RankOneDescent:
    transfer, alpha, beta, unit = reduction.transfer, reduction.alpha, reduction.beta, np.eye(reduction.size)

    def fresh(C: Any) -> Resolvent:
        """X = (1 - transfer C)^-1 transfer and its companions for the change C."""
        if C is None:
            return transfer.copy(), alpha, beta, reduction.readout
        inverse = np.linalg.inv(unit - transfer @ C)
        b = inverse @ beta
        X = inverse @ transfer
        a = alpha + X.T @ (C.T @ alpha)
        return X, a, b, float(reduction.readout + alpha @ (C @ b))

    with np.errstate(over="ignore", invalid="ignore"):
        return rank_one_descent(
            fresh,
            lambda count, like: np.full((count, len(like)), np.nan),
            problem.zhat,
            problem.learning_rate,
            problem.epochs,
            momentum=problem.momentum,
        )


def _difference(before: np.ndarray, after: np.ndarray) -> float:
    """The largest difference over the epochs; infinite where one is finite and the other is not."""
    if np.any(np.isfinite(before) != np.isfinite(after)):
        return float("inf")
    return float(np.nanmax(np.abs(before - after)))
