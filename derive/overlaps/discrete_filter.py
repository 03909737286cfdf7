"""Filter task in discrete time: exactly what a simulated linear network computes (THEORY 6).

Euler steps h <- h + dt (-h + U V^T h/N + M x) from h_0 = 0, an impulse 1/dt at the first step, one
input at a time, the output read after each step n = 1..T:

    y_n = C A^(n-1) B,    A = 1 - dt + dt [[0, 0], [S_VM, S_VU]],    B = [1; 0],    C = [S_ZM, S_ZU],
    L = dt sum_n |y_n - y*_n|^2.

The time steps are never looped over: powers of A and the adjoint recursion are doubling scans, and
at rank 1, where k_U is one number, first-order linear filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from derive.arrays import Array
from derive.overlaps.problem import Matrix, OverlapProblem
from derive.overlaps.scans import adjoint_scan, power_scan

SAMPLINGS = ("ours", "published")


@dataclass(frozen=True, eq=False)
class DiscreteFilter:
    """The loss of the impulse response against ``target``, shape (T, outputs, inputs).

    Row n - 1 of the target is y*_n. Calling it with S gives the loss and its derivatives by all
    entries of S. Raises ValueError for a step outside (0, 2), where a quiet network of this kind
    blows up, or a target of the wrong shape.
    """

    problem: OverlapProblem
    dt: float
    target: Array

    def __post_init__(self) -> None:
        if not 0 < self.dt < 2:
            raise ValueError(f"dt = {self.dt}: allowed is 0 < dt < 2")
        shape = self.target.shape
        if len(shape) != 3 or shape[0] < 1 or shape[1:] != (self.problem.outputs, self.problem.inputs):
            raise ValueError(
                f"target of shape {shape}: allowed is (steps, {self.problem.outputs}, {self.problem.inputs})"
            )

    @property
    def steps(self) -> int:
        """The number T of time steps."""
        return len(self.target)

    def response(self, S: Matrix) -> Array:
        """y_n for n = 1..T, shape (T, outputs, inputs)."""
        _, C, states = self._states(S)
        outputs = C @ states
        return outputs.reshape(self.problem.outputs, self.steps, -1).transpose(1, 0, 2)

    def __call__(self, S: Matrix) -> tuple[float, Matrix]:
        if self.problem.size == 4:
            return self._rank_one(S)
        A, C, states = self._states(S)
        error = C @ states - self._flat_target
        residual = 2 * self.dt * error
        inputs = self.problem.inputs
        adjoint = adjoint_scan(A.T, C.T @ residual, inputs)
        derivative_A = adjoint[:, inputs:] @ states[:, :-inputs].T
        z, v, rest = self._rows
        D = np.zeros_like(S)
        D[z, rest] = residual @ states.T
        D[v, rest] = self.dt * derivative_A[inputs:]
        return self.dt * float(np.vdot(error, error)), D

    def _rank_one(self, S: Matrix) -> tuple[float, Matrix]:
        """y_n = zm alpha^(n-1) + zu vm f_n(vu), alpha = 1 - dt; f and df/dvu are linear filters."""
        from scipy.signal import lfilter

        dt, decay = self.dt, self._decay
        zm, zu, vm, vu = S[0, 2], S[0, 3], S[1, 2], S[1, 3]
        feedback = np.array([1.0, dt - 1 - dt * vu])
        delay = np.array([0.0, dt])
        f = lfilter(delay, feedback, decay)
        slope = lfilter(delay, feedback, f)
        error = zm * decay + (zu * vm) * f - self._flat_target[0]
        product = 2 * dt * float(error @ f)
        D = np.zeros((4, 4))
        D[0, 2] = 2 * dt * float(error @ decay)
        D[0, 3], D[1, 2] = product * vm, product * zu
        D[1, 3] = 2 * dt * zu * vm * float(error @ slope)
        return dt * float(error @ error), D

    @cached_property
    def _decay(self) -> Array:
        return np.asarray((1 - self.dt) ** np.arange(self.steps))

    @cached_property
    def _flat_target(self) -> Array:
        """The target as (outputs, T * inputs), the time running slower than the input."""
        return np.ascontiguousarray(self.target.transpose(1, 0, 2)).reshape(self.problem.outputs, -1)

    @cached_property
    def _rows(self) -> tuple[slice, slice, slice]:
        """The columns Z, V and (M, U) of X."""
        blocks = self.problem.blocks
        return blocks["z"], blocks["v"], slice(blocks["m"].start, blocks["u"].stop)

    def _states(self, S: Matrix) -> tuple[Matrix, Matrix, Array]:
        """A, C and A^(n-1) B for n = 1..T side by side, shape (inputs + rank, T * inputs)."""
        z, v, rest = self._rows
        inputs, size = self.problem.inputs, self.problem.inputs + self.problem.rank
        A = (1 - self.dt) * np.eye(size)
        A[inputs:] += self.dt * S[v, rest]
        return A, S[z, rest], power_scan(A, np.eye(size, inputs), self.steps)


def exponential_target(
    problem: OverlapProblem,
    dt: float,
    steps: int,
    decay: float,
    frequency: float = 0.0,
    amplitude: float | Array = 1.0,
    sampling: str = "ours",
) -> Array:
    """y*_n = amplitude exp(-decay t_n) cos(frequency t_n), n = 1..T: (T, outputs, inputs).

    ``amplitude`` is a number for all pairs of output and input or a matrix (outputs, inputs);
    ``sampling`` says when the target is looked at (`sample_times`). Raises ValueError as that does.
    """
    t = sample_times(dt, steps, sampling)
    scale = np.broadcast_to(np.asarray(amplitude, dtype=float), (problem.outputs, problem.inputs))
    return np.asarray((np.exp(-decay * t) * np.cos(frequency * t))[:, None, None] * scale)


def sample_times(dt: float, steps: int, sampling: str = "ours") -> Array:
    """The times t_n at which a target is held against the output after Euler step n = 1..T, shape (T,).

    ``ours``: n dt, the time that the step has reached. ``published`` (the code of Ger and Barak 2026):
    T points from 0 to T dt inclusive, (n - 1) dt T/(T - 1), so that the first output is held against the
    target at time 0. Raises ValueError for another sampling, or one published sample.
    """
    if sampling == "ours":
        return np.asarray(dt * np.arange(1, steps + 1))
    if sampling != "published":
        raise ValueError(f"sampling {sampling}: allowed are {', '.join(SAMPLINGS)}")
    if steps < 2:
        raise ValueError(f"steps {steps}: allowed with published sampling are integers >= 2")
    return np.linspace(0.0, dt * steps, steps)
