"""Standard deviations between networks of size N along the exact learning curve (THEORY 8).

Leading order in N^(-1/2): it fails where a deviation is no longer small against the distance over which the
curve bends, near the steep part of large targets and where N (1 - g)^2 falls below about 10. For the loss it
fails at the end of learning too: with sigma the deviation of z, that of the loss is |zhat - z| sigma, and
what is quadratic, sigma^2/sqrt(2), is no longer small where sigma exceeds about |zhat - z|/2. There
log(zhat - z) still is Gaussian, with the deviation sigma/|zhat - z|, which grows linearly in time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.exact.fluctuations.answers import LEARNED, Answers, answers
from derive.exact.fluctuations.bias import biases
from derive.exact.fluctuations.covariance import variance
from derive.exact.learning_curve import LearningCurve
from derive.exact.limit import learning_curve
from derive.flow.fixed_point_task import parse_train

FAILS_BELOW = 10.0  # N (1 - g)^2
LATEST = 10.0  # times the time to 5% of the loss
GRID = 401
ROUNDING = 1e-15  # parts of zhat, of which the curve itself is known to 1e-13


@dataclass(frozen=True, eq=False)
class Deviations:
    """Between networks of ``size`` neurons whose m and w have norm 1 exactly or on average (``norms``).

    ``values`` (T,) by the observable's name, ``singular_values`` (T, R); ``learning_time`` is that of the
    ttilde at which 5% of the initial loss are left, and ``second_order`` the ttilde from which on the
    deviation of the readout exceeds half of what is left to learn, where the loss's own leading order fails;
    None where that is later than `LATEST` learning times. ``answers`` has the covariances. ``bias``, where
    asked for, is the mean over networks minus the limit at order 1/N, by name, singular values as s1, ...
    """

    g: float
    size: int
    norms: str
    values: dict[str, Array]
    singular_values: Array
    learning_time: float
    second_order: float | None
    answers: Answers
    bias: Mapping[str, Array] | None = None

    @property
    def doubtful(self) -> bool:
        """Whether the networks are too small for the leading order so close to g = 1."""
        return self.size * (1 - self.g) ** 2 < FAILS_BELOW

    def covariance(self, left: str, right: str) -> Array:
        """Cov of one observable at each time (rows) with another, or itself, at each time, (T, T).

        Singular values are s1, s2, ... Raises ValueError for other names.
        """
        for name in (left, right):
            if name not in self.answers.by:
                raise ValueError(f"observable {name}: allowed are {', '.join(self.answers.by)}")
        return self.answers.between(left, right) / self.size


def deviations(
    g: float,
    zhat: float,
    ttilde: Sequence[float] | Array,
    size: int,
    *,
    norms: str = "exact",
    singular_values: int = 2,
    alignment: float = 0.0,
    train: str | Sequence[str] = ("W",),
    bias: bool = False,
) -> Deviations:
    """At the effective times ``ttilde`` >= 0; zhat > 0. ``bias`` asks for the bias too, for alignment 0.

    ``alignment`` is w.m, 0 for independent vectors, whose w.m fluctuates; ``train`` what learns, W or W,m,w;
    ``norms`` says whether norms, and the alignment, are exact or right on average. Raises ValueError for
    size < 1, other norms, and as `derive.limit.learning_curve` does.

    >>> round(float(deviations(0.6, 0.5, [0.25], 400).values["readout"][0]), 5)
    0.05151
    >>> round(float(deviations(0.6, 0.5, [0.25], 400, alignment=0.2).values["readout"][0]), 5)
    0.03206
    """
    if size < 1:
        raise ValueError(f"size {size}: allowed are integers >= 1")
    if bias and alignment != 0:
        raise ValueError(f"the bias with alignment {alignment:g}: allowed is alignment 0")
    unit = ((1 - g) * (1 + g)) ** 2
    tau = np.asarray(ttilde, dtype=float) * unit
    found = answers(
        g, zhat, tau, singular_values=singular_values, alignment=alignment, train=train, norms=norms
    )
    shifts = None
    if bias:
        means = biases(
            g, zhat, tau / unit, singular_values=singular_values, train=parse_train(train), norms=norms
        )
        shifts = {name: value / size for name, value in means.items()}
    singular = [f"s{r}" for r in range(1, singular_values + 1)]
    spread = {name: _spread(found.variance(name), zhat, size) for name in found.by}
    time = float(np.sqrt(variance(found.by_learning_time, found.covariance) / size)) / unit
    values = {name: value for name, value in spread.items() if name not in singular}
    columns = np.stack([spread[name] for name in singular], axis=-1)
    takeover = _second_order(
        learning_curve(g, zhat, alignment=alignment, train=train), size, norms, g, alignment
    )
    return Deviations(g, size, norms, values, columns, time, takeover, found, shifts)


def _spread(variance: Array, zhat: float, size: int) -> Array:
    """Deviations between networks of one size; 0 where N^(1/2) times them is rounding (`ROUNDING`)."""
    deviation = np.sqrt(variance)
    return np.asarray(np.where(deviation > ROUNDING * abs(zhat), deviation, 0) / np.sqrt(size))


def _second_order(curve: LearningCurve, size: int, norms: str, g: float, alignment: float) -> float | None:
    """The first ttilde of a grid, interpolated, at which the deviation of z is half of |zhat - z|."""
    grid = np.linspace(0, LATEST * curve.time_to(LEARNED), GRID)
    found = answers(
        g, curve.zhat, grid, singular_values=1, alignment=alignment, train=curve.path.train, norms=norms
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.sqrt(found.variance("readout") / size) / np.abs(curve.error(grid))
    above = np.flatnonzero(part >= 0.5)
    if not len(above):
        return None
    i = above[0]
    unit = ((1 - g) * (1 + g)) ** 2
    return float(np.interp(0.5, part[i - 1 : i + 1], grid[i - 1 : i + 1]) if i else 0.0) / unit
