"""Gradient flow of one network, integrated numerically on the full matrix (THEORY 1).

    dW/dtau = (zhat - z) a b^T,    a = R^T w,    b = R m,    R = (I - W)^-1,    z = w^T R m.

No series and no chain enters, so it is an independent truth for both. A limit network makes it the
exact curve at N = infinity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.fixed_point.instance import Instance


@dataclass(frozen=True)
class FlowCurve:
    """A learning curve: times ``tau`` and readout, shape (T,); ``W`` - W0, shape (T, N, N)."""

    tau: NDArray[np.float64]
    readout: NDArray[np.float64]
    change: NDArray[np.float64]

    def singular_values(self, count: int) -> NDArray[np.float64]:
        """The leading singular values of W - W0, shape (T, count)."""
        values = np.linalg.svd(self.change, compute_uv=False)[:, :count]
        return np.asarray(values, dtype=np.float64)


def gradient_flow(
    instance: Instance, zhat: float, times: Sequence[float], tolerance: float = 1e-13
) -> FlowCurve:
    """Integrate gradient flow from tau = 0 and report it at the given rising times tau >= 0.

    ``tolerance`` bounds the relative and absolute error of a step (explicit Runge-Kutta of order 8;
    the flow is stiff once the loss has fallen, so late times cost many steps). Raises ValueError
    for times that do not rise from 0 or an integration that fails.
    """
    from scipy.integrate import solve_ivp

    tau = np.asarray(times, dtype=float)
    if tau.ndim != 1 or len(tau) == 0 or tau[0] < 0 or np.any(np.diff(tau) <= 0):
        raise ValueError("times: allowed is a rising list of numbers >= 0")
    size, base = instance.size, np.eye(instance.size) - instance.W0

    def directions(flat: NDArray[np.float64]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        inverse = base - flat.reshape(size, size)
        return np.linalg.solve(inverse.T, instance.w), np.linalg.solve(inverse, instance.m)

    def velocity(_: float, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        a, b = directions(flat)
        return np.outer((zhat - instance.w @ b) * a, b).ravel()

    # each time ends an integration of its own: between steps the solver interpolates less accurately
    state, now, states = np.zeros(size * size), 0.0, []
    for time in tau:
        if time > now:
            solution = solve_ivp(velocity, (now, time), state, "DOP853", rtol=tolerance, atol=tolerance)
            if not solution.success:
                raise ValueError(f"gradient flow stopped before tau = {time}: {solution.message}")
            state, now = solution.y[:, -1], time
        states.append(state)
    readout = np.array([instance.w @ directions(state)[1] for state in states])
    return FlowCurve(tau, readout, np.array(states).reshape(len(tau), size, size))
