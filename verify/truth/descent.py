"""Gradient descent: W <- W - eta dL/dW, L = |zhat - z|^2/2, tau = eta x epochs (THEORY 1), and m
and w likewise where they learn; with momentum tau = eta/(1 - mu) x epochs (THEORY 10).

torch's autograd and SGD, nothing derived. Observed before learning and after every epoch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from derive.arrays import Array
from derive.exact.momentum import PLAIN, Momentum
from verify.truth.networks import LinearNetwork
from verify.truth.setting import observable_names

SINGULAR_VALUES = 2
SKETCH = 6  # random vectors beyond the singular values that are looked for


@dataclass(frozen=True, eq=False)
class Descent:
    """One run: ``tau`` and each observable at epochs 0..E, shape (E + 1,), and the trained W, m and w.

    Observables are ``readout`` (of several inputs and outputs ``Z[1,1]``, ``Z[1,2]``, ...), ``loss``,
    ``frobenius_norm`` and ``s1``, ``s2``, ... of W - W0. From the epoch on at which descent left the
    finite numbers they are nan.
    """

    tau: Array
    observables: dict[str, Array]
    W: Array
    m: Array
    w: Array

    def at(self, tau: Array) -> dict[str, Array]:
        """The observables at learning times ``tau``, between epochs as `between_epochs` has them."""
        return between_epochs(self.tau, self.observables, tau)


def between_epochs(epochs: Array, observables: dict[str, Array], tau: Array) -> dict[str, Array]:
    """Observables known at the learning times ``epochs``, at ``tau``, by cubic splines.

    The splines' error is of fourth order in the learning rate; nan where descent diverged.
    """
    from scipy.interpolate import CubicSpline

    def interpolated(values: Array) -> Array:
        if not np.all(np.isfinite(values)):
            return np.full(len(tau), math.nan)
        return np.asarray(CubicSpline(epochs, values)(tau), dtype=np.float64)

    return {name: interpolated(values) for name, values in observables.items()}


def descend(
    network: LinearNetwork,
    zhat: float | Array,
    learning_rate: float,
    epochs: int,
    on_epoch: Callable[[], None] = lambda: None,
    singular_values: int = SINGULAR_VALUES,
    momentum: Momentum = PLAIN,
) -> Descent:
    """Train ``network`` for ``epochs`` steps of gradient descent towards ``zhat``, of its readout's shape.

    ``learning_rate`` is in units of learning time tau; ``on_epoch`` is called after each epoch.
    """
    target = torch.as_tensor(zhat, dtype=network.W.dtype)
    start = network.W.detach().clone()
    random = random_columns(start, SKETCH + singular_values)
    nesterov = momentum.nesterov and momentum.mu > 0
    optimizer = torch.optim.SGD(network.parameters(), learning_rate, momentum.mu, nesterov=nesterov)
    names = observable_names(tuple(network.w.shape[:-1]) + tuple(network.m.shape[1:]), singular_values)
    table = np.full((epochs + 1, len(names)), math.nan)
    for epoch in range(epochs + 1):
        try:
            z = network()
        except torch.linalg.LinAlgError:  # type: ignore[attr-defined]
            break
        loss = ((target - z) ** 2).sum() / 2
        if not torch.isfinite(loss):
            break
        change = network.W.detach() - start
        table[epoch] = [*z.flatten().tolist(), loss.item(), *_size(change, random, singular_values)]
        if epoch < epochs:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            on_epoch()
    tau = momentum.time_step(learning_rate) * np.arange(epochs + 1, dtype=np.float64)
    trained = (parameter.detach().numpy() for parameter in (network.W, network.m, network.w))
    return Descent(tau, dict(zip(names, table.T, strict=True)), *trained)


def _size(change: Tensor, random: Tensor, count: int) -> list[float]:
    """Frobenius norm and leading singular values of W - W0."""
    Q = range_sketch(change, random)
    values = torch.linalg.svdvals(Q.T @ change)[:count].tolist()
    values += [0.0] * (count - len(values))
    return [torch.linalg.norm(change).item(), *values]


def range_sketch(change: Tensor, random: Tensor) -> Tensor:
    """Orthonormal columns that span the leading singular vectors of ``change``, shape (..., N, count).

    W - W0 is of low rank to all visible digits (s_r = O(tau^(2r-1))), so its action on the ``random``
    vectors, shape (N, count), after a power step, spans the leading singular vectors. Orthonormal vectors
    between the products keep the small ones: s_r has the rounding error of s_1, not (s_1/s_r)^2 times it.
    """
    Q = torch.linalg.qr(change @ random)[0]
    Q = torch.linalg.qr(change.mT @ Q)[0]
    basis: Tensor = torch.linalg.qr(change @ Q)[0]
    return basis


def random_columns(like: Tensor, count: int) -> Tensor:
    """For `range_sketch` of matrices like this one: the same on every device, brought there once a run."""
    size = like.shape[-1]
    random = torch.Generator().manual_seed(0)
    return torch.randn(size, min(count, size), dtype=like.dtype, generator=random).to(like.device)
