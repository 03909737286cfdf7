"""Gradient flow of a network with several inputs and outputs (THEORY 1, 4).

With R = (I - W)^-1, a = R^T Wout (N x q), b = R M (N x p), E = Zhat - Wout^T b:

    dW/dtau = a E b^T,       dR/dtau = (R a) E (R^T b)^T,

integrated by extrapolation (`verify.truth.precise_flow`) on the full matrices, in doubles or with many
digits. And in the orthonormalised chains of blocks A_0 = B^T Wout, B_0 = B M, A_(n+1) = B^T B_n,
B_(n+1) = B A_n,
W - W0 = Qa C Qb^T, where it is a few hundred numbers whatever N:

    beta = (1 - T C)^-1 beta_0,   alpha = (1 - T^T C^T)^-1 alpha_0,   dC/dtau = alpha E beta^T,
    Z = Z_0 + alpha_0^T C beta,      T = Qb^T B Qa,   alpha_0 = Qa^T A_0,   beta_0 = Qb^T B_0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from verify.modes.network import MatrixInstance
from verify.truth.digits import working_digits
from verify.truth.precise_flow import DIGITS, Array, extrapolated_step, precise_limit_network

BLOCKS = 7  # of each chain, as far as N allows
TOLERANCE = 1e-8  # of a step of the reduced flow


@dataclass(frozen=True, eq=False)
class MatrixNetwork:
    """B = (I - W0)^-1 (n, n), M (n, p), Wout (n, q): doubles or mpf."""

    B: Array
    M: Array
    Wout: Array


def precise_limit(g: float, nodes: int, shape: tuple[int, int]) -> MatrixNetwork:
    """N -> infinity with many digits: one half of the limit network of w an output, of m an input."""
    one = precise_limit_network(g, nodes)
    half = len(one.w) // 2
    outputs, inputs = shape
    size = half * (outputs + inputs)
    B, M, Wout = (np.full((size, n), mpmath.mpf(0)) for n in (size, inputs, outputs))
    for k in range(outputs + inputs):
        rows, part = slice(k * half, (k + 1) * half), slice(0, half) if k < outputs else slice(half, None)
        B[rows, rows] = one.B[part, part]
        if k < outputs:
            Wout[rows, k] = one.w[part]
        else:
            M[rows, k - outputs] = one.m[part]
    return MatrixNetwork(B, M, Wout)


def of_instance(instance: MatrixInstance) -> MatrixNetwork:
    """The very network, in doubles."""
    return MatrixNetwork(np.linalg.inv(np.eye(instance.size) - instance.W0), instance.m, instance.w.T)


def full_flow(network: MatrixNetwork, target: Array, tau: Any, columns: int) -> tuple[Array, Array]:
    """Z (q, p) and W - W0 (n, n) at ``tau`` in one extrapolated step, for tau far inside the radius."""
    size = len(network.B)

    def parts(state: Array) -> tuple[Array, Array]:
        R, change = state.reshape(2, size, size)
        return R, change

    def velocity(state: Array) -> Array:
        R, _ = parts(state)
        a, b = R.T @ network.Wout, R @ network.M
        error = target - network.Wout.T @ b
        return np.concatenate([((R @ a) @ error @ (b.T @ R)).ravel(), (a @ error @ b.T).ravel()])

    with working_digits(DIGITS):
        start = np.concatenate([network.B.ravel(), network.B.ravel() * 0])
        R, change = parts(extrapolated_step(velocity, start, tau, columns))
        return network.Wout.T @ R @ network.M, change


@dataclass(frozen=True, eq=False)
class BlockReduction:
    """``transfer`` (n_b, n_a), ``alpha`` (n_a, q), ``beta`` (n_b, p), ``readout`` Z_0 (q, p)."""

    transfer: Array
    alpha: Array
    beta: Array
    readout: Array

    def flow(self, target: Array, times: Array) -> tuple[Array, Array]:
        """Z, shape (T, q, p), and C, shape (T, n_a, n_b), at rising ``times`` > 0 of tau."""
        from scipy.integrate import solve_ivp

        shape = self.transfer.T.shape
        unit = np.eye(shape[1])

        def vectors(C: Array) -> tuple[Array, Array]:
            beta = np.linalg.solve(unit - self.transfer @ C, self.beta)
            return beta, self.readout + self.alpha.T @ C @ beta

        def velocity(_: float, flat: Array) -> Array:
            C = flat.reshape(shape)
            beta, Z = vectors(C)
            alpha = self.alpha + self.transfer.T @ np.linalg.solve(
                unit - (self.transfer @ C).T, C.T @ self.alpha
            )
            return (alpha @ (target - Z) @ beta.T).ravel()

        solution = solve_ivp(
            velocity,
            (0, times[-1]),
            np.zeros(shape[0] * shape[1]),
            "DOP853",
            times,
            rtol=TOLERANCE,
            atol=TOLERANCE / 100,
        )
        C = solution.y.T.reshape(-1, *shape)
        if len(C) < len(times):
            C = np.concatenate([C, np.full((len(times) - len(C), *shape), np.nan)])
        return np.array([vectors(x)[1] for x in C]), C


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
