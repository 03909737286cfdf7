"""Every coefficient against a derivation by the product rule alone, and g = 0 against a 2x2 matrix ODE."""

import brute_force
import numpy as np
import pytest
import sympy
from dense_taylor import dense_taylor
from sympy import factorial

from derive import FixedPointTask, beta, expand, zhat

ORDER = 6
TRANSPOSED = {"B": "B'", "B'": "B", "w": "w'", "m": "m'", "w'": "w", "m'": "m"}


@pytest.fixture(scope="module")
def expansion():
    return expand(FixedPointTask(), ORDER)


@pytest.mark.parametrize("k", range(ORDER + 1))
def test_readout(expansion, k):
    assert sympy.expand(expansion.readout[k] - brute_force.readout(ORDER)[k]) == 0


@pytest.mark.parametrize("k", range(ORDER + 1))
def test_connectivity_has_the_same_outer_products_and_coefficients(expansion, k):
    """W(tau) = sum_k W_k tau^k/k! (Eq. 7)."""
    expected = brute_force.connectivity(ORDER)[k]
    found = {(p.json()["left"], p.json()["right"]): c for c, p in expansion.W[k]}
    assert len(found) == len(expansion.W[k])
    assert found.keys() == expected.keys()
    for key, coefficient in expected.items():
        assert sympy.expand(found[key] - coefficient) == 0


def norm_squared(derivatives):
    """sum_k tau^k coefficients of |sum_k M_k tau^k|^2, M_k = {(column, row): coefficient}."""

    def inner(u, v):
        (*x, x_end), (*y, y_end) = u.split(), v.split()
        if x_end != y_end:  # w and m are independent
            return sympy.S.Zero
        return brute_force.phi((*(TRANSPOSED[letter] for letter in reversed(x)), *y))

    def column(row):
        return " ".join(TRANSPOSED[token] for token in reversed(row.split()))

    def product(left, right):
        return sum(
            c * d * inner(u, x) * inner(column(v), column(y))
            for (u, v), c in left.items()
            for (x, y), d in right.items()
        )

    count = len(derivatives)
    return [
        sympy.expand(sum(product(derivatives[i], derivatives[k - i]) for i in range(k + 1)))
        for k in range(count)
    ]


def square(coefficients):
    return [
        sympy.expand(sum(coefficients[i] * coefficients[k - i] for i in range(k + 1)))
        for k in range(len(coefficients))
    ]


def test_frobenius_norm_of_the_connectivity(expansion):
    """|W - W0|_F^2 = sum of c d (u.x)(v.y) over pairs of outer products, each overlap a word."""
    terms = brute_force.connectivity(ORDER)
    scaled = [{key: c / factorial(k) for key, c in W.items()} for k, W in enumerate(terms)]
    assert square(expansion.frobenius_norm) == norm_squared(scaled)


def test_gradient_norm_of_the_connectivity(expansion):
    """|dW/dtau|_F^2, one order below: W_{k+1}/k! is the coefficient of tau^k in dW/dtau."""
    terms = brute_force.connectivity(ORDER)
    rate = [{key: c / factorial(k) for key, c in W.items()} for k, W in enumerate(terms[1:])]
    assert square(expansion.gradient_norm[:ORDER]) == norm_squared(rate)


def test_a_matrix_solves_its_matrix_ode(expansion):
    """Eq. 9: at g = 0, in the basis (w, m), dA/dtau = eps R^T e_w e_m^T R^T with R = (1 - A)^-1, 2x2."""
    ring, target = sympy.ring("zhat", sympy.QQ)
    e_w, e_m = np.array([ring(1), ring(0)]), np.array([ring(0), ring(1)])
    A, z = dense_taylor(np.array([e_w, e_m]), e_m, e_w, target, ORDER)
    unnamed = {zhat: sympy.Symbol("zhat"), beta: 1}
    for k in range(ORDER + 1):
        assert ring.from_expr(expansion.readout[k].subs(unnamed)) == z[k]
        for i in range(2):
            for j in range(2):
                assert ring.from_expr(expansion.a_matrix[i][j][k].subs(unnamed)) == A[k][i, j]
