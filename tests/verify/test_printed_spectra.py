"""Check (i) for singular vectors, leading terms, limits and the outlier equation, and wrong coefficients."""

from dataclasses import replace
from pathlib import Path

import pytest

from derive.document.request import Request
from derive.write.render import Rendering
from verify.checks.printed import series_checks
from verify.truth.setting import Setting
from verify.truth.theory import theory_from_source

LATER = ("error_estimate", "outlier_equation", "singular_vectors", "leading_singular_values")
LATEST = ("universal", "universal_end")
SPECTRA = ("singular vectors", "leading terms", "scaling functions")


def theory(order):
    """The printed module of one order, without variances, which take longest."""
    whole = theory_from_source(Rendering(Request(order)).module, Path())
    return replace(whole, functions={n: f for n, f in whole.functions.items() if "_variance" not in n})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("order", "g", "zhat", "count"),
    [(1, 0.6, 1.0, 3), (2, 0.0, 0.5, 3), (3, 1e-7, 2.0, 4), (5, 0.9, 2.0, 4)],
)
def test_printed_functions_err_at_the_next_order(order, g, zhat, count):
    checks = series_checks(theory(order), Setting(g, zhat))
    assert (
        sum(any(name in check.name for name in SPECTRA) for check in checks) == count
    )  # vectors of s2 from order 3 on
    assert [(c.name, c.measured) for c in checks if not c.passed] == []


def wrong_vector(vectors):
    """A wrong coefficient of tau^1 in the second coordinate of the first pair."""
    return lambda *x: (
        ((vectors(*x)[0][0][0], vectors(*x)[0][0][1] * 1.01, *vectors(*x)[0][0][2:]), vectors(*x)[0][1]),
    )


def wrong_limit(limits):
    """A wrong coefficient of ttilde^3 in s2."""
    return lambda *x: limits(*x) | {"s2": limits(*x)["s2"] * 1.01}


def wrong_leading(terms):
    """A wrong third singular value."""
    return lambda *x: (*terms(*x)[:2], terms(*x)[2] * 1.01, *terms(*x)[3:])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "spoil", "slope"),
    [
        ("singular_vectors", wrong_vector, 1),
        ("universal", wrong_limit, 3),
        ("leading_singular_values", wrong_leading, 5),
    ],
)
def test_a_wrong_coefficient_gives_its_own_slope(name, spoil, slope):
    exact = theory(4)
    wrong = exact.functions | {name: spoil(exact.functions[name])}
    checks = [c for c in series_checks(replace(exact, functions=wrong), Setting(0.5, 0.7)) if not c.passed]
    assert len(checks) == 1
    # the next term against a hundredth of this one, at 1e-3 of the radius or less
    assert checks[0].measured == pytest.approx(slope, abs=0.1)


@pytest.mark.slow
def test_a_wrong_outlier_equation_gives_its_own_slope():
    exact = theory(3)
    equation = exact.functions["outlier_equation"]
    wrong = {"outlier_equation": lambda *x: 1 + (equation(*x) - 1) * 1.01}
    checks = series_checks(replace(exact, functions=exact.functions | wrong), Setting(0.5, 0.7))
    failed = [check for check in checks if not check.passed]
    assert [check.name for check in failed] == ["series of outlier_equation: printed against limit flow"]
    assert failed[0].measured == pytest.approx(2, abs=0.01)  # D - 1 starts at tau^2


@pytest.mark.slow
def test_modules_from_before_these_functions_still_pass():
    exact = theory(3)
    older = {name: f for name, f in exact.functions.items() if name not in (*LATER, *LATEST)}
    checks = series_checks(replace(exact, functions=older), Setting(0.5, 0.7))
    assert len(checks) == 7 + 6
    assert all(check.passed for check in checks)
    oldest = {name: older[name] for name in ("readout", "loss", "frobenius_norm", "singular_values")}
    assert len(series_checks(replace(exact, functions=oldest), Setting(0.5, 0.7))) == 5
