"""Gradient flow of one network, integrated numerically on the full arrays (THEORY 1, 4).

    dW/dtau = (zhat - z) a b^T,    a = R^T w,    b = R m,    R = (I - W)^-1,    z = w^T R m,
    dm/dtau = (zhat - z) a,        dw/dtau = (zhat - z) b        where m and w learn.

No series and no chain enters, so it is an independent truth for both. A limit network makes it the
exact curve at N = infinity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from derive.flow.fixed_point_task import TRAINABLE, parse_train
from derive.flow.instance import Instance
from derive.reading.arguments import of_kind, rising_times, target
from derive.reading.fields import Brief


@dataclass(frozen=True, repr=False)
class FlowCurve(Brief):
    """A learning curve: times ``tau`` and readout, shape (T,); ``change`` = W - W0, shape (T, N, N).

    ``input_change`` and ``readout_change`` are those of m and w, shape (T, N).
    """

    tau: Array
    readout: Array
    change: Array
    input_change: Array
    readout_change: Array

    def singular_values(self, count: int) -> Array:
        """The leading singular values of W - W0, shape (T, count)."""
        values = np.linalg.svd(self.change, compute_uv=False)[:, :count]
        return np.asarray(values, dtype=np.float64)


def gradient_flow(
    instance: Instance,
    zhat: float,
    times: Sequence[float],
    tolerance: float = 1e-13,
    train: str | Sequence[str] = ("W",),
) -> FlowCurve:
    """Integrate gradient flow from tau = 0 and report it at the given rising times tau >= 0.

    ``train`` names what learns, of W, m, w. ``tolerance`` bounds the relative and absolute error of a
    step (explicit Runge-Kutta of order 8; the flow is stiff once the loss has fallen, so late times
    cost many steps). Raises ValueError for times that do not rise from 0 or an integration that fails.
    """
    from scipy.integrate import solve_ivp

    of_kind("instance", instance, Instance, "an Instance")
    target(zhat)
    tau = rising_times(times)
    _ = instance.factors  # refuses a network without a fixed point
    size, base, learning = instance.size, np.eye(instance.size) - instance.W0, parse_train(train)
    learns = np.repeat([name in learning for name in TRAINABLE], [size * size, size, size])

    def arrays(flat: Array) -> list[Array]:
        """W - W0, m - m(0), w - w(0)."""
        changes = np.zeros(len(learns))
        changes[learns] = flat
        W, m, w = np.split(changes, [size * size, size * size + size])
        return [W.reshape(size, size), m, w]

    def directions(flat: Array) -> tuple[NDArray[np.floating], NDArray[np.floating], float]:
        """a, b and z."""
        W, m, w = arrays(flat)
        inverse, readout = base - W, instance.w + w
        b = np.linalg.solve(inverse, instance.m + m)
        return np.linalg.solve(inverse.T, readout), b, float(readout @ b)

    def velocity(_: float, flat: Array) -> Array:
        a, b, z = directions(flat)
        eps = zhat - z
        slopes: Array = np.concatenate([np.outer(eps * a, b).ravel(), eps * a, eps * b])[learns]
        return slopes

    # each time ends an integration of its own: between steps the solver interpolates less accurately
    state, now, states = np.zeros(np.count_nonzero(learns)), 0.0, []
    for time in tau:
        if time > now:
            solution = solve_ivp(velocity, (now, time), state, "DOP853", rtol=tolerance, atol=tolerance)
            if not solution.success:
                raise ValueError(f"gradient flow stopped before tau = {time}: {solution.message}")
            state, now = solution.y[:, -1], time
        states.append(state)
    readouts = np.array([directions(state)[2] for state in states])
    changes = (np.array(parts) for parts in zip(*map(arrays, states), strict=True))
    return FlowCurve(tau, readouts, *changes)
