"""Standard deviations between networks of size N along the exact learning curve (THEORY 8).

Leading order in N^(-1/2): it fails where a deviation is no longer small against the distance over which the
curve bends, near the steep part of large targets and where N (1 - g)^2 falls below about 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.exact.closed_form.solution import closed_form
from derive.exact.fluctuations.covariance import overlap_covariance, variance
from derive.exact.fluctuations.response import ResponseCurve

Array = NDArray[np.float64]

NODES = 6  # 1e-8 of a deviation
LEARNED = 0.05  # of the loss
FAILS_BELOW = 10.0  # N (1 - g)^2


@dataclass(frozen=True, eq=False)
class Deviations:
    """Between networks of ``size`` neurons whose m and w have norm 1 exactly or on average (``norms``).

    ``values`` (T,) by the observable's name, ``singular_values`` (T, R); ``learning_time`` is that of the
    ttilde at which 5% of the initial loss are left.
    """

    g: float
    size: int
    norms: str
    values: dict[str, Array]
    singular_values: Array
    learning_time: float

    @property
    def doubtful(self) -> bool:
        """Whether the networks are too small for the leading order so close to g = 1."""
        return self.size * (1 - self.g) ** 2 < FAILS_BELOW


def deviations(
    g: float,
    zhat: float,
    ttilde: Sequence[float] | Array,
    size: int,
    *,
    norms: str = "exact",
    singular_values: int = 2,
) -> Deviations:
    """At the effective times ``ttilde`` >= 0, for independent m and w and W alone learning; zhat > 0.

    Raises ValueError for size < 1, norms other than exact and average, and as `closed_form` does.

    >>> round(float(deviations(0.6, 0.5, [0.25], 400).values["readout"][0]), 5)
    0.05151
    """
    if size < 1:
        raise ValueError(f"size {size}: allowed are integers >= 1")
    unit = ((1 - g) * (1 + g)) ** 2
    form = closed_form(g, NODES)
    covariance = overlap_covariance(form.spectrum.weights, norms) / size
    learning = ResponseCurve(form, zhat)
    found = learning.responses(np.asarray(ttilde, dtype=float) * unit, singular_values)
    missing = singular_values - found.singular.shape[1]
    return Deviations(
        g,
        size,
        norms,
        {name: np.sqrt(variance(by, covariance)) for name, by in found.by.items()},
        np.pad(np.sqrt(variance(found.by_singular, covariance)), [(0, 0), (0, max(missing, 0))]),
        float(np.sqrt(variance(learning.time_response(LEARNED), covariance))) / unit,
    )
