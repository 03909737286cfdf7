"""Check (i) for singular vectors, leading terms, limits and the outlier equation, and wrong coefficients."""

from dataclasses import replace
from pathlib import Path

import pytest

from derive.document.request import Request
from derive.write.render import Rendering
from verify.checks.series_slope import limit_series_checks
from verify.checks.spectrum_slope import spectrum_checks
from verify.truth.theory import LATER, theory_from_source


def theory(order):
    """The printed module of one order."""
    return theory_from_source(Rendering(Request(order)).module, Path())


@pytest.mark.parametrize(
    ("order", "g", "zhat", "count"),
    [(1, 0.6, 1.0, 3), (2, 0.0, 0.5, 3), (3, 1e-7, 2.0, 4), (5, 0.9, 2.0, 4)],
)
def test_printed_functions_err_at_the_next_order(order, g, zhat, count):
    checks = spectrum_checks(theory(order), g, zhat)
    assert len(checks) == count  # vectors of s2 from order 3 on
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
    beyond = {key: value for key, value in exact.beyond.items() if key not in LATER or key == name}
    beyond[name] = spoil(exact.beyond[name])
    if name == "universal":
        beyond["universal_end"] = exact.beyond["universal_end"]
    checks = spectrum_checks(replace(exact, beyond=beyond), 0.5, 0.7)
    assert len(checks) == 1
    assert not checks[0].passed
    # the next term against a hundredth of this one, at 1e-3 of the radius or less
    assert checks[0].measured == pytest.approx(slope, abs=0.1)


def test_a_wrong_outlier_equation_gives_its_own_slope():
    exact = theory(3)
    equation = exact.beyond["outlier_equation"]
    wrong = {"outlier_equation": lambda *x: 1 + (equation(*x) - 1) * 1.01}
    checks, _ = limit_series_checks(replace(exact, beyond=exact.beyond | wrong), 0.5, 0.7)
    failed = [check for check in checks if not check.passed]
    assert [check.name for check in failed] == ["series of outlier_equation: printed against limit flow"]
    assert failed[0].measured == pytest.approx(2, abs=0.01)  # D - 1 starts at tau^2


def test_modules_from_before_these_functions_still_pass():
    exact = theory(3)
    older = replace(exact, beyond={k: f for k, f in exact.beyond.items() if k not in LATER})
    assert spectrum_checks(older, 0.5, 0.7) == []
    checks, _ = limit_series_checks(older, 0.5, 0.7)
    assert len(checks) == 7 + 6
    assert all(check.passed for check in checks)
    oldest = replace(exact, beyond={})
    assert spectrum_checks(oldest, 0.5, 0.7) == []
