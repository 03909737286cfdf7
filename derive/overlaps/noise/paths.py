"""Single networks under label noise, exactly, in their overlaps (THEORY 10).

S <- (1 - lr F)^T S (1 - lr F) holds for the targets of every epoch, whatever they are: with targets drawn
anew at every epoch this is one network's descent, at any N and any size of the noise.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from derive.arrays import Array
from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.descent import LossNotFinite
from derive.overlaps.noise.visible_noise import update_directions
from derive.overlaps.problem import Matrix


def noisy_paths(
    losses: Iterator[LinearTask], S: Matrix, learning_rate: float, noise: float, paths: int, seed: int
) -> Iterator[tuple[Array, Array]]:
    """Yield losses against targets without noise, shape (paths,), and S, shape (paths, P, P), each epoch.

    ``losses`` gives the task of each epoch. Standard normal errors of the targets come from
    ``numpy.random.default_rng(seed)``, one draw of shape (paths, outputs, T * trials) an epoch. Raises
    ValueError for learning_rate <= 0, noise < 0 or paths < 1, `LossNotFinite` when a path overflows.
    """
    for what, value, good, allowed in (
        ("learning rate", learning_rate, learning_rate > 0, "numbers > 0"),
        ("label noise", noise, noise >= 0, "numbers >= 0"),
        ("paths", paths, paths >= 1, "integers >= 1"),
    ):
        if not good:
            raise ValueError(f"{what} {value}: allowed are {allowed}")
    random = np.random.default_rng(seed)
    current = np.broadcast_to(S, (paths, *S.shape)).copy()
    E, identity = None, np.eye(len(S))
    for epoch, loss in enumerate(losses):
        E = update_directions(loss.problem) if E is None else E
        V = loss.visible(current)
        error = noise * random.standard_normal((paths, *loss.target.shape))
        with np.errstate(all="ignore"):
            clean, exact = loss.block_derivatives(V, loss.target)
            noisy = loss.block_derivatives(V, loss.target + error)[1] if noise else exact
            if not (np.isfinite(clean).all() and np.isfinite(current).all()):
                raise LossNotFinite(epoch)
            step = identity - learning_rate * np.tensordot(noisy.reshape(paths, -1), E, 1)
            following = np.swapaxes(step, 1, 2) @ current @ step
        yield clean, current
        current = following
