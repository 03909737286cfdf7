"""Check: the spread of networks around N = infinity is the one that theory predicts (THEORY 8).

N times the mean square deviation of instances of N neurons over the predicted N Var is 1 + O(1/N): its value
at 1/N = 0, from a line through all sizes, against 1. The mean of n squared Gaussians is known to sqrt(2/n) of
itself.
"""

from __future__ import annotations

import numpy as np

from verify.checks.check import Check
from verify.checks.sizes import SizeDeviations
from verify.checks.slope import NORMAL_QUANTILE
from verify.truth.fluctuations import deviations_of, has_deviations
from verify.truth.setting import Setting

NAMES = ("readout", "loss", "frobenius_norm", "s1")


def variance_checks(found: SizeDeviations, setting: Setting) -> list[Check]:
    """Of `NAMES` at the first of the times, where theory has a deviation of them."""
    if setting.every_size_is_the_limit or not has_deviations(setting):
        return []
    ttilde = float(found.tau[0] * setting.unit)
    theory = deviations_of(setting, found.tau[:1], 1)
    return [_check(found, name, float(theory[name][0]), ttilde) for name in NAMES if name in found.rms]


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
