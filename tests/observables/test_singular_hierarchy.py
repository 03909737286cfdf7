"""All singular values and their vectors (THEORY 4): closed leading terms, and the limit network."""

import numpy as np
import pytest
import sympy
from numpy.testing import assert_allclose

import derive
from derive import FixedPointTask, expand

zhat, beta = derive.zhat, derive.beta


@pytest.fixture(scope="module")
def five():
    return expand(FixedPointTask(), 11, singular_values=5)


CLOSED = {  # [det C_r det G_r]/[det C_(r-1) det G_(r-1)] by hand, from mu_1..mu_5
    1: zhat * beta,
    2: zhat**3 * beta**6 / 12,
    3: zhat**5 * beta**10 * (beta - 1) / 360,
    4: zhat**7 * beta**14 * (beta - 1) * (3 * beta - 1) / 100800,
}


@pytest.mark.parametrize("r", [1, 2, 3, 4, 5])
def test_leading_coefficient_is_the_ratio_of_determinants(five, r):
    series = five.singular_values[r - 1]
    power = 2 * r - 1
    assert all(series[k] == 0 for k in range(power))
    assert sympy.expand(series[power] - derive.leading_singular_value(r)) == 0


@pytest.mark.parametrize("r", CLOSED)
def test_closed_leading_coefficients(r):
    assert sympy.expand(derive.leading_singular_value(r) - CLOSED[r]) == 0


@pytest.mark.parametrize("value", [sympy.Rational(9, 8), 2, sympy.Rational(17, 5), 12])
@pytest.mark.parametrize("r", [1, 2, 3, 4, 5, 6, 7])
def test_leading_coefficient_from_the_determinants_themselves(r, value):
    # the statement of THEORY 4 with sympy's determinants, C_ij ~ beta^(i+j) s^(i+j+1)/(i! j! (i+j+1))
    def C(i, j):
        return value ** (i + j) / (sympy.factorial(i) * sympy.factorial(j) * (i + j + 1))

    def G(i, j):
        return derive.chain_moment(int(i + j) // 2 + 1).subs(beta, value) if (i + j) % 2 == 0 else 0

    def determinant(entry, size):
        return sympy.Matrix(size, size, entry).det() if size else 1

    ratio = determinant(C, r) * determinant(G, r) / (determinant(C, r - 1) * determinant(G, r - 1))
    assert derive.leading_singular_value(r).subs({beta: value, zhat: 1}) == ratio


def test_exactly_two_singular_values_at_g0():
    values = expand(FixedPointTask(g0=True), 9, singular_values=5).singular_values
    assert [any(c != 0 for c in series) for series in values] == [True, True, False, False, False]


def test_too_many_singular_values_say_which_order_is_needed():
    with pytest.raises(ValueError, match="order >= 9 is needed"):
        expand(FixedPointTask(), 8, singular_values=5)


@pytest.mark.parametrize("g", [0.0, 0.5])
def test_singular_vectors_are_those_of_the_limit_network(g):
    order, target, count = 13, 0.8, 3 if g else 2
    network = derive.limit_network(g, nodes=10)
    expansion = expand(FixedPointTask(), order, singular_values=count)
    a, b = network.chains(order)
    for ttilde, tolerance in ((0.03, 1e-11), (0.06, 1e-8)):
        # truncation: ttilde^(order + 2 - 2r) at worst 0.06^8 = 2e-10 for r = 3, times coefficients < 50
        tau = ttilde * (1 - g**2) ** 2
        change = derive.gradient_flow(network, target, [tau]).change[0]
        left, _, right = np.linalg.svd(change)
        for r in range(count):
            vector = expansion.singular_vectors[r]
            v = np.array([series(tau, target, g) for series in vector.coordinates])
            norm = np.sqrt(vector.squared_norm(tau, target, g))
            assert v[r] == 1
            u, v = v @ a[: len(v)] / norm, v @ b[: len(v)] / norm
            assert_allclose([u @ u, v @ v], 1, atol=tolerance)
            assert_allclose((u @ left[:, r]) * (v @ right[r]), 1, atol=tolerance)


def test_leading_singular_vector_begins_with_the_first_gradient():
    vector = expand(FixedPointTask(), 3).singular_vectors[0]
    assert list(vector.coordinates[0]) == [1, 0, 0]
    assert vector.squared_norm[0] == beta  # |B^T w|^2 (Eq. 12)


@pytest.mark.parametrize(
    "task", [FixedPointTask(alignment="rho"), FixedPointTask(train=("W", "m")), FixedPointTask(train=("m",))]
)
def test_singular_vectors_of_other_tasks_are_refused(task):
    with pytest.raises(ValueError, match="singular vectors with"):
        _ = expand(task, 3).singular_vectors
