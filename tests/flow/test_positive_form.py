"""Numerators in g^2 as they are worked out: the same polynomial, and in doubles all of its digits."""

from math import comb

import mpmath
import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from project import ROOT

import derive
from derive.flow.expanded.growth import coefficients
from derive.flow.expanded.positive_form import positive_form

FLOW = ROOT / "docs" / "flows" / "two_frequencies.toml"


@given(st.dictionaries(st.tuples(st.integers(0, 2), st.integers(0, 9)), st.integers(-99, 99), min_size=1))
def test_it_is_the_same_polynomial(terms):
    """In a parameter and u, with high powers of 1 - 2u beside it, for which it is another form."""
    alternating = {(3, n): fmpq(comb(24, n) * (-2) ** n) for n in range(25)}
    terms = {powers: fmpq(c) for powers, c in terms.items() if c} | alternating
    p, u = fmpq(2, 7), fmpq(5, 11)
    found = positive_form(terms, 1)
    value = sum((c * p**a * u**n * (1 - u) ** v * (u / (1 - u)) ** t for (a, n, v, t), c in found.items()), 0)
    assert value == sum((c * p**a * u**n for (a, n), c in terms.items()), 0)


def test_what_does_not_cancel_stays_as_it_is():
    terms = {(0, n): fmpq(n + 1) for n in range(40)}
    assert positive_form(terms, 1) == {(*powers, 0, 0): c for powers, c in terms.items()}


@pytest.fixture(scope="module")
def two_frequencies():
    return derive.FlowExpansion(derive.read_flow(FLOW), 3)


@pytest.mark.slow
@pytest.mark.parametrize("g", [0.2, 0.6, 0.9, 0.99, 0.999])
def test_emitted_functions_keep_their_digits_in_doubles(two_frequencies, g):
    """Degree 55 to 64 in g^2: powers lose four digits at .6, all at .9."""
    for name, series in two_frequencies.series.items():
        with mpmath.workdps(80):
            exact = float(series(mpmath.mpf(0.5), mpmath.mpf(1), mpmath.mpf(g)))
            last = float(series(mpmath.mpf(10) ** 30, mpmath.mpf(1), mpmath.mpf(g)) / mpmath.mpf(10) ** 90)
        assert series(0.5, 1.0, g) == pytest.approx(exact, rel=2e-13, abs=0), name
        assert coefficients(series, [1.0], g)[3] == pytest.approx(last, rel=2e-13, abs=0), name


@pytest.mark.slow
def test_emitted_functions_keep_their_digits_in_single_precision(two_frequencies):
    for name, series in two_frequencies.series.items():
        for g in (0.2, 0.4, 0.6):
            single = series(*map(np.float32, (0.5, 1.0, g)))
            assert abs(single / series(0.5, 1.0, float(np.float32(g))) - 1) < 1e-4, name
