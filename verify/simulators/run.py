"""What every simulator is asked and what every simulator records.

Gradient descent on W alone, W <- W - eta dL/dW, L = (zhat - z)^2/2, from W(0) = W0 (THEORY 1), or with
momentum; W is what torch's optimizer holds, with Nesterov's method W + mu V of `derive.exact.descent`. The
simulators differ in how they compute the same run; what they record is the same (`SimulatedRun`), so that
each can be held against the next slower one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from derive import Instance
from derive.arrays import Array
from derive.exact.momentum import PLAIN, Momentum

SINGULAR_VALUES = 5
OUTLIERS = 4
FACTORS = 8
"""Rank to which W - W0 is kept; what that leaves out is recorded as ``factor_remainder``."""

OUTLIER_FLOOR = 1e-3

FACTS = ("factor_remainder", "finite_epochs", "basis_size", "basis_error", "refreshes", "drift")
"""What ``facts`` may hold: |W - W0| beyond the factors; the last epoch with finite numbers; the reduced
simulator's d and the error it expects, relative to zhat; fresh inverses; what they corrected last."""


@dataclass(frozen=True)
class Options:
    """How to compute: floating-point type, device, accuracy, and how often eigenvalues are looked at.

    ``tolerance`` is the error of the readout, relative to zhat, that the reduced simulator may make;
    ``eigenvalue_stride`` = n looks for outliers every n epochs, 0 after the last epoch only.
    ``matrix_free``: no factorisation of I - W0 (`reduced`) nor of its copy (`reduced`, `inverse`).
    """

    dtype: str = "float64"
    device: str = "cpu"
    tolerance: float = 1e-10
    eigenvalue_stride: int = 0
    matrix_free: bool = False

    def eigenvalue_epochs(self, epochs: int) -> NDArray[np.int64]:
        """The epochs after which outliers are recorded; the last one is always among them."""
        if self.eigenvalue_stride < 1:
            return np.array([epochs])
        return np.unique([*range(0, epochs + 1, self.eigenvalue_stride), epochs])


DEFAULT = Options()


@dataclass(frozen=True, eq=False)
class DescentTask:
    """One run: a network, an independent copy of its W0 for the shuffled loss, and the descent.

    ``shuffled`` draws the copy when it is needed, shape (N, N); ``learning_rate`` is eta in units of
    learning time tau = eta x epochs, with momentum eta/(1 - mu) x epochs. Raises ValueError for zhat or a
    learning rate that is not > 0 and for fewer than one epoch.
    """

    instance: Instance
    shuffled: Callable[[], NDArray[np.floating]]
    zhat: float
    learning_rate: float
    epochs: int
    momentum: Momentum = PLAIN

    def __post_init__(self) -> None:
        if not (self.zhat > 0 and self.learning_rate > 0):
            raise ValueError(f"zhat {self.zhat}, learning rate {self.learning_rate}: allowed are numbers > 0")
        if self.epochs < 1:
            raise ValueError(f"{self.epochs} epochs: allowed are integers >= 1")

    @property
    def tau(self) -> Array:
        """Learning time at every epoch, (E + 1,)."""
        return self.momentum.time_step(self.learning_rate) * np.arange(self.epochs + 1, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class SimulatedRun:
    """One finished run, E epochs; entry 0 is the network before learning.

    ``tau``, ``readout``, ``loss``, ``gradient_norm`` = |dL/dW|, ``frobenius_norm`` = |W - W0| and
    ``shuffled_loss`` (the loss with W0 replaced by an independent copy in W0 + (W - W0)): shape (E + 1,).
    ``singular_values`` of W - W0: (E + 1, `SINGULAR_VALUES`). ``eigenvalues``: the outliers of W at
    ``eigenvalue_epochs``, complex, (L, `OUTLIERS`), largest magnitude first, nan where there are
    fewer. The trained W is W0 + left diag(strengths) right^T, with left and right of shape
    (N, `FACTORS`). From the epoch on at which descent left the finite numbers everything is nan.
    ``facts`` are numbers of the simulator's own: what it chose and how well it did.
    """

    simulator: str
    tau: Array
    readout: Array
    loss: Array
    gradient_norm: Array
    frobenius_norm: Array
    shuffled_loss: Array
    singular_values: Array
    eigenvalue_epochs: NDArray[np.int64]
    eigenvalues: NDArray[np.complex128]
    left: Array
    strengths: Array
    right: Array
    facts: dict[str, float] = field(default_factory=dict)

    def connectivity(self, W0: Array) -> Array:
        """The trained W, shape (N, N), from the W0 it started from."""
        return W0 + (self.left * self.strengths) @ self.right.T


def outlier_edge(W0: NDArray[np.floating]) -> float:
    """Magnitude above which an eigenvalue of W counts as an outlier of the disc of radius g.

    The disc of N eigenvalues has a rim of width O(N^(-1/2)); the edge is g (1 + 2/sqrt(N)), with g
    measured as |W0|/sqrt(N), and at least `OUTLIER_FLOOR`.
    """
    size = len(W0)
    g = float(np.linalg.norm(W0)) / math.sqrt(size)
    return max(g * (1 + 2 / math.sqrt(size)), OUTLIER_FLOOR)


def listed_outliers(eigenvalues: NDArray[np.complexfloating], edge: float) -> NDArray[np.complex128]:
    """The `OUTLIERS` largest eigenvalues beyond ``edge``, padded with nan; of a pair +i first."""
    beyond = eigenvalues[np.abs(eigenvalues) > edge].astype(np.complex128)
    beyond = beyond[np.lexsort((-beyond.imag, -np.abs(beyond).round(9)))][:OUTLIERS]
    return np.concatenate([beyond, np.full(OUTLIERS - len(beyond), np.nan + 0j)])


def padded_factors(
    left: Array, strengths: Array, right: Array, size: int
) -> tuple[Array, Array, Array, float]:
    """Leading `FACTORS` of a singular value decomposition (columns), zero-padded; and what is left out."""
    count = min(FACTORS, len(strengths))
    rest = float(np.linalg.norm(strengths[count:]))
    U, s, V = np.zeros((size, FACTORS)), np.zeros(FACTORS), np.zeros((size, FACTORS))
    U[:, :count], s[:count], V[:, :count] = left[:, :count], strengths[:count], right[:, :count]
    return U, s, V, rest
