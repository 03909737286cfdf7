"""An observable that is added to the registry is found among the checks, and so is what is wrong with it."""

from dataclasses import replace
from pathlib import Path

import mpmath
import pytest

from derive.document.request import Request
from derive.observables import registry
from derive.observables.readout import READOUT
from derive.write.render import Rendering
from verify.checks.printed import function_check, series_checks
from verify.regression.mutation import mutants
from verify.regression.suite import curve_checks
from verify.truth.precise_flow import DIGITS
from verify.truth.setting import Setting
from verify.truth.theory import theory_from_source

TWICE = replace(
    READOUT,
    name="twice_the_readout",
    macro=r"\drvtwice",
    left=r"\drvtwice",
    title="twice the readout",
    series=lambda change: change.in_time([z + z for z in change.readout_in_clock], odd=True),
    value=lambda state: 2 * READOUT.value(state),
)


@pytest.fixture
def added(monkeypatch):
    """One more observable."""
    monkeypatch.setattr(registry, "OBSERVABLES", (*registry.OBSERVABLES, TWICE))


@pytest.mark.slow
@pytest.mark.usefixtures("added")
def test_the_module_s_checks_have_it():
    source = Rendering(Request(3)).module
    checks = {
        check.name: check for check in series_checks(theory_from_source(source, Path()), Setting(0.6, 1.0))
    }
    assert checks["series of twice_the_readout: printed against limit flow"].passed
    wrong = [m for m in mutants(source) if m.function == "twice_the_readout"]
    assert wrong
    failed = series_checks(theory_from_source(wrong[0].source, Path()), Setting(0.6, 1.0))
    assert [check.name.split(":")[0] for check in failed if not check.passed] == [
        "series of twice_the_readout"
    ]


@pytest.mark.usefixtures("added")
def test_the_exact_curve_s_checks_have_it():
    found = [check for check in curve_checks(0.3, 1.0) if "twice_the_readout" in check.name]
    assert len(found) == 1
    assert found[0].passed


@pytest.mark.usefixtures("added")
def test_a_function_of_one_s_own_is_held_against_it():
    with mpmath.workdps(DIGITS):
        right = function_check(lambda tau, zhat, g: 2 * zhat * tau, "twice_the_readout", 1, 0.0, 1.0)
        wrong = function_check(lambda tau, zhat, g: zhat * tau, "twice_the_readout", 1, 0.0, 1.0)
    assert (right.passed, wrong.passed) == (True, False)


def test_without_it_the_name_is_refused():
    with pytest.raises(ValueError, match="twice_the_readout: allowed are readout"):
        function_check(lambda *at: 0, "twice_the_readout", 1, 0.0, 1.0)
