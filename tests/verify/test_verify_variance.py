"""The check of predicted variances: right ones pass, wrong ones are caught, 1/N corrections do not matter."""

import numpy as np
import pytest

from derive.exact.fluctuations.deviations import deviations
from derive.flow.fixed_point_task import FixedPointTask
from verify.checks.sizes import SizeDeviations
from verify.checks.variance import variance_checks
from verify.truth.setting import Setting

SETTING = Setting(0.6, 0.5)
SIZES, COUNTS = np.array([128, 256, 512, 1024]), np.array([1600, 800, 400, 200])


def drawn(factor, correction=0.0):
    """Gaussian deviations with ``factor`` times the predicted variance, times 1 + correction/N."""
    tau, random = np.array([0.03]), np.random.default_rng(1)
    theory = deviations(0.6, 0.5, tau * SETTING.unit, 1, singular_values=1)
    rms = {}
    for name, deviation in (("readout", theory.values["readout"][0]), ("s1", theory.singular_values[0, 0])):
        rms[name] = np.array(
            [
                [deviation * np.sqrt(factor * (1 + correction / N) / N * np.mean(random.normal(size=n) ** 2))]
                for N, n in zip(SIZES, COUNTS, strict=True)
            ]
        )
    return SizeDeviations(tau, SIZES, COUNTS, rms)


@pytest.mark.parametrize("correction", [0.0, 20.0])
def test_right_variances_pass(correction):
    checks = variance_checks(drawn(1.0, correction), SETTING)
    assert len(checks) == 2
    assert all(check.passed for check in checks)
    assert all(check.tolerance < 0.25 for check in checks)


@pytest.mark.parametrize("factor", [0.6, 1.5])
def test_wrong_variances_are_caught(factor):
    assert not any(check.passed for check in variance_checks(drawn(factor), SETTING))


def test_other_tasks_have_none():
    aligned = Setting(0.6, 0.5, FixedPointTask(alignment="1/5"))
    assert variance_checks(drawn(1.0), aligned) == []
