"""Eigenvalues of dW at g = 0, outliers of W, and sharpness (THEORY 4), against matrices."""

import numpy as np
import pytest
import sympy
from flint import acb, acb_mat, ctx
from numpy.testing import assert_allclose

import derive
from derive import FixedPointTask, Instance, expand
from derive.exact.limit_network import gauss_nodes
from derive.exact.outliers import _bilinear_form, _orthonormal_polynomials, resolvent_moments
from derive.words.word_moments import numeric_moment


def test_eigenvalues_at_g0_are_those_of_the_paper():
    mean, split = expand(FixedPointTask(), 4).eigenvalues_g0
    zhat = derive.zhat
    assert sympy.expand(mean[2] - zhat**2 / 2) == 0  # A11 of Eq. 10
    assert split[2] == zhat**2  # sqrt(A12 A21) = zhat^2 tau^2/sqrt(3) + ...
    a = expand(FixedPointTask(), 4).a_matrix
    tau = derive.tau
    square = sympy.series((split.as_expr() ** 2 / 3 - a[0][1].as_expr() * a[1][0].as_expr()), tau, 0, 6)
    assert sympy.expand(square.removeO()) == 0


def test_eigenvalues_at_g0_follow_the_flow():
    order, zhat = 9, 0.9
    mean, split = expand(FixedPointTask(), order).eigenvalues_g0
    errors = []
    for tau in (0.06, 0.12):
        exact = np.sort(
            np.linalg.eigvals(derive.gradient_flow(derive.limit_network(0.0), zhat, [tau]).change[0])
        )
        root = split(tau, zhat) / np.sqrt(3)
        errors.append(np.array([exact[0] - mean(tau, zhat) + root, exact[1] - mean(tau, zhat) - root]))
    assert_allclose(np.log2(np.abs(errors[1] / errors[0])), order + 1, atol=0.5)


@pytest.mark.parametrize("point", [0.9 + 0.3j, -0.7, 1.4])
def test_resolvent_moments_are_those_of_their_words(point):
    g = 0.5
    words = [[(point, False), (1.0, True)] + [(1.0, False), (1.0, True)] * n for n in range(6)]
    # rounding of a few dozen operations on numbers of one sign, or of size one
    assert_allclose(resolvent_moments(point, g, 6), [numeric_moment(x, g) for x in words], rtol=1e-12)


def test_bilinear_form_holds_every_resolvent_moment():
    g, point, nodes = 0.5, 0.9 + 0.2j, 12
    coefficients, orthonormal = _orthonormal_polynomials(g, *gauss_nodes(g, nodes))
    assert_allclose(orthonormal @ orthonormal.T, np.eye(nodes), atol=1e-12)
    form = acb_mat([[acb(x.real, x.imag) for x in row] for row in _bilinear_form(point, g, coefficients)])
    with ctx.workprec(400):
        back = coefficients.inv()
        moments = back * form * back.transpose()
        found = [complex(moments[n // 2, n - n // 2]) for n in range(2 * nodes - 1)]
    # L(x^(n+1)); the form itself is rounded to doubles, which the change of basis back amplifies
    exact = resolvent_moments(point, g, 2 * nodes)[1:]
    assert_allclose(found, exact, rtol=1e-6)


C = np.array([[0.36, 0.5, 0.02], [0.3, 0.12, 0.0], [0.01, 0.0, 0.0]])


def _outlier_of_matrix(size, seed, g):
    network = Instance.sample(size, g, seed)
    a, b = network.chains(len(C))
    eigenvalues = np.linalg.eigvals(network.W0 + a.T @ C @ b)
    return eigenvalues[np.argmax(np.abs(eigenvalues))]


@pytest.mark.slow
def test_outlier_of_random_networks_approaches_the_limit():
    g = 0.4
    limit = derive.chain_outliers(C, g)
    assert abs(limit[0]) > 2 * g
    deviations = [
        np.sqrt(np.mean([abs(_outlier_of_matrix(size, seed, g) - limit[0]) ** 2 for seed in range(24)]))
        for size in (60, 240)
    ]
    # fluctuations fall as N^(-1/2): a factor 2; two root mean squares over 24 seeds put 20 % on it
    assert 1.4 < deviations[0] / deviations[1] < 3


def test_outliers_of_one_network_are_its_eigenvalues():
    g, network = 0.4, Instance.sample(40, 0.4, 3)
    a, b = network.chains(len(C))
    eigenvalues = np.linalg.eigvals(network.W0 + a.T @ C @ b)
    edge = 1.02 * np.abs(np.linalg.eigvals(network.W0)).max()
    expected = eigenvalues[np.abs(eigenvalues) > edge]
    found = derive.instance_outliers(network, C, edge)
    assert len(found) == len(expected) > 0
    assert_allclose(np.sort_complex(found), np.sort_complex(expected), rtol=1e-9)  # Newton's last step
    assert g < edge


@pytest.mark.slow
def test_outliers_at_all_times_agree_with_the_series_where_it_converges():
    g, zhat, order = 0.04, 2.0, 18
    tau = 0.14 / (1 / (1 - g**2)) ** 2  # inside the radius of convergence, 0.24
    expansion = expand(FixedPointTask(), order)
    chain = np.zeros((order, order))
    for product, series in expansion.W.entries:
        chain[len(product.left.letters) - 1, len(product.right.letters) - 1] = series(tau, zhat, g)
    exact = derive.outliers(g, zhat, [tau], nodes=6)[0]
    assert len(exact) == 1
    # the series stops at (0.14/0.24)^19 = 4e-5 of the readout
    assert_allclose(exact, derive.chain_outliers(chain, g), rtol=1e-4)


def test_outliers_do_not_depend_on_the_number_of_nodes():
    times = np.array([0.4, 1.6]) * (1 - 0.25) ** 2
    few, many = (derive.outliers(0.5, 2.0, times, nodes) for nodes in (8, 12))
    assert [len(x) for x in few] == [1, 1]
    assert_allclose(np.concatenate(few), np.concatenate(many), rtol=1e-7)


@pytest.mark.slow
def test_outlier_of_learning_networks_approaches_the_limit():
    g, zhat = 0.3, 2.0
    tau = 0.6 * (1 - g**2) ** 2
    limit = derive.outliers(g, zhat, [tau])[0][0].real
    assert limit > 2 * g

    def deviation(size, seeds):
        squares = []
        for seed in range(seeds):
            network = Instance.sample(size, g, seed)
            change = derive.gradient_flow(network, zhat, [tau], 1e-7).change[0]
            squares.append(np.abs(np.abs(np.linalg.eigvals(network.W0 + change)).max() - limit) ** 2)
        return np.sqrt(np.mean(squares))

    # N^(-1/2): a factor 2 between the sizes; root mean squares over 24 and 12 seeds put 25 % on it
    assert 1.3 < deviation(24, 24) / deviation(96, 12) < 3.2


@pytest.mark.parametrize("g", [0.0, 0.6])
def test_sharpness_is_the_slope_of_the_readout_in_the_clock(g):
    order, zhat = 8, 0.8
    series = expand(FixedPointTask(), order).sharpness
    network = derive.limit_network(g, nodes=8)
    errors = []
    for ttilde in (0.04, 0.08):
        tau = ttilde * (1 - g**2) ** 2
        W = network.W0 + derive.gradient_flow(network, zhat, [tau]).change[0]
        R = np.linalg.inv(np.eye(len(W)) - W)
        a, b = R.T @ network.w, R @ network.m
        errors.append((a @ a) * (b @ b) - series(tau, zhat, g))
    assert np.log2(abs(errors[1] / errors[0])) == pytest.approx(order + 1, abs=0.6)


def test_sharpness_begins_at_beta_squared():
    # dz/dtau = zhat beta^2 at tau = 0 (Eq. 13)
    assert expand(FixedPointTask(), 1).sharpness[0] == derive.beta**2
