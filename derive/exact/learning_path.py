"""Learning without its clock: everything as a function of the distance W has travelled (THEORY 5).

Gradient flow dW/dtau = eps a b^T follows one path whatever the target; zhat only sets the speed.
Along the path let T be the arc length in the space of what is trained, dT = sqrt(h) ds with
ds = eps dtau and h = dz/ds the squared norm of the gradient of z:

    h = |alpha|^2 |beta|^2 + v (|alpha|^2 + |beta|^2)         v = 1 if m and w learn too, else 0
    dC/dT = alpha beta^T/sqrt(h),   dkappa/dT = v alpha/sqrt(h),   domega/dT = v beta/sqrt(h)
    dz/dT = sqrt(h),                dtau/dT = 1/((zhat - z) sqrt(h)).

Nothing here is stiff, and one path per g serves every zhat > z(0). With S = (1 - transfer C)^-1
transfer the Taylor coefficients in T follow from

    dbeta/dT = S alpha (|beta|^2 + v)/sqrt(h),      dalpha/dT = S^T beta (|alpha|^2 + v)/sqrt(h),
    dS/dT = (S alpha)(S^T beta)^T/sqrt(h).

As T -> T* an outlier of W reaches 1 and z -> infinity like 1/(T* - T). The functions

    D = (h/h_0)^(-1/4),      N = z D,      C

stay analytic there, D with a simple zero: they are what is stored, as Taylor polynomials on
intervals that cover [0, T*]. At g = 0 (W alone, w.m = 0) the path is elementary:
D = 1 - T tanh T and N = tanh T, T* tanh T* = 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import NDArray

from derive.arrays import Array
from derive.flow.fixed_point_task import TRAINABLE, parse_train
from derive.flow.reduction import Reduction
from derive.series.scalar_series import evaluate, horner, power, powers, product, root_between

ORDER = 30  # of the Taylor polynomials
PRECISION = 1e-14  # of one step, relative to D = 1
MOST_STEPS = 200
LARGEST_D = 1e3  # a path on which h only falls (g = 0, w = m or w = -m) is followed this far


@dataclass(frozen=True, eq=False)
class Segment:
    """Polynomials in T - ``origin`` from T = ``start`` on, coefficients along the first axis.

    ``D``, ``N``: (K+1,);  ``C``: (L+1, n, n);  ``kappa``, ``omega``: (L+1, n), empty where m, w are frozen.
    """

    start: float
    origin: float
    D: Array
    N: Array
    C: Array
    kappa: Array = field(default_factory=lambda: np.zeros((1, 0)))
    omega: Array = field(default_factory=lambda: np.zeros((1, 0)))


@dataclass(frozen=True, eq=False)
class LearningPath:
    """The path of gradient flow from T = 0 to T*.

    ``direction`` is 1 where z rises along it (targets above z(0)) and -1 where z falls. ``speed`` is
    sqrt(h) at T = 0 and ``end`` is T*; lengths are in units of the Frobenius norm of W. ``pole`` is
    False on the rare path that has no T*, on which h falls for ever; ``end`` is where it was left.
    Without a ``reduction``, W alone learns and |R^T w| = |R m| (N = infinity, w.m = 0).
    """

    segments: tuple[Segment, ...]
    speed: float
    end: float
    direction: int
    start_readout: float
    pole: bool
    reduction: Reduction | None = None
    train: tuple[str, ...] = ("W",)

    @cached_property
    def starts(self) -> Array:
        """T at which each segment begins."""
        return np.array([segment.start for segment in self.segments])

    @cached_property
    def size(self) -> int:
        """n, the number of chain vectors: `change` is n x n."""
        return int(self.segments[0].C.shape[1])

    @cached_property
    def _scalars(self) -> tuple[Array, Array]:
        """Origins (S,) of the S segments, and D and N there, (2, S, K+1)."""
        scalars = [[segment.D for segment in self.segments], [segment.N for segment in self.segments]]
        return np.array([segment.origin for segment in self.segments]), np.array(scalars)

    def scalars(self, T: Array) -> tuple[Array, Array]:
        """D and N at every 0 <= T <= T*."""
        T = np.asarray(T, dtype=float)
        index, (origins, coefficients) = self.segment_index(T), self._scalars
        basis = powers(T - origins[index], coefficients.shape[-1])
        D, N = (np.einsum("...k,...k", basis, polynomials[index]) for polynomials in coefficients)
        D, N = np.where(T == 0, 1.0, D), np.where(T == 0, self.start_readout, N)  # whatever rounding says
        return D, N

    def readout(self, T: Array) -> Array:
        """z at every 0 <= T < T*."""
        D, N = self.scalars(T)
        return N / D

    def sharpness(self, T: Array) -> Array:
        """h = dz/ds, the squared norm of the gradient of z, at every 0 <= T < T*."""
        D, _ = self.scalars(T)
        return self.speed**2 / D**4

    def change(self, T: Array) -> Array:
        """C, i.e. W - W0 in orthonormal chain coordinates, shape T.shape + (n, n)."""
        return self._coordinates("C", np.asarray(T, dtype=float))

    def squared_lengths(self, T: Array) -> tuple[Array, Array]:
        """|a|^2 and |b|^2, a = R^T w, b = R m, at every 0 <= T < T*."""
        T = np.asarray(T, dtype=float)
        if self.reduction is None:
            equal = np.sqrt(self.sharpness(T))
            return equal, equal
        parts = (self._coordinates(name, T) for name in ("C", "kappa", "omega"))
        alpha, beta, _ = self.reduction.directions(*parts)
        return np.asarray((alpha**2).sum(axis=-1)), np.asarray((beta**2).sum(axis=-1))

    def _coordinates(self, name: str, T: Array) -> Array:
        polynomials, index = self._polynomials(name), self.segment_index(T)
        values = np.empty((*T.shape, *polynomials[0].shape[1:]))
        for i in np.unique(index):
            chosen = index == i
            values[chosen] = evaluate(polynomials[i], T[chosen] - self.segments[i].origin)
        values[T == 0] = 0  # whatever rounding says
        return values

    def _polynomials(self, name: str) -> Sequence[Array]:
        """C, kappa or omega on every segment."""
        return [getattr(segment, name) for segment in self.segments]

    def length_at(self, readout: float) -> float:
        """T at which z takes the given value, which lies beyond z(0) in the path's direction."""

        D, N = self.scalars(np.append(self.starts, self.end))
        reached = np.flatnonzero((N - readout * D) * self.direction >= 0)
        if len(reached) == 0 and not self.pole:
            raise ValueError(f"the readout never comes to {readout} from {self.start_readout}")
        if len(reached) and reached[0] == 0:
            return 0.0
        index = (int(reached[0]) if len(reached) else len(self.segments)) - 1
        segment = self.segments[index]
        low, high = segment.start, (*self.starts, self.end)[index + 1]
        excess = (self.direction * (segment.N - readout * segment.D)).tolist()
        return segment.origin + root_between(
            lambda x: horner(excess, x), low - segment.origin, float(high) - segment.origin
        )

    def segment_index(self, T: Array) -> NDArray[np.int64]:
        """Which segment holds each T."""
        return np.searchsorted(self.starts[1:], T, side="right")


def learning_path(
    reduction: Reduction, *, train: str | Sequence[str] = ("W",), direction: int = 1
) -> LearningPath:
    """Follow gradient flow of the reduced problem to z = direction * infinity.

    ``train`` says what learns: W, or W, m, w at one rate. Raises ValueError for other subsets, and where
    double precision does not carry the path (g closer to 1 than 1e-6).
    """
    learning = parse_train(train)
    if learning not in (("W",), TRAINABLE):
        raise ValueError(f"train {','.join(learning)}: allowed on the exact curve are W and W,m,w")
    n = reduction.size
    C, kappa, omega = np.zeros((n, n)), np.zeros(n), np.zeros(n)
    v, T, speed = float(learning == TRAINABLE), 0.0, 0.0
    segments: list[Segment] = []
    for _ in range(MOST_STEPS):
        with np.errstate(over="ignore", invalid="ignore"):
            series = _Taylor(reduction, C, kappa, omega, v, direction)
            if not segments:
                speed = float(series.speed[0])
            D = power(series.speed / speed, -0.5)
            N = product(D, series.z)
        segments.append(Segment(T, T, D, N, series.C, series.kappa, series.omega))
        if not (np.all(np.isfinite(D)) and np.all(np.isfinite(series.C))):
            raise ValueError("the overlaps overflow double precision: allowed is g <= 0.999999")
        step = _reach(D, N, series.C)
        if D[1] != 0:
            step = min(step, 2 * (T + abs(D[0] / D[1])))
        root = _first_root(D, step)
        if root is not None:
            return LearningPath(
                tuple(segments), speed, T + root, direction, reduction.readout, True, reduction, learning
            )
        if D[0] > LARGEST_D:
            return LearningPath(
                tuple(segments), speed, T + step, direction, reduction.readout, False, reduction, learning
            )
        while polyval(step, D) < D[0] / 4:
            step *= 0.7  # a state close to T* is ill-conditioned; the last segment starts well before
        C = np.asarray(evaluate(series.C, np.array(step)))
        kappa = np.asarray(evaluate(series.kappa, np.array(step)))
        omega = np.asarray(evaluate(series.omega, np.array(step)))
        T += step
    raise ValueError(f"no end of the learning path within {MOST_STEPS} steps (T = {T})")


class _Taylor:
    """Taylor coefficients in T, through T^ORDER, of C, kappa, omega, z and speed = sqrt(h) from one state."""

    def __init__(
        self, reduction: Reduction, C: Array, kappa: Array, omega: Array, v: float, direction: int
    ) -> None:
        n, transfer, K = reduction.size, reduction.transfer, ORDER
        unit = np.eye(n)
        S = np.zeros((K + 1, n, n))
        alpha, beta = np.zeros((K + 1, n)), np.zeros((K + 1, n))
        aa, bb, norm_a, norm_b, over_a, over_b = (np.zeros(K + 1) for _ in range(6))
        norms, over_norms, factor, over_factor, root, inverse = (np.zeros(K + 1) for _ in range(6))
        self.C, self.kappa, self.omega = np.zeros((K + 1, n, n)), np.zeros((K + 1, n)), np.zeros((K + 1, n))
        self.z, self.speed = np.zeros(K + 1), root
        solved = np.linalg.solve(
            unit - transfer @ C, np.column_stack([transfer, reduction.beta + transfer @ kappa])
        )
        S[0], beta[0] = solved[:, :n], solved[:, n]
        alpha[0] = np.linalg.solve(unit - (C @ transfer).T, reduction.alpha + transfer.T @ omega)
        self.C[0], self.kappa[0], self.omega[0] = C, kappa, omega
        self.z[0] = reduction.readout + reduction.alpha @ (kappa + C @ beta[0]) + omega @ beta[0]
        left, right = np.zeros((K + 1, n)), np.zeros((K + 1, n))  # S alpha, S^T beta
        scaled = np.zeros((K + 1, n))  # S alpha/sqrt(h), and alpha, S^T beta likewise
        scaled_alpha, scaled_right = np.zeros((K + 1, n)), np.zeros((K + 1, n))
        for k in range(K + 1):
            now, back = slice(0, k + 1), slice(k, None, -1)
            aa[k] = np.vdot(alpha[now], alpha[back])
            bb[k] = np.vdot(beta[now], beta[back])
            # sqrt(h) = |alpha| |beta| sqrt(1 + v (1/|alpha|^2 + 1/|beta|^2)), factor by factor: each has
            # at most a simple pole at T*, and so no coefficient outgrows the others
            norm_a[k], norm_b[k] = _next_of_root(norm_a, aa[k], k), _next_of_root(norm_b, bb[k], k)
            over_a[k], over_b[k] = _next_of_inverse(over_a, norm_a, k), _next_of_inverse(over_b, norm_b, k)
            more = float(v * (over_a[now] @ over_a[back] + over_b[now] @ over_b[back]) + (k == 0))
            factor[k] = _next_of_root(factor, more, k)
            over_factor[k] = _next_of_inverse(over_factor, factor, k)
            norms[k], over_norms[k] = norm_a[now] @ norm_b[back], over_a[now] @ over_b[back]
            root[k] = norms[now] @ factor[back]
            inverse[k] = direction * (over_norms[now] @ over_factor[back])
            left[k] = np.einsum("iab,ib->a", S[now], alpha[back])
            right[k] = np.einsum("iab,ia->b", S[now], beta[back])
            if k == K:
                break
            scaled[k] = inverse[now] @ left[back]
            scaled_alpha[k] = inverse[now] @ alpha[back]
            scaled_right[k] = inverse[now] @ right[back]
            self.z[k + 1] = direction * root[k] / (k + 1)
            self.C[k + 1] = scaled_alpha[now].T @ beta[back] / (k + 1)
            if v:
                self.kappa[k + 1] = v * scaled_alpha[k] / (k + 1)
                self.omega[k + 1] = v * (inverse[now] @ beta[back]) / (k + 1)
            S[k + 1] = scaled[now].T @ right[back] / (k + 1)
            beta[k + 1] = (bb[now] @ scaled[back] + v * scaled[k]) / (k + 1)
            alpha[k + 1] = (aa[now] @ scaled_right[back] + v * scaled_right[k]) / (k + 1)


def _next_of_root(root: Array, value: float, k: int) -> float:
    """Coefficient k of the square root of a series whose coefficient k is ``value``."""
    if k == 0:
        return float(np.sqrt(value))
    return float((value - root[1:k] @ root[k - 1 : 0 : -1]) / (2 * root[0]))


def _next_of_inverse(inverse: Array, base: Array, k: int) -> float:
    """Coefficient k of 1/base."""
    if k == 0:
        return float(1 / base[0])
    return float(-(base[1 : k + 1] @ inverse[k - 1 :: -1][:k]) / base[0])


def _reach(D: Array, N: Array, C: Array) -> float:
    """The length over which the truncated polynomials hold to PRECISION."""
    largest = np.abs(C).reshape(len(C), -1).max(axis=1)
    reach = np.inf
    for values in (np.abs(D), np.abs(N) / max(1.0, abs(N[0])), largest / max(largest[0], largest[1])):
        for k in (ORDER - 1, ORDER):
            if values[k] > 0:
                reach = min(reach, (PRECISION / values[k]) ** (1 / k))
    return float(reach)


def _first_root(D: Array, reach: float) -> float | None:
    """The zero of D within ``reach``, if there is one; D falls towards it."""
    grid = np.linspace(0, reach, 33)
    below = np.flatnonzero(polyval(grid, D) <= 0)
    if len(below) == 0:
        return None
    low, high = grid[below[0] - 1], grid[below[0]]
    return root_between(lambda x: float(polyval(x, D)), low, high)
