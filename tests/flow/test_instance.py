"""One given network: its sampling, its chain vectors, and its series against its own gradient flow."""

import numpy as np
import pytest
from dense_taylor import dense_taylor

from derive import Instance, gradient_flow, instance_series


@pytest.mark.parametrize("order", range(1, 7))
@pytest.mark.parametrize(("size", "seed"), [(5, 1), (30, 1), (200, 1)])
def test_series_leaves_the_flow_with_slope_order_plus_one(size, seed, order):
    """|W - W0 (series) - W - W0 (flow)| ~ tau^(K+1), down to about 1e-13 (THEORY 2).

    Times put (tau/0.1)^(K+1) between 1e-9 and 1e-6, with 0.1 some third of the radius of
    convergence: tau is at most 0.05 of the radius, which bends the slope by about that much.
    """
    instance, zhat = Instance.sample(size, 0.6, seed), 1.0
    tau = 0.1 * np.geomspace(1e-9, 1e-6, 4) ** (1 / (order + 1))
    flow = gradient_flow(instance, zhat, tau, 2.3e-14)
    series = instance_series(instance, zhat, order)
    error = [
        np.linalg.norm(series.connectivity(instance, t) - change)
        for t, change in zip(tau, flow.change, strict=True)
    ]
    slope = np.polyfit(np.log(tau), np.log(error), 1)[0]
    assert abs(slope - (order + 1)) < 0.1
    # the readout of the same curve, z = sum of a series of its own
    predicted = np.polynomial.polynomial.polyval(tau, series.readout)
    slope = np.polyfit(np.log(tau), np.log(np.abs(predicted - flow.readout)), 1)[0]
    assert abs(slope - (order + 1)) < 0.1


def test_series_reaches_machine_precision():
    instance, zhat, tau = Instance.sample(30, 0.6, 1), 1.0, 0.004
    flow = gradient_flow(instance, zhat, [tau], 2.3e-14)
    series = instance_series(instance, zhat, 8)
    # the flow's tolerance is 2.3e-14 an entry and step
    assert np.linalg.norm(series.connectivity(instance, tau) - flow.change[0]) < 1e-13


def test_flow_against_dense_taylor_matrices():
    """The integrator itself, by a route that integrates nothing."""
    instance, zhat, tau = Instance.sample(20, 0.5, 6), 1.5, 0.02
    B = np.linalg.inv(np.eye(20) - instance.W0)
    W, z = dense_taylor(B, instance.m, instance.w, zhat, 24)
    flow = gradient_flow(instance, zhat, [tau])
    change = sum(M * tau**k for k, M in enumerate(W))
    # (tau/radius)^25 is below 1e-16 here; 1e-13 a step is the flow's tolerance, over some ten steps
    np.testing.assert_allclose(flow.change[0], change, rtol=0, atol=1e-12)
    assert flow.readout[0] == pytest.approx(np.polynomial.polynomial.polyval(tau, z), abs=1e-11)


def test_flow_reports_the_start_and_refuses_falling_times():
    instance = Instance.sample(6, 0.5, 1)
    start = gradient_flow(instance, 1.0, [0.0])
    R = np.linalg.inv(np.eye(6) - instance.W0)
    assert not start.change.any()
    assert start.readout[0] == pytest.approx(instance.w @ R @ instance.m, rel=1e-13)
    both = gradient_flow(instance, 1.0, [0.0, 0.1])
    assert not both.change[0].any()
    assert both.readout[0] == pytest.approx(start.readout[0], rel=1e-13)
    for times in ([], [0.2, 0.1], [-0.1], [0.1, 0.1]):
        with pytest.raises(ValueError, match="times"):
            gradient_flow(instance, 1.0, times)


def test_chains_are_alternating_words():
    """a_0 = B^T w, b_0 = B m, a_{n+1} = B^T b_n, b_{n+1} = B a_n, by explicit inverses."""
    instance = Instance.sample(9, 0.7, 2)
    B = np.linalg.inv(np.eye(9) - instance.W0)
    a, b = instance.chains(4)
    expected_a = [B.T @ instance.w, B.T @ B @ instance.m, B.T @ B @ B.T @ instance.w]
    expected_b = [B @ instance.m, B @ B.T @ instance.w, B @ B.T @ B @ instance.m]
    assert a.shape == b.shape == (4, 9)
    # both routes round some ten times, amplified by the condition number of I - W0 (below 100) a letter
    np.testing.assert_allclose(a[:3], expected_a, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(b[:3], expected_b, rtol=1e-11, atol=1e-11)
    gram_a, gram_b, overlaps = instance.overlaps(4)
    np.testing.assert_allclose(gram_a, a @ a.T, rtol=1e-14)
    np.testing.assert_allclose(gram_b, b @ b.T, rtol=1e-14)
    np.testing.assert_allclose(overlaps, [instance.w @ v for v in b], rtol=1e-12, atol=1e-13)


def test_sampling():
    g, size = 0.6, 500
    instance = Instance.sample(size, g, 8)
    assert instance.size == size
    for vector in (instance.m, instance.w):
        assert np.linalg.norm(vector) == pytest.approx(1, rel=1e-14)
    # variance of size^2 Gaussian entries: relative standard error sqrt(2)/size; five of them
    assert size * instance.W0.var() == pytest.approx(g**2, rel=5 * np.sqrt(2) / size)
    assert abs(instance.W0.mean()) < 5 * g / size**1.5
    assert abs(instance.m @ instance.w) < 5 / np.sqrt(size)
    again, other = Instance.sample(size, g, 8), Instance.sample(size, g, 9)
    assert np.array_equal(again.W0, instance.W0)
    assert np.array_equal(again.w, instance.w)
    assert not np.allclose(other.W0, instance.W0)
    assert not Instance.sample(4, 0.0, 1).W0.any()


@pytest.mark.parametrize(("size", "g"), [(0, 0.5), (-1, 0.5), (5, 1.0), (5, -0.1), (5, float("nan"))])
def test_sampling_refuses_what_makes_no_sense(size, g):
    with pytest.raises(ValueError, match="allowed"):
        Instance.sample(size, g, 1)


@pytest.mark.parametrize(
    ("W0", "m", "w"), [((3, 3), (2,), (3,)), ((3, 3), (3,), (4,)), ((3, 2), (3,), (3,)), ((3,), (3,), (3,))]
)
def test_shapes_that_do_not_fit(W0, m, w):
    with pytest.raises(ValueError, match="shapes"):
        Instance(np.zeros(W0), np.zeros(m), np.zeros(w))


def test_singular_networks_are_refused():
    """I - W0 must have an inverse."""
    with pytest.raises(ValueError, match="singular"):
        Instance(np.eye(3), np.ones(3), np.ones(3)).overlaps(2)
