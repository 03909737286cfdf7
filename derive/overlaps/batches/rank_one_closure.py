"""The Gaussian closure of many networks of rank 1 at once (THEORY 6).

`derive.overlaps.closure` for one input and one output, with k_M, which is the filtered input, known in
advance: the loop over time holds the one number k_U of every network and trial, and backwards the recursion
of its adjoint, whose coefficients are known for all steps:

    Delta = mm k_M^2 + 2 mu k_M k_U + uu k_U^2,    q = vm k_M + vu k_U,    r = zm k_M + zu k_U,
    k_U <- (1 - dt) k_U + dt gain(Delta) q,    y = gain(Delta) r.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.overlaps.nonlinearity import NONLINEARITIES
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.tasks import WeightedTrials


@dataclass(frozen=True, eq=False)
class RankOneClosure:
    """Losses and derivatives of networks S, shape (B, 4, 4), on one task each or on one for all.

    Raises ValueError for another problem than rank 1 with one input and one output.
    """

    problem: OverlapProblem

    def __post_init__(self) -> None:
        if self.problem.size != 4:
            raise ValueError("the closure of many networks: allowed is rank 1, one input, one output")

    def response(self, S: Array, task: WeightedTrials) -> Array:
        """The outputs, shape (B, trials, T), on the trials of ``task``."""
        return self.outputs(S, task.dt, task.inputs[None, :, :, 0])

    def outputs(self, S: Array, dt: float, inputs: Array) -> Array:
        """The same on inputs of shape (B or 1, trials, T)."""
        return np.ascontiguousarray(np.moveaxis(self._run(S, dt, inputs).outputs, 0, -1))

    def __call__(self, S: Array, task: WeightedTrials, targets: Array | None = None) -> tuple[Array, Array]:
        """L, shape (B,), and its derivatives by all entries of S, shape (B, 4, 4).

        ``targets``, shape (B, trials, T), take the place of the task's. The inputs of the trials are shared;
        use `on_own` for networks that learn different tasks.
        """
        wanted = task.targets[None, :, :, 0] if targets is None else targets
        return self.on_own(S, task.dt, task.inputs[None, :, :, 0], wanted, task.weights[None, :, :, 0])

    def on_own(
        self, S: Array, dt: float, inputs: Array, targets: Array, weights: Array
    ) -> tuple[Array, Array]:
        """The same with inputs, targets and weights of shape (B or 1, trials, T)."""
        run = self._run(S, dt, inputs)
        zm, zu, vm, vu, _, mu, uu = self._overlaps(S)
        error = run.outputs - np.moveaxis(targets, -1, 0)
        weight = np.moveaxis(weights, -1, 0)
        worth = 2 * weight * error
        km, ku, gain, slope = run.km, run.ku, run.gain, run.slope
        q, r = vm * km + vu * ku, zm * km + zu * ku
        by_ku = 2 * slope * (mu * km + uu * ku)
        decay = (1 - dt) + dt * (gain * vu + by_ku * q)
        drive = worth * (gain * zu + by_ku * r)
        adjoint = np.zeros_like(drive[0])
        seen = np.empty_like(drive)  # dt dL/dk_U of the next step
        for n in range(len(drive) - 1, -1, -1):
            np.multiply(adjoint, dt, out=seen[n])
            adjoint *= decay[n]
            adjoint += drive[n]
        read, fed = worth * gain, seen * gain
        by_variance = slope * (seen * q + worth * r)
        D = np.zeros_like(S)

        def total(product: Array) -> Array:
            return np.asarray(product.sum(axis=(0, 2)))

        D[:, 0, 2], D[:, 0, 3] = total(read * km), total(read * ku)
        D[:, 1, 2], D[:, 1, 3] = total(fed * km), total(fed * ku)
        D[:, 2, 2], D[:, 3, 3] = total(by_variance * km * km), total(by_variance * ku * ku)
        D[:, 2, 3] = D[:, 3, 2] = total(by_variance * km * ku)
        return total(weight * error**2), D

    def _run(self, S: Array, dt: float, inputs: Array) -> _Run:
        from scipy.signal import lfilter

        gain_of = NONLINEARITIES[self.problem.nonlinearity]
        zm, zu, vm, vu, mm, mu, uu = self._overlaps(S)
        filtered = lfilter([dt], [1.0, dt - 1.0], inputs, axis=-1)
        km = np.ascontiguousarray(np.moveaxis(filtered, -1, 0))
        steps, _, trials = km.shape
        ku = np.empty((steps, len(S), trials))
        gain = np.empty_like(ku)
        constant, linear, own = mm * km * km, 2 * mu * km, vm * km
        state, fed = np.zeros(ku.shape[1:]), np.zeros(ku.shape[1:])
        for n in range(steps):
            state = (1 - dt) * state + dt * fed
            ku[n] = state
            gain[n] = gain_of.gain(constant[n] + state * (linear[n] + uu * state))
            fed = gain[n] * (own[n] + vu * state)
        slope = gain_of.gain_slope(constant + ku * (linear + uu * ku))
        return _Run(km, ku, gain, slope, gain * (zm * km + zu * ku))

    def _overlaps(self, S: Array) -> tuple[Array, ...]:
        """zm, zu, vm, vu, mm, mu, uu, shape (B, 1) each."""
        pairs = ((0, 2), (0, 3), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3))
        return tuple(S[:, i, j, None] for i, j in pairs)


@dataclass(frozen=True, eq=False)
class _Run:
    """States, gains and outputs, the time first: shapes (T, B or 1, trials)."""

    km: Array
    ku: Array
    gain: Array
    slope: Array
    outputs: Array
