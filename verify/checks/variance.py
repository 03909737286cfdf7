"""Check: the spread of networks around N = infinity is the one that theory predicts (THEORY 8).

N times the mean square deviation of instances of N neurons over the predicted N Var is 1 + O(1/N): its value
at 1/N = 0, from a line through all sizes, against 1. The mean of n squared Gaussians is known to sqrt(2/n) of
itself.
"""

from __future__ import annotations

import numpy as np

from derive.exact.fluctuations.deviations import deviations as predicted
from verify.checks.check import Check
from verify.checks.sizes import SizeDeviations
from verify.checks.slope import NORMAL_QUANTILE
from verify.truth.setting import PAPERS_TASK, Setting

NAMES = ("readout", "s1")


def variance_checks(found: SizeDeviations, setting: Setting) -> list[Check]:
    """Of the readout and of s1, at the first of the times; none for other tasks than the paper's."""
    if setting.task != PAPERS_TASK or setting.shape or setting.every_size_is_the_limit:
        return []
    ttilde = float(found.tau[0] * setting.unit)
    theory = predicted(setting.g, setting.zhat, [ttilde], 1, singular_values=1)
    values = {"readout": theory.values["readout"][0], "s1": theory.singular_values[0, 0]}
    return [_check(found, name, float(values[name]), ttilde) for name in NAMES if name in found.rms]


def _check(found: SizeDeviations, name: str, deviation: float, ttilde: float) -> Check:
    ratio = found.sizes * found.rms[name][:, 0] ** 2 / deviation**2
    weights = found.instances / 2 / ratio**2
    inverse = 1 / found.sizes
    centre = np.average(inverse, weights=weights)
    spread = np.sum(weights * (inverse - centre) ** 2)
    slope = np.sum(weights * (inverse - centre) * ratio) / spread
    value = float(np.average(ratio, weights=weights) - slope * centre)
    error = float(np.sqrt(1 / np.sum(weights) + centre**2 / spread))
    counts = ", ".join(f"{n} at N = {N}" for N, n in zip(found.sizes, found.instances, strict=True))
    return Check(
        f"network size: N times the square deviation of {name}, over theory",
        value,
        1.0,
        3 * error,
        f"at ttilde = {ttilde:.4g} and 1/N = 0, from a line through all sizes ({counts}); the tolerance is "
        f"three standard errors ({error:.3f}), a mean of n squared Gaussians being known to sqrt(2/n)",
        (value - NORMAL_QUANTILE * error, value + NORMAL_QUANTILE * error),
    )
