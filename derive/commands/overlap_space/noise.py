"""``derive overlap --label-noise``: mean and spread of the overlaps, or sampled paths."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from derive.commands.overlap_space.run import Learning
from derive.commands.progress import progress_bar

if TYPE_CHECKING:
    from derive.document.overlaps.learning_curve import LearnedOverlaps
    from derive.overlaps.batches.linear_task import LinearTask

SLOW_EPOCHS = 2000  # about two seconds


def noisy(learning: Learning, noise: float) -> LearnedOverlaps:
    """What a linear network learns whose labels are read with the error ``noise``.

    Without paths ``overlaps`` and ``deviation`` are mean and standard deviation to second order in the
    noise, ``overlaps_covariance`` at the end, over the names in their order; with paths, those of the
    sampled paths, each of which stands in ``paths``. ``loss`` is the mean loss against targets without
    noise. ``fading``: see `derive.overlaps.noise.fading`, at the end; null where descent is not stable there.
    """
    if learning.problem.nonlinearity != "linear":
        raise ValueError(
            f"--label-noise {noise:g} with --nonlinearity {learning.problem.nonlinearity}: allowed is linear"
        )
    return _sampled(learning, noise, learning.paths) if learning.paths else _moments(learning, noise)


def _tasks(learning: Learning) -> Iterator[LinearTask]:
    from itertools import repeat

    from derive.overlaps.batches.linear_task import LinearTask

    if learning.batches.fixed:
        return repeat(LinearTask(learning.problem, learning.batches.batch(0)))
    return (LinearTask(learning.problem, task) for task in learning.batches.tasks())


def _moments(learning: Learning, noise: float) -> LearnedOverlaps:
    import numpy as np

    from derive.document.overlaps.learning_curve import LearnedOverlaps
    from derive.overlaps.noise.moments import collected, noisy_descent

    problem, states = learning.problem, []
    with progress_bar("learning", None, wanted=learning.epochs > SLOW_EPOCHS) as advance:
        run = noisy_descent(_tasks(learning), learning.S, learning.learning_rate, noise)
        for state in islice(run, learning.epochs + 1):
            states.append(state)
            advance()
    curve = collected(problem, states)
    entries = [row * problem.size + column for row, column in problem.pairs.values()]
    facts = {
        "label_noise": noise,
        "overlaps_covariance": curve.covariance[np.ix_(entries, entries)].tolist(),
        **_fading(learning, curve.overlaps[-1], noise),
    }
    rate = learning.learning_rate
    return LearnedOverlaps(problem, rate, curve.loss, curve.overlaps, curve.deviation, facts)


def _sampled(learning: Learning, noise: float, paths: int) -> LearnedOverlaps:
    import numpy as np

    from derive.document.overlaps.learning_curve import LearnedOverlaps, named_lists
    from derive.overlaps.noise.paths import noisy_paths

    problem, found = learning.problem, []
    with progress_bar("learning", None, wanted=learning.epochs * paths > SLOW_EPOCHS) as advance:
        run = noisy_paths(_tasks(learning), learning.S, learning.learning_rate, noise, paths, learning.seed)
        for state in islice(run, learning.epochs + 1):
            found.append(state)
            advance()
    losses, overlaps = np.array([loss for loss, _ in found]), np.array([S for _, S in found])
    spread = overlaps.std(axis=1, ddof=1) if paths > 1 else np.zeros_like(overlaps[:, 0])
    mean = overlaps.mean(axis=1)
    facts = {
        "label_noise": noise,
        "paths": [
            {"loss": losses[:, k].tolist(), "overlaps": named_lists(problem, overlaps[:, k])}
            for k in range(paths)
        ],
        **_fading(learning, mean[-1], noise),
    }
    return LearnedOverlaps(problem, learning.learning_rate, losses.mean(axis=1), mean, spread, facts)


def _fading(learning: Learning, S: Any, noise: float) -> dict[str, Any]:
    """Rates an epoch at which the noise erases K, and K's lifetime; nothing for frozen vectors."""
    from math import isfinite

    from derive.overlaps.batches.linear_task import LinearTask
    from derive.overlaps.noise.fading import fading

    if not all(learning.problem.learns):
        return {}
    loss = LinearTask(learning.problem, learning.batches.batch(learning.epochs))
    try:
        found = fading(loss, S, learning.learning_rate, noise)
    except ValueError:  # descent is not stable there
        return {"fading": None}
    lifetime = found.lifetime if isfinite(found.lifetime) else None
    return {"fading": {"rates": found.rates.tolist(), "lifetime": lifetime}}
