"""Coefficients written straight from flint's numbers, against those written from terms."""

import pytest
from flint import fmpq, fmpq_poly
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, expand, sympify

from derive import beta, zhat
from derive.document.formulas import scaled_text
from derive.series.coefficient import Coefficient
from derive.series.series import Series, python_text

fractions = st.builds(fmpq, st.integers(-30, 30), st.integers(1, 12))
polynomials = st.lists(fractions, min_size=1, max_size=4).map(fmpq_poly)
coefficients = st.lists(polynomials, min_size=1, max_size=3).filter(any).map(lambda p: Coefficient(tuple(p)))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(coefficients, st.integers(0, 3), st.integers(-6, 4), st.sampled_from([1, 6]), st.booleans())
def test_text_is_that_of_the_terms(coefficient, zhat_power, beta_power, factor, at_g0):
    """The same characters, and as a formula the coefficient itself."""
    series = Series("x", zhat_power, beta_power, (coefficient,), at_g0)
    text = series.text(0, factor)
    assert text == python_text(series.terms(0, factor)[0])
    symbols = {"zhat": zhat, "beta": beta}
    assert expand(sympify(text, locals=symbols) - series.coefficient(0, factor)) == 0


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(coefficients)
def test_scaled_text_is_the_coefficient(coefficient):
    """A rational number times integers without a common divisor, the first of them positive."""
    text = scaled_text(Series("x", 0, 0, (coefficient,)), 0)
    g, symbols = sympify("g"), {"zhat": zhat, "beta": beta}
    total = sum(
        Rational(int(c.p), int(c.q)) * (zhat**2 * beta) ** j * g ** (2 * i)
        for j, polynomial in enumerate(coefficient.numerators)
        for i, c in enumerate(polynomial.coeffs())
    )
    assert expand(sympify(text, locals=symbols) - total) == 0


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([[1], [8]], "1 + 8*zhat**2*beta"),
        ([["1/6"], ["4/3"]], "(1 + 8*zhat**2*beta)/6"),
        ([["-3/4", "3/2"]], "-3*(1 - 2*g**2)/4"),
        ([[0], ["2/5"]], "2*zhat**2*beta/5"),
    ],
)
def test_forms(rows, text):
    polynomials = tuple(
        fmpq_poly([fmpq(*map(int, Rational(c).as_numer_denom())) for c in row]) for row in rows
    )
    assert scaled_text(Series("x", 0, 0, (Coefficient(polynomials),)), 0) in (text, f"({text})")
