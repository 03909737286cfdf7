"""The exact learning curve: a path of learning, traversed towards one target (THEORY 5).

On a `LearningPath`, z = N/D and sqrt(h) = speed/D^2, so that the learning time is one integral,

    tau(T) = integral of F dT,     F = 1/((zhat - z) sqrt(h)) = D^3/(speed (zhat D - N)),

with a simple pole at T_e, where z = zhat: F ~ (1/h_e)/(T_e - T). Its logarithm is kept exactly,

    tau(T) = -(1/h_e) log(1 - T/T_e) + integral of [F - (1/h_e)/(T_e - T)] dT,

and the rest is smooth: Chebyshev polynomials on a few intervals. 1/h_e is the time constant of the
last stretch of learning, eta_c = 2/h_e the critical learning rate of descent (THEORY 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from derive.arrays import Array
from derive.exact.learning_path import LearningPath, Segment
from derive.exact.time_integral import PiecewiseIntegral
from derive.reading.fields import Brief
from derive.series.scalar_series import evaluate

NEWTON_STEPS = 50
GRID = 48  # places from which Newton's method starts


@dataclass(frozen=True, eq=False, repr=False)
class LearningCurve(Brief):
    """Gradient flow towards ``zhat`` along a path. Times are learning times tau >= 0.

    Raises ValueError where zhat does not lie beyond z(0) in the path's direction.
    """

    path: LearningPath
    zhat: float

    def __post_init__(self) -> None:
        if not (self.zhat - self.path.start_readout) * self.path.direction > 0:
            raise ValueError(
                f"zhat = {self.zhat}: the readout starts at {self.path.start_readout}; "
                "allowed are other targets"
            )

    @cached_property
    def length(self) -> float:
        """T_e: the distance W travels until the loss is zero; also sum_r s_r at N -> infinity."""
        return self.path.length_at(self.zhat)

    @cached_property
    def sharpness(self) -> float:
        """h_e = dz/ds at the end of learning: the curvature of the loss along its steepest direction."""
        return float(self.path.sharpness(np.array(self.length)))

    @property
    def critical_rate(self) -> float:
        """eta_c = 2/h_e, the linear stability limit of gradient descent at the end of learning."""
        return 2 / self.sharpness

    def time(self, T: ArrayLike) -> Array:
        """tau at every 0 <= T < T_e."""
        T = np.asarray(T, dtype=float)
        return self._time(T, -np.log1p(-T / self.length))

    def time_to(self, fraction: float) -> float:
        """tau at which the loss has fallen to ``fraction`` of its initial value, 0 < fraction <= 1."""
        if not 0 < fraction <= 1:
            raise ValueError(f"fraction {fraction} of the loss: allowed is 0 < fraction <= 1")
        start = self.path.start_readout
        readout = self.zhat - np.sqrt(fraction) * (self.zhat - start)
        return float(self.time(np.array(self.path.length_at(float(readout)))))

    def position(self, tau: ArrayLike) -> tuple[Array, Array]:
        """T and T_e - T at every learning time tau >= 0 (the second to full relative accuracy)."""
        tau = np.asarray(tau, dtype=float)
        tau_unit = 1 / self.sharpness
        # y = -log(1 - T/T_e) is free of the stretch at the end: tau = y/h_e + smooth
        y, before = self._start(tau, tau_unit), 1.0
        for _ in range(NEWTON_STEPS):
            time, slope = self._time_and_slope(y)
            change = np.maximum(np.minimum((time - tau) / slope, 1), -1)
            y = np.maximum(y - change, 0)
            largest = float(np.abs(change).max(initial=0.0))
            # down to rounding, or the next step would be, as steps of Newton's method square
            if largest**3 <= 1e-17 * before**2 or (largest < 1e-6 and largest > before / 2):
                break
            before = largest
        rest = self.length * np.exp(-y)
        return self.length - rest, rest

    def _start(self, tau: Array, tau_unit: float) -> Array:
        """y at every tau from a table: cubic in tau between places where y and dy/dtau are known."""
        last = max(float(tau.max(initial=0.0)) / tau_unit, 1.0)
        least = min(float(self._integral.at(np.array(self.length))[1]) / tau_unit, 0.0)
        grid = -np.log1p(-np.linspace(0, 1, GRID, endpoint=False))
        doublings = np.arange(1 + np.ceil(np.log2(last - least + 10)))
        grid = np.append(grid, grid[-1] + 2.0**doublings)
        times, slopes = self._time_and_slope(grid)
        index = np.minimum(np.searchsorted(times[1:-1], tau, side="right"), len(grid) - 2)
        width, low, high = times[index + 1] - times[index], grid[index], grid[index + 1]
        u = np.minimum((tau - times[index]) / width, 1)
        bend = (1 - u) * (width / slopes[index] - high + low) - u * (width / slopes[index + 1] - high + low)
        return np.asarray(np.maximum(np.minimum(low + u * (high - low) + u * (1 - u) * bend, high), low))

    def _time_and_slope(self, y: Array) -> tuple[Array, Array]:
        """tau and dtau/dy where y = -log(1 - T/T_e)."""
        rest = np.exp(-y)
        rate, integral = self._integral.at(self.length * -np.expm1(-y))
        return y / self.sharpness + integral, 1 / self.sharpness + rate * self.length * rest

    def at_parts(self, rest: Array) -> tuple[Array, Array]:
        """tau and zhat - z where the part ``rest`` of the way, 0 < rest <= 1, is still to go."""
        T = self.length * (1 - rest)
        return self._time(T, -np.log(rest)), self.error_at(T, self.length * rest)

    def error(self, tau: ArrayLike) -> Array:
        """zhat - z at every tau, to full relative accuracy however late."""
        return self.error_at(*self.position(tau))

    def error_at(self, T: Array, rest: Array) -> Array:
        """zhat - z where ``position`` says."""
        D, N = self.path.scalars(T)
        near = rest * evaluate(self._quotient, T - self._last.origin)
        return np.where(self._last.start > T, self.zhat - N / D, near / D)

    def readout(self, tau: ArrayLike) -> Array:
        """z(tau)."""
        return self.zhat - self.error(tau)

    def loss(self, tau: ArrayLike) -> Array:
        """(zhat - z)^2/2."""
        return self.error(tau) ** 2 / 2

    def total_gradient_norm(self, tau: ArrayLike) -> Array:
        """|dL/d(all that learns)| = |zhat - z| sqrt(h); of W where W alone learns."""
        T, rest = self.position(tau)
        return np.asarray(np.abs(self.error_at(T, rest)) * np.sqrt(self.path.sharpness(T)))

    def singular_values(self, tau: ArrayLike, count: int = 2) -> Array:
        """The leading singular values of W - W0, shape tau.shape + (count,); zero past the chain."""
        return singular_values(self.path.change(self.position(tau)[0]), count)

    def frobenius_norm(self, tau: ArrayLike) -> Array:
        """|W - W0|_F."""
        change = self.path.change(self.position(tau)[0])
        return np.asarray(np.linalg.norm(change, axis=(-2, -1)))

    @property
    def _last(self) -> Segment:
        """The segment in which learning ends."""
        return self.path.segments[self._last_index]

    @cached_property
    def _last_index(self) -> int:
        return int(self.path.segment_index(np.array(self.length)))

    @cached_property
    def _quotient(self) -> Array:
        """(zhat D - N)/(T_e - T) as a polynomial in T - origin of the last segment."""
        difference, root = self.zhat * self._last.D - self._last.N, self.length - self._last.origin
        quotient = np.zeros(len(difference) - 1)
        carry = 0.0
        for k in range(len(quotient) - 1, -1, -1):
            carry = difference[k + 1] + root * carry
            quotient[k] = -carry
        return quotient

    def smooth(self, T: Array) -> Array:
        """F - (1/h_e)/(T_e - T), for 0 <= T <= T* except at T_e itself."""
        D, N = self.path.scalars(T)
        rest, residue, sign = self.length - T, 1 / self.sharpness, self.path.direction
        last = self.path.segment_index(T) == self._last_index
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            result = D**3 / (self.path.speed * sign * (self.zhat * D - N)) - residue / rest
            quotient = evaluate(self._quotient, T - self._last.origin)
            at_end = (D**3 / (self.path.speed * sign * quotient) - residue) / rest
        return np.where(last, at_end, result)

    @cached_property
    def _integral(self) -> PiecewiseIntegral:
        """The smooth part of tau(T)."""
        edges = np.append(self.path.starts[self.path.starts < self.length], self.length)
        return PiecewiseIntegral(self.smooth, edges, 1 / self.sharpness)

    def _time(self, T: Array, y: Array) -> Array:
        smooth = np.where(T > 0, self._integral.at(T)[1], 0.0)
        return np.asarray(y / self.sharpness + smooth)


def singular_values(change: Array, count: int) -> Array:
    """The leading ``count`` singular values of matrices (..., n, n), padded with zeros."""
    values = all_singular_values(change)[..., :count]
    missing = count - values.shape[-1]
    return np.asarray(np.pad(values, [*[(0, 0)] * (values.ndim - 1), (0, max(missing, 0))]))


def all_singular_values(change: Array) -> Array:
    """Descending; of symmetric matrices, as they are at N -> infinity, from the eigenvalues."""
    if np.array_equal(change, np.swapaxes(change, -1, -2)):
        return np.asarray(np.sort(np.abs(np.linalg.eigvalsh(change)), axis=-1)[..., ::-1])
    return np.asarray(np.linalg.svd(change, compute_uv=False))
