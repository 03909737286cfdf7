"""Quotients of polynomials against Python's own fractions, point by point."""

from fractions import Fraction

import pytest
from flint import fmpq, fmpq_poly
from hypothesis import assume, given
from hypothesis import strategies as st

from derive.series.rational import Rational, as_rational

numbers = st.fractions(min_value=-9, max_value=9, max_denominator=7)
polynomials = st.lists(numbers, max_size=4)
points = st.fractions(min_value=-5, max_value=5, max_denominator=5)


def horner(coefficients, x):
    value = Fraction(0)
    for c in reversed(coefficients):
        value = value * x + c
    return value


def flint_polynomial(coefficients):
    return fmpq_poly([fmpq(c.numerator, c.denominator) for c in coefficients])


def at(rational, x):
    point = fmpq(x.numerator, x.denominator)
    above, below = rational.numerator(point), rational.denominator(point)
    return Fraction(int(above.p), int(above.q)) / Fraction(int(below.p), int(below.q))


@pytest.mark.slow
@given(polynomials, polynomials, polynomials, polynomials, points)
def test_arithmetic_equals_fractions(a, b, c, d, x):
    assume(horner(b, x) != 0 and horner(d, x) != 0)
    left = Rational(flint_polynomial(a), flint_polynomial(b))
    right = Rational(flint_polynomial(c), flint_polynomial(d))
    p, q = horner(a, x) / horner(b, x), horner(c, x) / horner(d, x)
    assert at(left + right, x) == p + q
    assert at(left - right, x) == p - q
    assert at(left * right, x) == p * q
    assert at(-left, x) == -p
    if q != 0:
        assert at(left / right, x) == p / q


@pytest.mark.slow
@given(polynomials, polynomials, polynomials)
def test_lowest_terms_make_equality_exact(a, b, c):
    assume(any(b) and any(c))
    reduced = Rational(flint_polynomial(a), flint_polynomial(b))
    common = flint_polynomial(c)
    assert Rational(flint_polynomial(a) * common, flint_polynomial(b) * common) == reduced
    assert reduced.denominator.leading_coefficient() == 1
    assert reduced.numerator.gcd(reduced.denominator).is_one()


@given(polynomials, polynomials, polynomials)
def test_ring_laws(a, b, c):
    x, y, z = (Rational(flint_polynomial(p)) for p in (a, b, c))
    assert x + y == y + x
    assert (x + y) + z == x + (y + z)
    assert x * (y + z) == x * y + x * z
    assert x - x == 0


@given(polynomials, st.integers(-9, 9))
def test_plain_numbers_mix_in(a, n):
    x = Rational(flint_polynomial(a))
    assert n + x == x + n == x + Rational(n)
    assert n * x == x * n == x * Rational(n)
    assert as_rational(x) is x


def test_division_by_zero_is_an_error():
    with pytest.raises(ZeroDivisionError):
        Rational([1]) / Rational([0])
