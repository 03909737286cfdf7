"""What theory says of the scatter of networks, in the names that checks and figures use (THEORY 8)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from derive.arrays import Array
from derive.exact.fluctuations.answers import answers
from derive.exact.fluctuations.bias import biases
from derive.flow.fixed_point_task import TRAINABLE
from verify.truth.setting import Setting

EDGE_DISTANCE = 10.0
"""N (1 - g)^2 below which networks may vary more, or less, than the leading order says."""

SMALL_SHIFT = 0.5
"""Of a deviation: where the mean is shifted by more, the leading order is doubtful."""


def has_deviations(setting: Setting) -> bool:
    """A single input and output, W or all of W, m, w learning."""
    return not setting.shape and setting.task.train in (("W",), TRAINABLE)


def deviations_of(setting: Setting, tau: Array, size: int) -> dict[str, Array]:
    """Standard deviations (T,) between networks of ``size`` at learning times ``tau``, by name."""
    found = answers(
        setting.g,
        setting.zhat,
        tau,
        singular_values=setting.singular_values,
        alignment=setting.start,
        train=tuple(setting.task.train),
    )
    return {name: np.sqrt(found.variance(name) / size) for name in found.by}


def finite_size_allowance(
    setting: Setting, tau: Array, size: int, seeds: int, standard_errors: float, names: Sequence[str]
) -> dict[str, Array]:
    """What the mean of ``seeds`` networks may deviate by: standard errors and the shift at order 1/N.

    (T,) by name, nan where the leading order is doubtful; empty where nothing is known of the shift.
    """
    near = size * (1 - setting.g) ** 2 < EDGE_DISTANCE
    if near or setting.start or not has_deviations(setting):
        return {}
    spread = deviations_of(setting, tau, size)
    shifts = biases(
        setting.g,
        setting.zhat,
        tau * setting.unit,
        singular_values=setting.singular_values,
        train=tuple(setting.task.train),
    )
    found = {}
    for name in names:
        shift = np.abs(shifts[name]) / size
        allowed = standard_errors * spread[name] / np.sqrt(seeds) + shift
        found[name] = np.where(shift <= SMALL_SHIFT * spread[name], allowed, np.nan)
    return found
