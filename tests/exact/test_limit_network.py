"""The 2n-network that stands for N = infinity (THEORY 5), against the series and published values."""

from functools import cache

import numpy as np
import pytest
import sympy
from dense_taylor import dense_taylor
from gauss_rule import gauss_rule

from derive import FixedPointTask, chain_moment, expand, gradient_flow, limit_network
from derive import beta as beta_symbol
from derive.exact.limit_network import gauss_nodes


@cache
def readout_60():
    return expand(FixedPointTask(), 60).readout


def effective(ttilde, g):
    """tau = ttilde/beta^2."""
    return np.asarray(ttilde) * (1 - g * g) ** 2


@cache
def curve(g, zhat, nodes, times):
    return gradient_flow(limit_network(g, nodes), zhat, effective(times, g))


# Published values


def test_theory_5_readout_at_two_times():
    readout = curve(0.6, 2.0, 12, (0.15, 0.25)).readout
    assert readout[0] == pytest.approx(0.338, abs=5e-4)  # half a unit of the last digit given
    assert readout[1] == pytest.approx(1.0474760, abs=1e-7)  # one unit: 1.04747605 rounds either way


def test_theory_5_end_of_learning():
    end = curve(0.6, 2.0, 12, (1.0,))
    assert end.readout[0] == pytest.approx(2, abs=1e-9)  # learned; the flow's own tolerance is 1e-13 a step
    assert end.singular_values(2)[0] == pytest.approx([0.4280945, 0.0321057], abs=5e-8)


def test_theory_5_eight_and_twelve_nodes_agree():
    few, many = curve(0.6, 2.0, 8, (0.15, 0.25, 0.5)), curve(0.6, 2.0, 12, (0.15, 0.25, 0.5))
    np.testing.assert_allclose(few.readout, many.readout, rtol=0, atol=1e-9)
    np.testing.assert_allclose(few.singular_values(2), many.singular_values(2), rtol=0, atol=1e-9)


def test_theory_5_series_diverges_where_the_curve_does_not():
    readout = expand(FixedPointTask(), 24).readout
    assert readout(effective(0.25, 0.6), 2.0, 0.6) == pytest.approx(-5.0, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("g", "zhat", "radius"),
    [
        (0.0, 0.5, 0.6971),
        (0.0, 1.0, 0.4212),
        (0.0, 2.0, 0.2395),
        (0.6, 0.5, 0.5804),
        (0.6, 1.0, 0.3414),
        (0.6, 2.0, 0.18984),
        (0.8, 2.0, 0.1429),
    ],
)
def test_theory_5_radius_of_convergence(g, zhat, radius):
    """Ratios of coefficients approach -radius as 1/k; one Richardson step leaves O(1/k^2) = 3e-4,
    and the table is rounded to 3e-4 at worst."""
    beta, readout = 1 / (1 - g * g), readout_60()
    c = [
        sum(int(t.coefficient.p) / int(t.coefficient.q) * zhat**t.zhat_power * beta ** (t.beta_power - 2 * k)
            for t in readout.terms(k)[0])
        for k in (58, 59, 60)
    ]  # fmt: skip
    assert 60 * c[1] / c[2] - 59 * c[0] / c[1] == pytest.approx(-radius, rel=1e-3)


@pytest.mark.parametrize(
    ("g", "zhat", "published"), [(0.6, 2.0, 0.0092569), (0.8, 2.0, 0.0020700), (0.0, 1.0, 0.24886)]
)
def test_theory_4_critical_learning_rate(g, zhat, published):
    """eta_c beta^2 = 2 beta^2/(|a|^2 |b|^2) at the end of the flow."""
    instance = limit_network(g, 12)
    flow = gradient_flow(instance, zhat, effective([8.0 if g == 0 else 1.0], g))
    R = np.linalg.inv(np.eye(instance.size) - instance.W0 - flow.change[0])
    sharpness = np.sum((R.T @ instance.w) ** 2) * np.sum((R @ instance.m) ** 2)
    # half a unit of the fifth digit
    assert 2 / sharpness / (1 - g * g) ** 2 == pytest.approx(published, rel=1e-4)


# The quadrature


@pytest.mark.parametrize("g", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("count", [1, 4, 9])
def test_gauss_rule_has_the_moments_of_b_bt(g, count):
    x, r = gauss_nodes(g, count)
    assert len(x) == count
    assert np.all(x > 0)
    assert np.all(r > 0)
    assert np.sum(r) == pytest.approx(1, rel=1e-13)
    for n in range(1, 2 * count):
        exact = float(chain_moment(n).subs(beta_symbol, 1 / (1 - sympy.Rational(g) ** 2)))
        # a node's relative rounding of some 1e-16 (times its conditioning, about 10) is raised to n <= 17
        assert np.sum(r * x**n) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("g", [0.1, 0.6, 0.95])
def test_gauss_rule_against_high_precision(g):
    """Nodes and weights by the Cholesky factor of the Hankel matrix in 100 digits."""
    x, r = gauss_nodes(g, 12)
    nodes, weights = gauss_rule(g, 12)
    # the eigenvalue routine is backward stable: errors of a few 1e-16 times the largest node; 2n of them
    np.testing.assert_allclose(x, np.array(nodes, dtype=float), rtol=0, atol=1e-14 * x.max())
    np.testing.assert_allclose(r, np.array(weights, dtype=float), rtol=0, atol=1e-13)


def test_at_g_0_one_node_is_all():
    x, r = gauss_nodes(0.0, 12)
    assert (x.tolist(), r.tolist()) == ([1.0], [1.0])
    instance = limit_network(0.0, 12)
    assert instance.size == 2
    assert not instance.W0.any()


@pytest.mark.parametrize("nodes", [1, 2, 5])
def test_nodes_carry_the_series_through_order_2n_minus_1(nodes):
    """Taylor coefficients of z, |W - W0|^2 and |dW/dtau|^2 by dense matrices: no chain, no overlaps."""
    g, zhat, order = 0.6, 1.4, 2 * nodes - 1
    agree(g, zhat, order, nodes)


def test_every_coefficient_through_order_20():
    """n = 11 nodes hold the N = infinity coefficients through 21."""
    agree(0.7, 1.1, 20, 11)


def agree(g, zhat, order, nodes):
    instance, beta = limit_network(g, nodes), 1 / (1 - g * g)
    B = np.linalg.inv(np.eye(instance.size) - instance.W0)
    W, z = dense_taylor(B, instance.m, instance.w, zhat, order)
    expansion = expand(FixedPointTask(), order)

    def numbers(series):
        return np.array(
            [
                sum(int(t.coefficient.p) / int(t.coefficient.q) * zhat**t.zhat_power * beta**t.beta_power
                    for t in series.terms(k)[0])
                for k in range(order + 1)
            ]
        )  # fmt: skip

    # nodes are rounded to 1e-16 and the coefficient of order k takes about 3k powers of them;
    # terms of either sign cancel by a factor of ten or less
    np.testing.assert_allclose(numbers(expansion.readout)[1:], z[1:], rtol=1e-11)
    rate = [(k + 1) * M for k, M in enumerate(W[1:])]  # dW/dtau
    for matrices, norm in ((W, expansion.frobenius_norm), (rate, expansion.gradient_norm)):
        scalar = numbers(norm)
        for k in range(len(matrices)):
            expected = sum(np.sum(matrices[i] * matrices[k - i]) for i in range(k + 1))
            found = sum(scalar[i] * scalar[k - i] for i in range(k + 1))
            assert found == pytest.approx(expected, rel=1e-11, abs=1e-300)


# Series against the flow


@pytest.mark.slow
@pytest.mark.parametrize(("g", "zhat", "radius"), [(0.6, 0.5, 0.58), (0.6, 2.0, 0.19), (0.3, 1.0, 0.40)])
@pytest.mark.parametrize("order", [3, 5, 9])
def test_observables_leave_the_flow_with_slope_order_plus_one(g, zhat, radius, order):
    """Truncation error ~ tau^(K+1) for readout, loss, gradient norm, |W - W0|, s_1, s_2.

    Times put (ttilde/radius)^(K+1) between 1e-8 and 1e-6, so errors lie between 1e-10 and 1e-5,
    above the flow's 1e-13. ttilde/radius is then at most 0.25, which bends the slope by less than
    that; a wrong coefficient would give K or less.
    """
    instance = limit_network(g, 12)
    tau = effective(radius * np.geomspace(1e-8, 1e-6, 5) ** (1 / (order + 1)), g)
    flow = gradient_flow(instance, zhat, tau, 2.3e-14)
    R = np.linalg.inv(np.eye(instance.size) - instance.W0 - flow.change)
    a, b = np.einsum("tij,i->tj", R, instance.w), R @ instance.m
    eps = zhat - flow.readout
    truth = {
        "readout": flow.readout,
        "loss": eps**2 / 2,
        "gradient_norm": eps * np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1),
        "frobenius_norm": np.linalg.norm(flow.change, axis=(1, 2)),
    }
    expansion = expand(FixedPointTask(), order)
    pairs = [(name, getattr(expansion, name), values) for name, values in truth.items()]
    singular = flow.singular_values(2).T
    pairs += [(s.symbol, s, v) for s, v in zip(expansion.singular_values, singular, strict=True)]
    for name, series, values in pairs:
        error = np.abs(series(tau, zhat, g) - values)
        slope = np.polyfit(np.log(tau), np.log(error), 1)[0]
        assert abs(slope - (order + 1)) < 0.25, name


@pytest.mark.parametrize(("g", "nodes"), [(1.0, 4), (-0.1, 4), (0.5, 0)])
def test_what_makes_no_sense_is_refused(g, nodes):
    with pytest.raises(ValueError, match="allowed"):
        limit_network(g, nodes)
