"""How whatever is observed of a learning curve answers to what differs between networks (THEORY 8).

Two routes, the first that serves: the closed form's exact derivatives (W alone learns, m and w independent),
and differences of the exact curve, which know every task and every observable of the registry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derive.arrays import Array
from derive.exact.closed_form.solution import closed_form
from derive.exact.fluctuations.covariance import covariances, overlap_covariance, variance
from derive.exact.fluctuations.differences import Learner, as_times
from derive.exact.fluctuations.measure import overlap_measure
from derive.exact.fluctuations.response import OBSERVED, ResponseCurve
from derive.flow.fixed_point_task import FixedPointTask, parse_train
from derive.observables.registry import observables

NODES = 6  # of each sign: 1e-8 of a deviation
LEARNED = 0.05  # of the loss


@dataclass(frozen=True, eq=False)
class Answers:
    """Derivatives of observables by K overlaps at T learning times, and N times the overlaps' ``covariance``.

    ``by`` (T, K) by name, s1, s2, ... among them; ``by_learning_time`` (K,) of the tau at which `LEARNED` of
    the loss is left.
    """

    by: Mapping[str, Array]
    by_learning_time: Array
    covariance: Array

    def variance(self, name: str) -> Array:
        """N Var at every time (T,)."""
        return variance(self.by[name], self.covariance)

    def between(self, left: str, right: str) -> Array:
        """N Cov of one observable at each time with another at each time, (T, T)."""
        return covariances(self.by[left], self.by[right], self.covariance)


def answers(
    g: float,
    zhat: float,
    tau: Sequence[float] | Array,
    *,
    singular_values: int = 2,
    alignment: float = 0.0,
    train: str | Sequence[str] = ("W",),
    norms: str = "exact",
) -> Answers:
    """At the learning times ``tau`` >= 0; zhat > 0 other than ``alignment`` = w.m; ``train`` W or W,m,w.

    Raises ValueError for norms other than exact and average, and as `derive.limit.learning_curve` does.
    """
    task, times = FixedPointTask(train=parse_train(train)), np.asarray(tau, dtype=float)
    names = {o.name for o in observables(task, 0)}
    if alignment == 0 and task.train == ("W",) and names <= set(OBSERVED):
        form = closed_form(g, NODES)
        curve = ResponseCurve(form, zhat)
        found = curve.responses(times, singular_values)
        covariance = overlap_covariance(form.spectrum.weights, norms)
        return Answers(
            {**found.by, **_named(found.by_singular, singular_values)},
            curve.time_response(LEARNED),
            covariance,
        )
    measure = overlap_measure(g, alignment, 2 * NODES)
    covariance = measure.covariance(norms)
    learner = Learner(measure, zhat, as_times(times), tuple(task.train), singular_values, LEARNED)
    by, singular, time = learner.responses()
    return Answers({**by, **_named(singular, singular_values)}, time, covariance)


def _named(singular: Array, count: int) -> dict[str, Array]:
    """Singular values by name; those past the rank answer to nothing."""
    missing = count - singular.shape[1]
    padded = np.pad(singular, [(0, 0), (0, max(missing, 0)), (0, 0)])
    return {f"s{r + 1}": padded[:, r] for r in range(count)}
