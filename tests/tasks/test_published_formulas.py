"""Schuessler et al. 2020 (arXiv:2006.11036), Eq. 9-15, and what THEORY 4 adds: as symbols."""

import pytest
import sympy
from sympy import Rational

from derive import FixedPointTask, OuterProduct, Word, beta, chain_moment, expand, tau, zhat

ttilde = beta**2 * tau


@pytest.fixture(scope="module")
def third_order():
    return expand(FixedPointTask(), 3)


@pytest.fixture(scope="module")
def fifth_order():
    return expand(FixedPointTask(), 5, singular_values=3)


def same(left, right):
    return sympy.expand(left - right) == 0


# g = 0


def test_eq_9_and_10_a_matrix(third_order):
    (a11, a12), (a21, a22) = third_order.a_matrix
    diagonal = zhat**2 / 2 * (tau**2 - tau**3)
    assert same(a11.as_expr(), diagonal)
    assert same(a22.as_expr(), diagonal)
    assert same(a12.as_expr(), zhat * (tau - tau**2 / 2 + (1 + 2 * zhat**2) * tau**3 / 6))
    assert same(a21.as_expr(), zhat**3 * tau**3 / 3)
    assert all(entry.order == 3 for row in third_order.a_matrix for entry in row)


def test_eq_9_weight_change_is_spanned_by_w_and_m():
    """W - W0 = [w m] A [w m]^T: at g = 0 only these four outer products, with A's coefficients."""
    expansion = expand(FixedPointTask(g0=True), 5)
    vectors = Word.parse("w"), Word.parse("m")
    for k in range(1, 6):
        found = {product: c for c, product in expansion.W[k]}
        expected = {
            OuterProduct(left, right): expansion.a_matrix[i][j][k] * sympy.factorial(k)
            for i, left in enumerate(vectors)
            for j, right in enumerate(vectors)
            if expansion.a_matrix[i][j][k] != 0
        }
        assert found == expected
    assert found  # k = 5


def test_a_matrix_is_the_same_in_both_tasks():
    general, without_connectivity = expand(FixedPointTask(), 6), expand(FixedPointTask(g0=True), 6)
    for row, other in zip(general.a_matrix, without_connectivity.a_matrix, strict=True):
        assert [list(entry) for entry in row] == [list(entry) for entry in other]


def test_eq_10_singular_values_at_g_0_are_exactly_two():
    expansion = expand(FixedPointTask(g0=True), 9, singular_values=4)
    s1, s2, s3, s4 = expansion.singular_values
    assert s1[1] == zhat
    assert s2[3] == zhat**3 / 12
    assert all(c == 0 for c in (*s3, *s4))
    third = expand(FixedPointTask(), 9, singular_values=3).singular_values[2]
    assert all(sympy.expand(c).subs(beta, 1) == 0 for c in third)
    assert third[5] != 0


def test_eq_10_singular_values_at_g_0_are_those_of_a():
    """s1 s2 = |det A| = -det A and s1^2 + s2^2 = |A|^2, through the order that tau^6 supports."""
    order = 6
    expansion = expand(FixedPointTask(g0=True), order)
    (a11, a12), (a21, a22) = ([entry.as_expr() for entry in row] for row in expansion.a_matrix)
    s1, s2 = (s.as_expr() for s in expansion.singular_values)

    def through(expression, power):
        polynomial = sympy.Poly(sympy.expand(expression), tau)
        return [polynomial.coeff_monomial(tau**k) for k in range(power + 1)]

    # every factor starts at tau or later, so products are known one power further
    assert through(s1 * s2, order + 1) == through(a12 * a21 - a11 * a22, order + 1)
    squares = a11**2 + a12**2 + a21**2 + a22**2
    assert through(s1**2 + s2**2, order + 1) == through(squares, order + 1)


# g > 0


def test_eq_11_first_weight_change(third_order):
    """W_1 = zhat B^T w m^T B^T."""
    assert third_order.W[1] == ((zhat, OuterProduct(Word.parse("B' w"), Word.parse("B m"))),)
    assert third_order.W.json()[0] == {
        "k": 1,
        "terms": [{"coefficient": "zhat", "left": "B' w", "right": "m' B'"}],
    }
    assert third_order.W[0] == ()


def test_eq_12_norm_of_the_first_weight_change(third_order):
    """|W_1| = zhat |B^T w| |B m| = zhat mu_1 = zhat beta."""
    assert third_order.frobenius_norm[1] == zhat * beta
    assert third_order.gradient_norm[0] == zhat * beta
    assert chain_moment(1) == beta


def test_eq_13_and_15_readout(third_order):
    published = zhat * (ttilde - ttilde**2 / 2 + (1 + 8 * zhat**2 * beta) * ttilde**3 / 6)
    assert same(third_order.readout.as_expr(), published)


def test_eq_14_singular_values(third_order):
    s1, s2 = third_order.singular_values
    first = ttilde - ttilde**2 / 2 + (1 + Rational(7, 2) * zhat**2 * beta) * ttilde**3 / 6
    assert same(s1.as_expr(), zhat / beta * first)
    assert same(s2.as_expr(), zhat**3 * ttilde**3 / 12)


def test_first_order_convergence_time(third_order):
    """z = zhat at tau* = 1/beta^2 to first order, and |W - W0| = zhat/beta there."""
    convergence_time = zhat / third_order.readout[1]
    assert convergence_time == 1 / beta**2
    assert third_order.frobenius_norm[1] * convergence_time == zhat / beta


def test_first_order_loss_after_shuffling(third_order):
    """L_shuff = L0 g^4 (2 - g^2)^2: with an independent copy W0~ of W0, B~ = (I - W0~)^-1,

    z = w^T (I - W0~ - W_1 tau*)^-1 m = w^T B~ W_1 B~ m tau* at first order, and each factor of
    W_1 = zhat (B^T w)(m^T B^T) meets its own independent B~: (1/N) tr (B~ B^T) = 1.
    """
    ((coefficient, product),) = third_order.W[1]
    assert (product.left, product.right) == (Word.parse("B' w"), Word.parse("B m"))
    end = 1 / beta**2  # the first-order convergence time
    readout = coefficient * end
    g = sympy.Symbol("g", positive=True)
    ratio = ((zhat - readout) ** 2 / zhat**2).subs(beta, 1 / (1 - g**2))
    assert same(ratio, g**4 * (2 - g**2) ** 2)


def test_theory_4_readout_at_fourth_order(fifth_order):
    published = -Rational(7, 3) * zhat**3 * beta**9 - zhat * beta**8 / 24
    assert same(fifth_order.readout[4], published)


def test_theory_4_first_singular_value_at_fourth_order(fifth_order):
    published = -zhat * beta**7 * (29 * beta * zhat**2 + 1) / 24
    assert same(fifth_order.singular_values[0][4], published)


def test_theory_4_third_singular_value(fifth_order):
    third = fifth_order.singular_values[2]
    assert [third[k] for k in range(5)] == [0] * 5
    assert same(third[5], zhat**5 * beta**10 * (beta - 1) / 360)


def test_theory_4_rate_of_the_readout(fifth_order):
    """dz/dtau = eps (q^T G q)^2 = |dW/dtau|^2/eps: eps dz/dtau = |dW/dtau|^2 as series."""
    z, norm = fifth_order.readout.as_expr(), fifth_order.gradient_norm.as_expr()
    difference = sympy.Poly(sympy.expand((zhat - z) * sympy.diff(z, tau) - norm**2), tau)
    assert all(difference.coeff_monomial(tau**k) == 0 for k in range(5))


def test_eq_6_loss_is_the_squared_error(fifth_order):
    z, loss = fifth_order.readout.as_expr(), fifth_order.loss.as_expr()
    difference = sympy.Poly(sympy.expand((zhat - z) ** 2 / 2 - loss), tau)
    assert all(difference.coeff_monomial(tau**k) == 0 for k in range(6))
