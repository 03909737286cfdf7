"""The check of predicted variances: right ones pass, wrong ones are caught, 1/N corrections do not matter."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from derive.document.request import Request
from derive.exact.fluctuations.deviations import deviations
from derive.flow.fixed_point_task import FixedPointTask
from derive.write.render import Rendering
from verify.checks.printed import series_checks
from verify.checks.sizes import SizeDeviations, measure_deviations
from verify.checks.variance import NAMES, variance_checks
from verify.truth.setting import Setting
from verify.truth.theory import REQUIRED, theory_from_source

SETTING = Setting(0.6, 0.5)
SIZES, COUNTS = np.array([128, 256, 512, 1024]), np.array([1600, 800, 400, 200])


def drawn(factor, correction=0.0):
    """Gaussian deviations with ``factor`` times the predicted variance, times 1 + correction/N."""
    tau, random = np.array([0.03]), np.random.default_rng(1)
    theory = deviations(0.6, 0.5, tau * SETTING.unit, 1, singular_values=1)
    rms = {}
    values = theory.values | {"s1": theory.singular_values[:, 0]}
    for name, (deviation,) in ((name, values[name]) for name in NAMES):
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
    assert len(checks) == len(NAMES)
    assert all(check.passed for check in checks)
    assert all(check.tolerance < 0.25 for check in checks)


@pytest.mark.parametrize("factor", [0.6, 1.5])
def test_wrong_variances_are_caught(factor):
    assert not any(check.passed for check in variance_checks(drawn(factor), SETTING))


@pytest.mark.parametrize(
    "task", [FixedPointTask(train="m"), FixedPointTask(g0=False, train="W,w", alignment="1/5")]
)
def test_other_tasks_have_none(task):
    assert variance_checks(drawn(1.0), Setting(0.6, 0.5, task)) == []


@pytest.mark.slow
@pytest.mark.parametrize("task", [FixedPointTask(alignment="1/5"), FixedPointTask(train="W,m,w")])
def test_small_networks_of_other_tasks(task):
    """Measured deviations of overlapping and of trained vectors pass, those of another task do not."""
    setting = Setting(0.3, 0.7, task)
    found = measure_deviations(setting, np.array([0.2]), {32: 160, 64: 80, 128: 40})
    assert [(c.name, c.measured) for c in variance_checks(found, setting) if not c.passed] == []
    assert not all(check.passed for check in variance_checks(found, replace(setting, task=FixedPointTask())))


@pytest.mark.slow
@pytest.mark.parametrize(("train", "alignment"), [("W", "0"), ("W,m,w", "0"), ("W", "1/5")])
def test_printed_variances_err_at_the_next_order(train, alignment):
    """All of them against flows of perturbed networks; a wrong coefficient gives its own slope."""
    setting = Setting(0.6, 0.7, FixedPointTask(train=train, alignment=alignment))
    theory = theory_from_source(Rendering(Request(2, train=train, alignment=alignment)).module, Path())
    names = [name for name in theory.functions if name.endswith("_variance")]
    assert len(names) == 6
    checked = {name: theory.functions[name] for name in (*REQUIRED, *names)}
    checks = [c for c in series_checks(replace(theory, functions=checked), setting) if "variance" in c.name]
    assert len(checks) == len(names)
    assert [(c.name, c.measured) for c in checks if not c.passed] == []
    right = theory.functions["sharpness_variance"]
    wrong = checked | {"sharpness_variance": lambda *x: right(*x) * (1 + x[0] / 100)}
    failed = [c for c in series_checks(replace(theory, functions=wrong), setting) if not c.passed]
    assert [c.name.split(":")[0] for c in failed] == ["series of sharpness_variance"]
    assert failed[0].measured == pytest.approx(1, abs=0.1)
