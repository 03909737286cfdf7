"""Gradient descent by rank-one updates of a resolvent (Sherman-Morrison), with momentum by few at a time.

A step adds sigma a b^T to W, sigma = eta (zhat - z), a = R^T w, b = R m (THEORY 1), so with
c = sigma/(1 - sigma b.R a)

    R <- R + c (R a)(R^T b)^T,    b <- b + c |b|^2 R a,    a <- a + c |a|^2 R^T b,    z <- z + c |a|^2 |b|^2.

One step costs two products with R and one outer product. The same formulas hold for R compressed to
the bases of the two chains, X = Qb^T R Qa, alpha = Qa^T a, beta = Qb^T b (THEORY 5), where a step
costs O(d^2).

With momentum a step is a multiple of the velocity, a sum over all epochs so far (THEORY 10). What lies far
back has faded, and neighbours are nearly parallel, so that the velocity is P^T Q to rounding with few rows
(`MOST_ROWS`), and a step A^T B with as many. With K = (1 - B R A^T)^-1 (Woodbury)

    R <- R + R A^T K B R,    b <- b + R A^T K B b,    a <- a + (B R)^T K^T A a,    z <- z + (A a)^T K B b.

Rounding errors add up from step to step and grow by 1/|1 - sigma b.R a| = 1/|det K^-1| where that is small
(an outlier of W is near 1). So the resolvent is made afresh from the accumulated change every `REFRESH`
steps and after every step with a denominator below `SMALL_DENOMINATOR`: never more than REFRESH
well-conditioned updates lie between a fresh inverse and what is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.arrays import Array
from derive.exact.momentum import PLAIN, Momentum

Resolvent = tuple[Any, Any, Any, float]
"""R or X, then a, b (or alpha, beta) and z."""

REFRESH = 50
SMALL_DENOMINATOR = 0.05
MOST_ROWS = 24
"""Of the velocity; at that many those that are rounding are dropped."""

ROUNDING = 1e-17
"""Part of the velocity's norm that is dropped."""


@dataclass(frozen=True, eq=False)
class RankOneDescent:
    """``a``, ``b`` (E + 1, n) and ``readout`` (E + 1,) at every epoch; ``steps`` (E + 1,): sigma.

    The forces are steps[k] a[k] b[k]^T; of each so much has gone into the change as ``momentum`` says. nan
    from the epoch on at which descent left the finite numbers. ``refreshes`` counts fresh inverses, the first
    not counted.
    """

    readout: Array
    a: Array
    b: Array
    steps: Array
    refreshes: int
    momentum: Momentum = PLAIN

    def norms(self) -> tuple[Array, Array]:
        """|a| and |b| at every epoch."""
        return np.linalg.norm(self.a, axis=1), np.linalg.norm(self.b, axis=1)

    def change(self, epoch: int) -> Array:
        """W - W0 after ``epoch`` epochs, (n, n)."""
        weights = self.steps[:epoch] * self.momentum.response(epoch)[::-1]
        return np.asarray((self.a[:epoch] * weights[:, None]).T @ self.b[:epoch])

    def changes(self) -> Array:
        """W - W0 at every epoch, shape (E + 1, n, n)."""
        count, n = self.a.shape
        changes, velocity = np.zeros((count, n, n)), np.zeros((n, n))
        for epoch in range(count - 1):
            force = (self.steps[epoch] * self.a[epoch])[:, None] * self.b[epoch]
            velocity = self.momentum.velocity(velocity, force)
            changes[epoch + 1] = changes[epoch] + self.momentum.step(velocity, force)
        return changes


def rank_one_descent(
    fresh: Callable[[Any], Resolvent],
    rows: Callable[[int, Any], Any],
    zhat: float,
    learning_rate: float,
    epochs: int,
    on_epoch: Callable[[], None] = lambda: None,
    momentum: Momentum = PLAIN,
) -> RankOneDescent:
    """Descend for ``epochs`` steps.

    ``fresh(change)`` gives the resolvent and what goes with it for a change (n, n) of W, None before
    learning, from scratch; ``rows(count, like)`` makes an empty array of ``count`` vectors like ``like``.
    numpy arrays and torch tensors both pass.
    """
    X, a, b, z = fresh(None)
    left, right = rows(epochs + 1, a), rows(epochs + 1, b)
    readout, steps = np.full(epochs + 1, np.nan), np.full(epochs + 1, np.nan)
    response, velocity = momentum.response(epochs), _Velocity(momentum, rows(0, a), rows(0, b))
    refreshes, since = 0, 0
    for epoch in range(epochs + 1):
        if not np.isfinite(z):
            break
        readout[epoch], steps[epoch] = z, learning_rate * (zhat - z)
        left[epoch], right[epoch] = a, b
        if epoch == epochs:
            break
        since += 1
        if momentum.mu:
            updated = _by_few(X, a, b, z, *velocity.step(steps[epoch], a, b))
        else:
            updated = _by_one(X, a, b, z, steps[epoch])
        if since == REFRESH or updated is None:
            weights = steps[: epoch + 1] * response[: epoch + 1][::-1]
            try:
                updated = fresh((left[: epoch + 1] * _like(weights, a)[:, None]).T @ right[: epoch + 1])
            except np.linalg.LinAlgError:
                break
            refreshes, since = refreshes + 1, 0
        X, a, b, z = updated
        on_epoch()
    return RankOneDescent(readout, _numpy(left), _numpy(right), steps, refreshes, momentum)


def _by_one(X: Any, a: Any, b: Any, z: float, sigma: float) -> Resolvent | None:
    """After the step sigma a b^T, X in place; None, and X as it was, where the denominator is small."""
    Xa, Xb = X @ a, X.T @ b
    denominator = 1 - sigma * float(b @ Xa)
    if abs(denominator) < SMALL_DENOMINATOR:
        return None
    c = sigma / denominator
    aa, bb = float(a @ a), float(b @ b)
    b, a, z = b + (c * bb) * Xa, a + (c * aa) * Xb, z + c * aa * bb
    X += (c * Xa)[:, None] * Xb[None, :]
    return X, a, b, z


def _by_few(X: Any, a: Any, b: Any, z: float, A: Any, B: Any) -> Resolvent | None:
    """After the step A^T B, likewise."""
    XA, BX = X @ A.T, B @ X
    inverse = np.eye(len(A)) - _numpy(B @ XA)
    if not abs(np.linalg.det(inverse)) >= SMALL_DENOMINATOR:
        return None
    K = _like(np.linalg.inv(inverse), a)
    Aa, Bb = A @ a, K @ (B @ b)
    b, a, z = b + XA @ Bb, a + (Aa @ K) @ BX, z + float(Aa @ Bb)
    X += XA @ (K @ BX)
    return X, a, b, z


class _Velocity:
    """P^T Q, P and Q (r, n), by the rule of ``momentum``."""

    def __init__(self, momentum: Momentum, P: Any, Q: Any) -> None:
        self._momentum, self._P, self._Q = momentum, P, Q

    def step(self, sigma: float, a: Any, b: Any) -> tuple[Any, Any]:
        """A and B of the step with the force sigma a b^T."""
        if len(self._P) >= MOST_ROWS:
            self._compress()
        count = len(self._P)
        weights, force = np.append(np.ones(count), 0.0), np.append(np.zeros(count), 1.0)
        weights = self._momentum.velocity(weights, force)
        P, Q = _with_row(self._P, sigma * a), _with_row(self._Q, b)
        self._P, self._Q = _like(weights, a)[:, None] * P, Q
        return _like(self._momentum.step(weights, force), a)[:, None] * P, Q

    def _compress(self) -> None:
        (first, left), (second, right) = (np.linalg.qr(_numpy(rows).T) for rows in (self._P, self._Q))
        U, strengths, V = np.linalg.svd(left @ right.T)
        kept = strengths > ROUNDING * strengths[0]
        self._P = _like((first @ U[:, kept] * strengths[kept]).T, self._P)
        self._Q = _like(V[kept] @ second.T, self._Q)


def _with_row(rows: Any, row: Any) -> Any:
    """``rows`` (r, n) with one more below."""
    longer = _like(np.zeros((len(rows) + 1, len(row))), row)
    longer[:-1], longer[-1] = rows, row
    return longer


def _like(array: NDArray[np.floating], model: Any) -> Any:
    """A numpy array as what ``model`` is."""
    return array.astype(model.dtype) if isinstance(model, np.ndarray) else model.new_tensor(array)


def _numpy(array: Any) -> Array:
    return np.asarray(array if isinstance(array, np.ndarray) else array.cpu().numpy(), dtype=np.float64)
