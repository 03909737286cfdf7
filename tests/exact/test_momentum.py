"""Momentum: descent of the chain against plain numpy, its stability limit, its clock, its rank."""

import json

import numpy as np
import pytest
from in_process import derive_here, refusal

import derive
from derive import limit
from derive.exact.descent import descent, fastest_at_minimum
from derive.exact.momentum import Momentum
from derive.flow.reduction import instance_bases, limit_reduction

G = 0.6
METHODS = [Momentum(0.0), Momentum(0.8), Momentum(0.8, nesterov=True)]


def simulated(network, zhat, rate, epochs, method, train=("W",)):
    """W, readouts and final W - W0 of the whole network, by its own gradients; no reduction enters."""
    W, m, w = network.W0.copy(), network.m.copy(), network.w.copy()
    velocities = [np.zeros_like(x) for x in (W, m, w)]
    readouts = []
    for _ in range(epochs + 1):
        readouts.append(w @ np.linalg.solve(np.eye(len(m)) - W, m))
        ahead = method.mu * method.nesterov
        at = [x + ahead * v for x, v in zip((W, m, w), velocities, strict=True)]
        R = np.linalg.inv(np.eye(len(m)) - at[0])
        a, b = R.T @ at[2], R @ at[1]
        error = zhat - at[2] @ b
        gradients = [np.outer(a, b), a, b]
        for i, name in enumerate("Wmw"):
            velocities[i] = method.mu * velocities[i] + (name in train) * rate * error * gradients[i]
        W, m, w = (x + v for x, v in zip((W, m, w), velocities, strict=True))
    return np.array(readouts), W - network.W0 - velocities[0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("train", [("W",), ("W", "m", "w")])
def test_one_network(method, train):
    """Forty epochs of a network of 60 neurons, to rounding."""
    network = derive.Instance.sample(60, G, 3)
    readouts, change = simulated(network, 1.0, 0.004, 40, method, train)
    reduction, left, right = instance_bases(network, 32)
    run = descent(reduction, 1.0, 0.004, 40, train=train, keep=True, momentum=method)
    np.testing.assert_allclose(run.readout, readouts, rtol=0, atol=1e-11)
    np.testing.assert_allclose(left.T @ run.change[-1] @ right, change, rtol=0, atol=1e-11)


@pytest.mark.parametrize("method", METHODS)
def test_the_change_stays_in_the_chain(method):
    """After n epochs W - W0 has no part off the first n chain vectors of either side, V included: every step
    adds one outer product a b^T, and momentum only sums them. So its rank is n at most."""
    network = derive.Instance.sample(40, G, 5)
    reduction, left, right = instance_bases(network, 12)
    for epochs in (1, 3, 6):
        _, change = simulated(network, 1.0, 0.01, epochs, method)
        size = np.linalg.norm(change)
        inside = left[:epochs].T @ (left[:epochs] @ change @ right[:epochs].T) @ right[:epochs]
        assert np.linalg.norm(change - inside) < 1e-13 * size
        assert np.linalg.matrix_rank(change, tol=1e-13 * size) <= epochs
    assert reduction.size == 12


@pytest.mark.parametrize("method", [*METHODS, Momentum(0.3), Momentum(0.3, nesterov=True)])
def test_stability_limit(method):
    """Close to the minimum of a small target, where h hardly changes: above the limit errors grow."""
    zhat = 1e-6
    reduction = limit_reduction(G, 8)
    h = limit.learning_curve(G, zhat).sharpness
    for factor, settles in ((0.97, True), (1.03, False)):
        rate = factor * method.stable_below / h
        error = np.abs(zhat - descent(reduction, zhat, rate, 600, momentum=method).readout)
        assert (error.max() < 20 * zhat) == settles
        assert (error.max() > 300 * zhat) != settles  # until h falls, at a flatter minimum


def test_momentum_that_is_best_at_a_minimum():
    """mu = (1 - sqrt(eta h))^2 settles fastest of all mu, and faster than plain descent."""
    zhat = 1e-6
    reduction, h = limit_reduction(G, 8), limit.learning_curve(G, 1e-6).sharpness
    rate = 0.01 / h
    best = fastest_at_minimum(h, rate)
    assert best == pytest.approx(0.81)

    def late(mu):
        readout = descent(reduction, zhat, rate, 150, momentum=Momentum(mu)).readout
        return np.abs(zhat - readout[-30:]).max()

    assert all(late(best) < late(mu) for mu in (0.0, 0.6, 0.74, 0.88, 0.95))
    with pytest.raises(ValueError, match="allowed is 0 < eta h < 4"):
        fastest_at_minimum(1.0, 5.0)


@pytest.mark.parametrize("nesterov", [False, True])
def test_small_steps_follow_the_flow(nesterov):
    """An epoch is eta/(1 - mu) of learning time: the distance from the flow falls as the learning rate."""
    tau, errors = 0.1, []
    for epochs in (400, 800, 1600):
        method = Momentum(0.6, nesterov)
        rate = tau * (1 - method.mu) / epochs
        run = limit.limit_descent(G, 1.0, rate, epochs, size=12, momentum=method)
        assert run.time_step * epochs == pytest.approx(tau)
        errors.append(run.readout[-1] - limit.learning_curve(G, 1.0).readout(np.array([tau]))[0])
    slopes = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(slopes, 1, atol=0.05)


def test_printed():
    words = ("curve", "--g", "0.6", "--zhat", "1", "--learning-rate", "0.004", "--epochs", "5")
    plain = json.loads(derive_here(*words, "--format", "json").stdout)
    none = json.loads(derive_here(*words, "--momentum", "0", "--format", "json").stdout)
    assert plain == none
    printed = json.loads(derive_here(*words, "--momentum", "0.8", "--nesterov", "--format", "json").stdout)
    assert (printed["momentum"], printed["nesterov"]) == (0.8, True)
    expected = limit.limit_descent(0.6, 1.0, 0.004, 5, momentum=Momentum(0.8, True)).readout
    assert printed["readout"] == expected.tolist()
    assert printed["stable_below"] == pytest.approx(2 * 1.8 / 2.6)
    assert "heavy ball" in derive_here(*words, "--momentum", "0.8").stdout


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (
            ("--learning-rate", "0.1", "--epochs", "3", "--momentum", "1"),
            "--momentum 1: allowed is 0 <= MU < 1",
        ),
        (("--learning-rate", "0.1", "--epochs", "3", "--momentum", "-0.1"), "allowed is 0 <= MU < 1"),
        (("--momentum", "0.5"), "--momentum and --nesterov go with --learning-rate and --epochs"),
    ],
)
def test_refusals(arguments, allowed):
    assert allowed in refusal(derive_here("curve", "--g", "0.6", "--zhat", "1", *arguments))
