"""Gradient flow by extrapolation, with many digits for error slopes that no rounding blurs (THEORY 1, 4, 5).

With R = (I - W)^-1 the flow needs no linear solve:

    a = R^T Wout,   b = R M,   E = Zhat - Wout^T b,
    dW/dtau = a E b^T,   dR/dtau = R (dW/dtau) R,   dM/dtau = a E,   dWout/dtau = b E^T     (what learns),

integrated by Gragg's midpoint rule with Bulirsch-Stoer extrapolation; no series enters. A single input and
output, M = m and Wout = w, is the case of one column each. The same runs in doubles on networks of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
from numpy.typing import ArrayLike, NDArray

from derive.flow.fixed_point_task import TRAINABLE
from verify.truth.digits import working_digits

Array = NDArray[Any]
DIGITS = 100
"""Decimal digits of every function here; each sets mpmath's precision to it."""


@dataclass(frozen=True, eq=False)
class ResolventNetwork:
    """B = (I - W0)^-1, shape (n, n), inputs M (n, p) and readouts Wout (n, q): mpf or doubles."""

    B: Array
    M: Array
    Wout: Array

    @property
    def m(self) -> Array:
        """The first input, shape (n,)."""
        return self.M[:, 0]

    @property
    def w(self) -> Array:
        """The first readout, shape (n,)."""
        return self.Wout[:, 0]


@dataclass(frozen=True, eq=False)
class FlowState:
    """One moment of learning: a = R^T Wout, b = R M, Z = Wout^T b, the change W - W0, and M and Wout.

    It is a state of `derive.observables.observable`, from which observables are read.
    """

    a: Array
    b: Array
    Z: Array
    change: Array
    M: Array
    Wout: Array
    target: Array
    train: tuple[str, ...] = ("W",)

    @property
    def readout(self) -> Any:
        """z of a single input and output."""
        return self.Z[0, 0]

    @property
    def zhat(self) -> Any:
        """The target of a single input and output."""
        return self.target[0, 0]

    @property
    def error(self) -> Any:
        """zhat - z; of several |Zhat - Z|."""
        return self.zhat - self.readout if self.Z.size == 1 else norm(self.target - self.Z)

    @property
    def a_squared(self) -> Any:
        """|a|^2."""
        return (self.a**2).sum()

    @property
    def b_squared(self) -> Any:
        """|b|^2."""
        return (self.b**2).sum()

    @property
    def squared_norm(self) -> Any:
        """|W - W0|^2."""
        return (self.change**2).sum()

    def singular_value(self, r: int) -> Any:
        """s_r of W - W0; 0 past its rank."""
        return self._singular_values[r - 1] if r <= len(self._singular_values) else self.zhat * 0

    @cached_property
    def _singular_values(self) -> list[Any]:
        if self.change.dtype != object:
            return list(np.linalg.svd(self.change, compute_uv=False))
        with working_digits(DIGITS):
            return list(mpmath.svd(mpmath.matrix(self.change.tolist()), compute_uv=False))


def norm(array: Array) -> Any:
    """The Euclidean (Frobenius) norm as mpf."""
    return mpmath.sqrt(sum(x * x for x in array.ravel()))


def chains(network: ResolventNetwork, count: int) -> tuple[Array, Array]:
    """a_(n+1) = B^T b_n, b_(n+1) = B a_n from a_0 = B^T w, b_0 = B m (THEORY 2), as rows."""
    a, b = [network.w @ network.B], [network.B @ network.m]
    for _ in range(count - 1):
        a_next, b_next = b[-1] @ network.B, network.B @ a[-1]
        a.append(a_next)
        b.append(b_next)
    return np.array(a), np.array(b)


def flow_state(
    network: ResolventNetwork,
    target: ArrayLike,
    tau: Any,
    columns: int,
    train: Sequence[str] = ("W",),
    steps: int = 1,
) -> FlowState:
    """The state at learning time ``tau``, in equal extrapolated ``steps``; what is in ``train`` learns.

    ``target`` is zhat or Zhat (q, p). The error of a step is of relative order (its length/radius of
    convergence)^(2 ``columns``): for tau inside the radius only.
    """
    many = network.B.dtype == object
    Zhat = np.array(target, dtype=object if many else float).reshape(network.Wout.shape[1], -1)
    sizes = np.cumsum([network.B.size, network.B.size, network.M.size])
    shapes = (network.B.shape, network.B.shape, network.M.shape, network.Wout.shape)

    def parts(state: Array) -> list[Array]:
        return [x.reshape(shape) for x, shape in zip(np.split(state, sizes), shapes, strict=True)]

    def velocity(state: Array) -> Array:
        R, change, M, Wout = parts(state)
        a, b = R.T @ Wout, R @ M
        error = Zhat - Wout.T @ b
        slopes = [change * 0, change * 0, M * 0, Wout * 0]
        if "W" in train:
            slopes[:2] = [((R @ a) @ error) @ (b.T @ R), (a @ error) @ b.T]
        if "m" in train:
            slopes[2] = a @ error
        if "w" in train:
            slopes[3] = b @ error.T
        return np.concatenate([slope.ravel() for slope in slopes])

    with working_digits(DIGITS):
        if many:
            Zhat = np.vectorize(mpmath.mpf, otypes=[object])(Zhat)
        state = np.concatenate([x.ravel() for x in (network.B, network.B * 0, network.M, network.Wout)])
        for _ in range(steps):
            state = extrapolated_step(velocity, state, tau / steps, columns)
        R, change, M, Wout = parts(state)
        a, b = R.T @ Wout, R @ M
        learning = tuple(name for name in TRAINABLE if name in train)
        return FlowState(a, b, Wout.T @ b, change, M, Wout, Zhat, learning)


def extrapolated_step(velocity: Callable[[Any], Any], start: Any, length: Any, columns: int) -> Any:
    """The state after ``length``: the midpoint rule in 2, 4, ..., 2 ``columns`` substeps, extrapolated.

    A state is anything that can be added and multiplied by numbers: numpy's arrays of mpf, flint's arb_mat.
    """
    counts = [2 * k for k in range(1, columns + 1)]
    table = [_midpoint_rule(velocity, start, length, count) for count in counts]
    for k in range(1, columns):
        for i in range(columns - 1, k - 1, -1):
            fine, coarse = counts[i] ** 2, counts[i - k] ** 2
            table[i] = table[i] + (table[i] - table[i - 1]) * coarse / (fine - coarse)
    return table[-1]


def _midpoint_rule(velocity: Any, start: Array, length: Any, count: int) -> Array:
    """Gragg's rule with ``count`` (even) substeps; its error is a series in (1/count)^2."""
    step = length / count
    before, now = start, start + velocity(start) * step
    for _ in range(count - 1):
        before, now = now, before + velocity(now) * (2 * step)
    end: Array = (before + now + velocity(now) * step) / 2
    return end
