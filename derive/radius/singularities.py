"""Where the Taylor series in ttilde stops converging, and why (THEORY 5).

z is a function of tau only through the place T on the path of learning (`learning_path`),

    tau(T) = integral of D^3/(speed (zhat D - N)) dT,      z = N/D,

and both D and N are regular, so every singularity of z(tau) comes from a zero of D: there z = N/D
has a simple pole in T and tau - tau_* ~ (T - T_*)^4, hence z ~ (tau - tau_*)^(-1/4). In the network
an outlier of W passes 1. Seen from tau = 0:

  - backwards, z -> -infinity after a finite time: the nearest real negative singularity,

        tau_- = - integral_0^{T*} dT/(|zhat - z| sqrt(h))    on the path with z falling;

  - forwards, flow stops at z = zhat, T_e < T*, which takes forever; around it, above or below the
    axis, the pole at T* is reached after the finite complex time

        tau_+- = PV integral_0^{T*} dT/((zhat - z) sqrt(h)) +- i pi/h_e,

    pi/h_e being half the residue at T_e: Im ttilde_+ = (pi/2) eta_c beta^2, so the complex pair
    pinches the real axis exactly as the stability limit of descent (THEORY 4) goes to zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from derive.exact.learning_curve import LearningCurve
from derive.exact.learning_path import LearningPath
from derive.exact.limit import learning_curve
from derive.exact.limit_path import limit_path
from derive.series.scalar_series import integral

HALVINGS = 12  # of the intervals towards T*, where |zhat D - N| may be small


@dataclass(frozen=True)
class Singularities:
    """In units of ttilde: ``backward`` < 0 on the real axis; ``pair`` = the one with Im > 0.

    Both are branch points z ~ (ttilde - ttilde_*)^(-1/4).
    """

    backward: float
    pair: complex

    @property
    def radius(self) -> float:
        """The radius of convergence of z(ttilde) about 0."""
        return min(-self.backward, abs(self.pair))


@lru_cache(maxsize=64)
def singularities(g: float, zhat: float, *, alignment: float = 0.0, size: int = 16) -> Singularities:
    """The nearest real singularity and the first complex pair of z(ttilde) at N = infinity.

    W alone learns. Raises ValueError as `derive.limit.learning_curve` does.

    >>> round(singularities(0.6, 2.0).backward, 5)
    -0.18984
    """
    forward = learning_curve(g, zhat, alignment=alignment, size=size)
    opposite = limit_path(g, size, alignment, ("W",), -forward.path.direction)
    if not (forward.path.pole and opposite.pole):
        raise ValueError(
            f"alignment {alignment} at g = {g}: W stays one-dimensional and one path has no pole"
        )
    return path_singularities(forward, opposite, 1 / ((1 - g) * (1 + g)) ** 2)


def path_singularities(forward: LearningCurve, opposite: LearningPath, scale: float) -> Singularities:
    """The same of any curve towards zhat and the path the other way; ``scale`` is ttilde/tau."""
    return Singularities(-scale * _time_to_pole(opposite, forward.zhat), scale * _pair(forward))


def _time_to_pole(path: LearningPath, zhat: float) -> float:
    """Integral over the whole path of D^3/(speed |zhat D - N|), zhat not on it."""

    def integrand(T: np.ndarray) -> np.ndarray:
        D, N = path.scalars(T)
        return np.asarray(D**3 / (path.speed * np.abs(zhat * D - N)))

    # the integrand falls as 1/(T + nearest) where the target is close to the readout at the start
    nearest = abs(zhat - path.start_readout) / path.speed
    halvings = max(0, int(np.ceil(np.log2(path.end / nearest))) + 1)
    from_start = path.end * 0.5 ** np.arange(1, halvings + 1)
    return integral(integrand, np.unique(np.append(_edges(path), from_start)))


def _pair(curve: LearningCurve) -> complex:
    path, residue = curve.path, 1 / curve.sharpness
    edges = np.unique(np.append(_edges(path), curve.length))
    smooth = integral(curve.smooth, edges)
    principal = smooth - residue * float(np.log(path.end / curve.length - 1))
    return complex(principal, np.pi * residue)


def _edges(path: LearningPath) -> np.ndarray:
    """Ends of the segments, and points halving the distance to T*."""
    towards = path.end * (1 - 0.5 ** np.arange(1, HALVINGS))
    return np.unique(np.concatenate([path.starts, towards, [path.end]]))
