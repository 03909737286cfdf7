"""Gradient flow in orthonormalised chains, a few hundred numbers whatever N (THEORY 1, 2, 4).

From A_0 = B^T Wout, B_0 = B M, A_(n+1) = B^T B_n, B_(n+1) = B A_n, with orthonormal bases Qa, Qb of them,
W - W0 = Qa C Qb^T, M - M(0) = Qa kappa, Wout - Wout(0) = Qb omega and

    beta = (1 - T C)^-1 (beta_0 + T kappa),   alpha = (1 - T^T C^T)^-1 (alpha_0 + T^T omega),   T = Qb^T B Qa,
    Z = Z_0 + alpha_0^T (kappa + C beta) + omega^T beta,     alpha_0 = Qa^T A_0,   beta_0 = Qb^T B_0,
    dC/dtau = alpha E beta^T,   dkappa/dtau = alpha E,   domega/dtau = beta E^T     (what learns).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.flow.fixed_point_task import TRAINABLE
from derive.limit import Reduction
from verify.truth.matrix_instance import MatrixInstance

BLOCKS = 7  # of each chain, as far as N allows


@dataclass(frozen=True, eq=False)
class BlockReduction:
    """``transfer`` T (n_b, n_a), ``alpha`` (n_a, q), ``beta`` (n_b, p), ``readout`` Z_0 (q, p)."""

    transfer: Array
    alpha: Array
    beta: Array
    readout: Array

    def flow(
        self,
        target: Array,
        times: Array,
        train: Sequence[str] = ("W",),
        relative: float = 1e-8,
        absolute: float = 1e-10,
    ) -> tuple[Array, Array, Array]:
        """Z (T, q, p), C (T, n_a, n_b), and the curvature of the loss along the gradient (T,) of a single
        input and output, at rising ``times`` of tau >= 0. The errors are those of a step.
        """
        from scipy.integrate import solve_ivp

        rows, columns = self.transfer.T.shape
        shapes = ((rows, columns), (rows, self.beta.shape[1]), (columns, self.alpha.shape[1]))
        learns = np.repeat([name in train for name in TRAINABLE], [a * b for a, b in shapes])
        ends = np.cumsum([a * b for a, b in shapes])[:2]
        unit = np.eye(columns)

        def state(flat: Array) -> tuple[Array, Array, Array, Array]:
            """C, alpha, beta and Z."""
            changes = np.zeros(len(learns))
            changes[learns] = flat
            C, kappa, omega = (x.reshape(s) for x, s in zip(np.split(changes, ends), shapes, strict=True))
            inverse = np.linalg.inv(unit - self.transfer @ C)
            beta = inverse @ (self.beta + self.transfer @ kappa)
            source = self.alpha + self.transfer.T @ omega
            alpha = source + self.transfer.T @ (inverse.T @ (C.T @ source))
            return C, alpha, beta, self.readout + self.alpha.T @ (kappa + C @ beta) + omega.T @ beta

        def velocity(_: float, flat: Array) -> Array:
            _C, alpha, beta, Z = state(flat)
            error = target - Z
            slopes = (alpha @ error @ beta.T, alpha @ error, beta @ error.T)
            rates: Array = np.concatenate([slope.ravel() for slope in slopes])[learns]
            return rates

        start = np.zeros(np.count_nonzero(learns))
        solution = solve_ivp(velocity, (0, times[-1]), start, "DOP853", times, rtol=relative, atol=absolute)
        found = [state(flat) for flat in solution.y.T]
        C, alpha, beta, Z = (np.array(part) for part in zip(*found, strict=True))
        aa, bb = ((x**2).sum(axis=(1, 2)) for x in (alpha, beta))
        rates = {"W": aa * bb, "m": aa, "w": bb}
        table = (Z, C, np.sum([rates[name] for name in train], axis=0))
        missing = len(times) - len(found)  # where the integration stopped
        Z, C, curvature = (
            np.pad(x, [(0, missing)] + [(0, 0)] * (x.ndim - 1), constant_values=np.nan) for x in table
        )
        return Z, C, curvature


def as_blocks(reduction: Reduction) -> BlockReduction:
    """A single input and output as the case of one column each."""
    return BlockReduction(
        reduction.transfer, reduction.alpha[:, None], reduction.beta[:, None], np.array([[reduction.readout]])
    )


def block_reduction(instance: MatrixInstance) -> BlockReduction:
    """The chains of one network: one factorisation and 2 `BLOCKS` solves."""
    from scipy.linalg import lu_factor, lu_solve

    factors = lu_factor(np.eye(instance.size) - instance.W0)
    a, b = lu_solve(factors, instance.w.T, trans=1), lu_solve(factors, instance.m)
    basis_a, basis_b = np.linalg.qr(a)[0], np.linalg.qr(b)[0]
    last_a, last_b = basis_a, basis_b
    images = [lu_solve(factors, last_a)]
    widest = max(a.shape[1], b.shape[1])
    for _ in range(1, min(BLOCKS, instance.size // widest)):
        last_a, last_b = (
            _orthogonalised(lu_solve(factors, last_b, trans=1), basis_a),
            _orthogonalised(images[-1], basis_b),
        )
        basis_a, basis_b = np.hstack([basis_a, last_a]), np.hstack([basis_b, last_b])
        images.append(lu_solve(factors, last_a))
    return BlockReduction(basis_b.T @ np.hstack(images), basis_a.T @ a, basis_b.T @ b, instance.w @ b)


def _orthogonalised(block: Array, basis: Array) -> Array:
    """Orthonormal columns of what ``block`` adds to the span of an orthonormal ``basis``."""
    for _ in range(2):
        block = np.linalg.qr(block - basis @ (basis.T @ block))[0]
    return block
