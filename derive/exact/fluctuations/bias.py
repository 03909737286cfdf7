"""The mean over networks of size N minus N = infinity, at order 1/N and at all times (THEORY 8).

For independent m and w, with R_j = r_j + r_-j the weights of the nodes +-x_j of the overlap measure as w (A)
and as m (D) sees them and c_j what lies across,

    N Cov(A_j, A_k) = N Cov(D_j, D_k) = 2 (R_j delta_jk - R_j R_k),      N Cov(c_j, c_k) = R_j delta_jk,

and the mean of A and D has the moments mu'_n/N of real W0 (`derive.words.finite_size_moments`), so that

    N (E O - O) = sum_j O_j r'_j + 2 [sum_j R_j O_AjAj - O_AA] + (1/2) sum_j R_j O_cjcj,

O_AA along A itself (0 for norms that are 1 on average only). Second derivatives are differences of the exact
curve, good to 1e-5 of themselves; the signed weights r' are those with the right moments on the nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat

from derive.arrays import Array
from derive.exact.fluctuations.differences import Learner, Readings
from derive.exact.fluctuations.measure import OverlapMeasure, overlap_measure, rounded_rows
from derive.flow.fixed_point_task import parse_train
from derive.series.balls import at_sufficient_precision
from derive.words.finite_size_moments import finite_size_moments

NODES = 12
LARGEST_STEP = 1e-3  # of a weight, and at most this part of it:
LARGEST_PART = 0.03
ROUNDING = 1e-8  # of N times a bias: what is less is what differences leave of nothing
STENCIL = ((1, 4 / 3), (2, -1 / 12))  # of a second derivative, to fourth order


@dataclass(frozen=True, eq=False)
class _Total:
    """A linear combination of readings, by name, the learning time among them."""

    values: dict[str, Array]

    def plus(self, reading: Readings, factor: float) -> _Total:
        """This and ``factor`` times what is read."""
        found = {**reading.values, "learning_time": np.array(reading.learning_time)}
        found |= {f"s{r + 1}": s for r, s in enumerate(reading.singular.T)}
        return _Total({name: self.values.get(name, 0.0) + factor * x for name, x in found.items()})


def biases(
    g: float,
    zhat: float,
    ttilde: Array,
    *,
    singular_values: int = 2,
    train: tuple[str, ...] = ("W",),
    norms: str = "exact",
    nodes: int = NODES,
) -> dict[str, Array]:
    """N (E O - O) of every observable, s1, s2, ... and the learning time among them, (T,) by name.

    At the effective times ``ttilde`` >= 0; the learning time too is in ttilde. Raises ValueError as
    `derive.limit.learning_curve` does.

    >>> (biases(0.0, 1.0, np.array([0.01]))["readout"] / -4e-4).round(2).tolist()
    [0.97]
    """
    unit = ((1 - g) * (1 + g)) ** 2
    measure = overlap_measure(g, 0.0, nodes)
    tau = tuple(float(t * unit) for t in ttilde)
    learner = Learner(measure, zhat, tau, parse_train(train), singular_values)
    r, count = measure.weights, len(measure.weights)
    here, total = learner.read(r, r), _Total({})

    def bent(w_change: Array, m_change: Array, step: float, factor: float) -> None:
        """Adds ``factor`` times the second derivative along changes of the weights, in parts of them."""
        nonlocal total
        for multiple, share in STENCIL:
            for part in (multiple * step, -multiple * step):
                moved = learner.read(r * (1 + part * w_change), r * (1 + part * m_change))
                total = total.plus(moved, share * factor / step**2)
            total = total.plus(here, -2 * share * factor / step**2)

    for j, weight in enumerate(2 * r[: (count + 1) // 2]):
        pair = np.zeros(count)
        pair[[j, count - 1 - j]] = 1
        across = pair * np.sign(measure.nodes)
        step = min(LARGEST_STEP / weight, LARGEST_PART)  # in parts of the weight
        bent(pair, pair * 0, step, 2 / weight)
        bent(across, across, step, 0.5 / weight)
    if norms == "exact":
        bent(np.ones(count), np.zeros(count), LARGEST_STEP, -2.0)
    for j, weight in enumerate(shifted_weights(measure)):
        total = total.plus(learner.moved(np.eye(count)[j]), weight / r[j])
    found = {name: np.where(np.abs(value) < ROUNDING, 0.0, value) for name, value in total.values.items()}
    return found | {"learning_time": found["learning_time"] / unit}


def shifted_weights(measure: OverlapMeasure) -> Array:
    """r' (n,): sum_j r'_j x_j^k = mu'_(k/2) for even k, 0 for odd k."""
    count = len(measure.nodes)

    def solved() -> list[list[float]]:
        beta = 1 / (1 - arb(measure.g) ** 2)
        moments = [
            [sum((beta**i * int(c) for i, c in enumerate(p.coeffs())), arb(0)) if k % 2 == 0 else arb(0)]
            for k, p in enumerate(finite_size_moments(count))
        ]
        powers = arb_mat([[arb(x) ** k for x in measure.nodes.tolist()] for k in range(count)])
        return rounded_rows(powers.solve(arb_mat(moments)))

    return np.array(at_sufficient_precision(solved, 128 + 32 * count))[:, 0]
