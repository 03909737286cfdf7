"""The regression suite notices what it should, and accepts what is right."""

import json
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import mpmath
import numpy as np
import pytest
from in_process import refusal, verify_here
from project import GENERATED, ROOT

from derive import FixedPointTask, expand
from derive.document.request import Request
from derive.write.render import Rendering
from verify.checks.check import Check
from verify.checks.printed import function_check
from verify.checks.sizes import measure_deviations
from verify.regression.mutation import accepted, mutants, mutation_outcome
from verify.regression.sensitivity import coefficients, smallest_changes
from verify.regression.suite import curve_checks, simulator_check, theory_checks
from verify.truth.precise_flow import DIGITS
from verify.truth.setting import Setting
from verify.truth.theory import read_theory, theory_from_source

TIMES = np.array([0.02, 0.1, 0.2])
ORDER_3 = GENERATED / "order_3.py"


def printed(order):
    return Rendering(Request(order, singular_values=2 if order > 2 else 1)).module


@pytest.mark.slow
@pytest.mark.parametrize("order", range(1, 6))
def test_every_wrong_coefficient_is_caught(order):
    outcome = mutation_outcome(printed(order), Path(f"order_{order}.py"))
    assert [(m.function, m.line, m.text) for m in outcome.survivors] == []
    assert outcome.check("").passed


@pytest.mark.slow
def test_every_right_function_is_accepted():
    source = printed(3)
    functions = {mutant.function for mutant in mutants(source)}
    assert functions == set(re.findall(r"^def (\w+)", source, re.MULTILINE))
    with mpmath.workdps(DIGITS):
        theory = theory_from_source(source, Path("order_3.py"))
        assert [name for name in sorted(functions) if not accepted(theory, name)] == []


@pytest.mark.slow
def test_functions_of_a_module_s_own_are_no_coefficients():
    source = printed(1) + "\n\ndef rate(g):\n    return 1 - g * g\n"
    assert mutation_outcome(source, Path("order_1.py")) == mutation_outcome(printed(1), Path("order_1.py"))


@pytest.mark.slow
def test_every_monomial_of_the_expansion_is_among_the_mutants():
    """At order 3 the functions of (tau, zhat, g) hold as many monomials as the series have."""
    expansion = expand(FixedPointTask(), 3)
    series = {
        name: getattr(expansion, name) for name in ("readout", "loss", "gradient_norm", "frobenius_norm")
    }
    found = [mutant.function for mutant in mutants(printed(3))]
    for name, one in series.items():
        monomials = sum(len(c.coeffs()) for k in one.scaled for c in k.numerators if c != 0)
        assert found.count(name) == monomials
    assert found.count("singular_values") == 5
    assert found.count("a_matrix") == 9  # A12: 4, A11 and A22: 2 each, A21: 1


@pytest.mark.slow
def test_a_wrong_coefficient_fails_the_suite(tmp_path):
    module = tmp_path / "mine.py"
    source = ORDER_3.read_text()
    module.write_text(source.replace("+ 8 * p", "+ 8.001 * p", 1))
    assert module.read_text() != source
    checks = theory_checks(read_theory(module), 0.6, 2.0)
    failed = [check.name.split(": ")[1] for check in checks if not check.passed]
    assert failed == ["series of readout", "series of readout with its error estimate"]


@pytest.mark.slow
def test_one_function_by_its_name():
    def readout(tau, zhat, g):  # Eq. 13 and 15
        beta = 1 / (1 - g**2)
        t = beta**2 * tau
        return zhat * (t - t**2 / 2 + (1 + 8 * zhat**2 * beta) * t**3 / 6)

    assert function_check(readout, "readout", 3, 0.6, 2.0).passed
    assert not function_check(readout, "readout", 4, 0.6, 2.0).passed
    assert not function_check(readout, "s1", 3, 0.6, 2.0).passed
    with pytest.raises(ValueError, match="allowed are readout"):
        function_check(readout, "output", 3, 0.6, 2.0)


@pytest.mark.parametrize(("g", "zhat"), [(0.0, 0.5), (0.8, 1.0)])
def test_exact_curves_and_the_reduced_simulator_pass(g, zhat):
    checks: list[Check] = [*curve_checks(g, zhat), simulator_check(g, zhat, 60)]
    assert [check.name for check in checks if not check.passed] == []


def test_what_descent_can_see_shrinks_as_one_over_root_n():
    """Eq. 13: c_1 = zhat beta^2; where the noise of the networks rules, the least change goes as N^(-1/2)."""
    g, zhat, theory = 0.6, 0.5, read_theory(GENERATED / "order_5.py")
    c = coefficients(theory, "readout", g, zhat)
    assert c[:2] == pytest.approx([0.0, zhat / (1 - g * g) ** 2], rel=1e-14)
    assert c[2] == pytest.approx(-zhat / (1 - g * g) ** 4 / 2, rel=1e-14)
    deviations = measure_deviations(Setting(g, zhat), (1 - g * g) ** 2 * TIMES, {64: 6, 256: 3})
    rows = [
        r for r in smallest_changes(theory, g, zhat, deviations) if (r.function, r.power) == ("readout", 1)
    ]
    assert [row.size for row in rows] == [64, 256]
    assert rows[0].change / rows[1].change == pytest.approx(2, rel=0.05)
    assert 1e-3 < rows[1].change < 1


@pytest.mark.slow
def test_the_plugin_takes_three_lines(tmp_path):
    (tmp_path / "test_mine.py").write_text(
        "def test_good(regression):\n"
        "    regression.function(lambda tau, zhat, g: zhat * tau, 'readout', 1, [(0.0, 1.0)])\n"
        f"    regression.module({str(ORDER_3)!r}, [])\n"
        "def test_bad(regression):\n"
        "    regression.function(lambda tau, zhat, g: zhat * tau, 'readout', order=1)\n"
    )
    # installed, the package registers the plugin by itself
    installed = any(point.value == "verify.pytest_plugin" for point in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "verify.pytest_plugin"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        check=False,
    )
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "readout through tau^1 against limit flow" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "given", "allowed"),
    [
        (["--quick", "--full"], "--full", "one of them"),
        (["--format", "xml"], "xml", "text, json"),
        (["nothing.py"], "nothing.py", "Python module"),
        (["broken.py"], "cannot be used", "ORDER"),
        (["--generated", "empty"], "empty", "derive --order 3"),
    ],
)
def test_bad_input_is_one_line_and_status_2(tmp_path, arguments, given, allowed):
    (tmp_path / "broken.py").write_text("x = 1\n")
    complaint = refusal(verify_here("regress", *arguments, cwd=tmp_path))
    assert given in complaint
    assert allowed in complaint


def test_reports_are_text_and_json():
    from verify.regression.report import json_report, text_report
    from verify.regression.sensitivity import SmallestChange
    from verify.regression.suite import Result

    checks = (Check("slope", 4.2, 4.0, 0.1, "because", (4.1, 4.3)), Check("number", 1.0, 1.0, 0.0, "equal"))
    result = Result(checks, (SmallestChange(3, "readout", 1, 64, 0.6, 2.0, 0.5),))
    assert "FAIL  slope: 4.2 [4.1000, 4.3000]" in text_report(result)
    assert "1 of 2 checks failed" in text_report(result)
    document = json.loads(json_report(result))
    assert document["passed"] is False
    assert document["checks"][0]["interval"] == [4.1, 4.3]
    assert document["smallest_changes"][0]["change"] == 0.5
