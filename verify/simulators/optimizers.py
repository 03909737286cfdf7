"""What optimizers move: W - W0 of one linear network under descent, momentum and Adam, by full matrices.

Every epoch makes the gradient G = (zhat - z) a b^T afresh from W (THEORY 1); nothing of the chain enters.

    descent    W <- W + eta G
    momentum   V <- mu V + eta G,  W <- W + V;     Nesterov's: G at W + mu V  (`derive.exact.descent`)
    Adam       the published rule and constants, entry by entry

Descent and momentum add outer products of chain vectors, so that W - W0 has a small part off the first few of
them; Adam rescales entries, and does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derive import Instance
from derive.arrays import Array
from derive.exact.momentum import PLAIN, Momentum

OPTIMIZERS = ("descent", "momentum", "nesterov", "adam")
MOMENTUM = 0.8
ADAM = (0.9, 0.999, 1e-8)


@dataclass(frozen=True, eq=False)
class OptimizerRun:
    """``change`` W - W0 (N, N), ``readout`` before every epoch (E,), and the length of the path of W."""

    change: Array
    readout: Array
    path_length: float

    @property
    def singular_values(self) -> Array:
        """Of W - W0, descending (N,)."""
        return np.asarray(np.linalg.svd(self.change, compute_uv=False))

    def outside(self, left: Array, right: Array) -> float:
        """|P|/|W - W0|, P the part off the rows of ``left`` (n, N) and ``right`` (n, N), both orthonormal."""
        inside = left.T @ (left @ self.change @ right.T) @ right
        return float(np.linalg.norm(self.change - inside) / np.linalg.norm(self.change))


def optimizer_run(
    instance: Instance,
    zhat: float,
    optimizer: str,
    learning_rate: float,
    epochs: int,
    path_length: float = np.inf,
    mu: float = MOMENTUM,
) -> OptimizerRun:
    """``epochs`` epochs, or as many as it takes W to travel ``path_length``; ``mu`` is that of momentum.

    Raises ValueError for an optimizer other than `OPTIMIZERS`.
    """
    if optimizer not in OPTIMIZERS:
        raise ValueError(f"optimizer {optimizer}: allowed are {', '.join(OPTIMIZERS)}")
    method = {"momentum": Momentum(mu), "nesterov": Momentum(mu, nesterov=True)}.get(optimizer, PLAIN)
    W, unit = np.array(instance.W0, dtype=float), np.eye(instance.size)
    first, second, length, readouts = np.zeros_like(W), np.zeros_like(W), 0.0, []
    for epoch in range(1, epochs + 1):
        at = W + mu * first if method.nesterov else W
        R = np.linalg.inv(unit - at)
        a, b = R.T @ instance.w, R @ instance.m
        before = b if at is W else np.linalg.solve(unit - W, instance.m)
        readouts.append(float(instance.w @ before))
        force = (zhat - float(instance.w @ b)) * np.outer(a, b)
        if optimizer == "adam":
            keep, keep_square, least = ADAM
            first = keep * first + (1 - keep) * force
            second = keep_square * second + (1 - keep_square) * force**2
            scale = np.sqrt(second / (1 - keep_square**epoch)) + least
            step = learning_rate * first / (1 - keep**epoch) / scale
        else:
            step = first = method.velocity(first, learning_rate * force)
        W = W + step
        length += float(np.linalg.norm(step))
        if length >= path_length:
            break
    return OptimizerRun(W - instance.W0, np.array(readouts), length)
