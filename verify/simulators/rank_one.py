"""Gradient descent by rank-one updates of a resolvent (Sherman-Morrison).

A step adds sigma a b^T to W, sigma = eta (zhat - z), a = R^T w, b = R m (THEORY 1), so with
c = sigma/(1 - sigma b.R a)

    R <- R + c (R a)(R^T b)^T,    b <- b + c |b|^2 R a,    a <- a + c |a|^2 R^T b,    z <- z + c |a|^2 |b|^2.

One step costs two products with R and one outer product. The same formulas hold for R compressed to
the bases of the two chains, X = Qb^T R Qa, alpha = Qa^T a, beta = Qb^T b (THEORY 5), where a step
costs O(d^2).

Rounding errors add up from step to step and grow by 1/|1 - sigma b.R a| where that is small (an
outlier of W is near 1). So the resolvent is made afresh from the accumulated change every `REFRESH`
steps and after every step with a denominator below `SMALL_DENOMINATOR`: never more than REFRESH
well-conditioned updates lie between a fresh inverse and what is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Resolvent = tuple[Any, Any, Any, float]
"""R or X, then a, b (or alpha, beta) and z."""

REFRESH = 50
SMALL_DENOMINATOR = 0.05


@dataclass(frozen=True, eq=False)
class RankOneDescent:
    """``a``, ``b`` (E + 1, n) and ``readout`` (E + 1,) at every epoch; ``steps`` (E + 1,): sigma.

    The change after epoch e is the sum over k < e of steps[k] a[k] b[k]^T. nan from the epoch on at
    which descent left the finite numbers. ``refreshes`` counts fresh inverses, the first not counted.
    """

    readout: Array
    a: Array
    b: Array
    steps: Array
    refreshes: int

    def norms(self) -> tuple[Array, Array]:
        """|a| and |b| at every epoch."""
        return np.linalg.norm(self.a, axis=1), np.linalg.norm(self.b, axis=1)


def rank_one_descent(
    fresh: Callable[[Any, Any], Resolvent],
    rows: Callable[[int, Any], Any],
    zhat: float,
    learning_rate: float,
    epochs: int,
    on_epoch: Callable[[], None] = lambda: None,
) -> RankOneDescent:
    """Descend for ``epochs`` steps.

    ``fresh(left, right)`` gives the resolvent and what goes with it for the change left^T right, from
    scratch; ``rows(count, like)`` makes an empty array of ``count`` vectors like ``like``. numpy
    arrays and torch tensors both pass.
    """
    X, a, b, z = fresh(None, None)
    left, right = rows(epochs + 1, a), rows(epochs + 1, b)
    readout, steps = np.full(epochs + 1, np.nan), np.full(epochs + 1, np.nan)
    refreshes, since = 0, 0
    for epoch in range(epochs + 1):
        if not np.isfinite(z):
            break
        readout[epoch], steps[epoch] = z, learning_rate * (zhat - z)
        left[epoch], right[epoch] = a, b
        if epoch == epochs:
            break
        sigma = steps[epoch]
        Xa, Xb = X @ a, X.T @ b
        denominator = 1 - sigma * float(b @ Xa)
        since += 1
        if since == REFRESH or abs(denominator) < SMALL_DENOMINATOR:
            try:
                X, a, b, z = fresh(_weighted(left, steps, epoch + 1), right[: epoch + 1])
            except np.linalg.LinAlgError:
                break
            refreshes, since = refreshes + 1, 0
        else:
            c = sigma / denominator
            aa, bb = float(a @ a), float(b @ b)
            b, a, z = b + (c * bb) * Xa, a + (c * aa) * Xb, z + c * aa * bb
            X += (c * Xa)[:, None] * Xb[None, :]
        on_epoch()
    return RankOneDescent(readout, _numpy(left), _numpy(right), steps, refreshes)


def _weighted(left: Any, steps: Array, count: int) -> Any:
    """The first ``count`` rows, each times its step."""
    if isinstance(left, np.ndarray):
        return left[:count] * steps[:count, None]
    return left[:count] * left.new_tensor(steps[:count])[:, None]


def _numpy(array: Any) -> Array:
    return np.asarray(array if isinstance(array, np.ndarray) else array.cpu().numpy(), dtype=np.float64)
