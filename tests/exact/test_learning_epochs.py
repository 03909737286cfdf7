"""Epochs to learn: torch's optimizer on a plain network, the flow, the quadratic end, the command."""

import csv
import io
import json

import numpy as np
import pytest
import torch
from in_process import derive_here, refusal
from slow_cases import slow_but

import derive
from derive import limit
from derive.exact.descent import fastest_at_minimum
from derive.exact.fluctuations.deviations import deviations
from derive.exact.learning_epochs import epochs_to, fewest_epochs
from derive.exact.momentum import Momentum
from derive.flow.reduction import instance_reduction, limit_reduction

G, UNIT = 0.6, 0.64**2
HEAVY, NESTEROV = Momentum(0.9), Momentum(0.9, nesterov=True)
METHODS = [Momentum(), HEAVY, NESTEROV]


def epochs_of_torch(network, zhat, rate, method, fraction, epochs):
    """The epoch after the last one with more than ``fraction`` of the loss, by autograd and torch's SGD."""
    W, m, w = (torch.tensor(x, dtype=torch.float64) for x in (network.W0, network.m, network.w))
    W.requires_grad_()
    optimizer = torch.optim.SGD([W], lr=rate, momentum=method.mu, nesterov=method.nesterov)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = (zhat - w @ torch.linalg.solve(torch.eye(len(m), dtype=torch.float64) - W, m)) ** 2 / 2
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    return int(np.flatnonzero(np.array(losses) > fraction * losses[0])[-1]) + 1


@pytest.mark.parametrize("method", METHODS, ids=str)
@pytest.mark.parametrize("rate", [0.01, 0.04])
def test_one_network(method, rate):
    """Plain networks of 60 neurons; at the larger rate the ball passes the target and comes back."""
    network = derive.Instance.sample(60, G, 3)
    found = epochs_to(0.05, instance_reduction(network, 24), 1.0, rate, method)
    assert found == epochs_of_torch(network, 1.0, rate, method, 0.05, 400)
    assert 3 < found < 200


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS, ids=str)
def test_small_steps_are_the_flow(method):
    """Epochs times eta/(1 - mu) tend to the flow's tau*, in proportion to the step or to one epoch."""
    curve, reduction = limit.learning_curve(G, 1.0), limit_reduction(G, 16)
    times = []
    for part in (1600, 3200):
        step = curve.time_to(0.05) / part
        times.append(epochs_to(0.05, reduction, 1.0, step * (1 - method.mu), method) / part)
    away = np.abs(np.array(times) - 1)
    assert away[0] < 0.02
    assert away[1] < 0.6 * away[0] + 1 / 3200


@pytest.mark.parametrize(
    ("method", "step"),
    slow_but(
        [(Momentum(), 1.7), (Momentum(0.3), 0.1)],
        [(Momentum(), 0.2), (Momentum(), 1.7), (Momentum(0.3), 0.1), (Momentum(0.9), 0.2), (NESTEROV, 0.1)],
        several=True,
    ),
    ids=str,
)
def test_the_end_is_the_quadratic_one(method, step):
    """A further 1e-16 of the loss costs log(1e16)/(-2 log radius) epochs, the radius that of the recursion in
    the curvature at the minimum found; epochs are whole, and complex roots beat by a turn of the phase."""
    curve, reduction = limit.learning_curve(G, 0.3), limit_reduction(G, 16)
    rate = step / float(curve.path.sharpness(np.array(curve.length)))
    run = limit.descent(reduction, 0.3, rate, 3000, momentum=method)
    near = float(run.sharpness[-1]) * rate
    first, last = (epochs_to(x, reduction, 0.3, rate, method) for x in (1e-6, 1e-22))
    expected = np.log(1e16) / (-2 * np.log(method.radius(near)))
    assert last - first == pytest.approx(expected, abs=1 + np.pi / near**0.5)


@pytest.mark.parametrize("nesterov", [False, True])
def test_radius_is_that_of_the_companion_matrix(nesterov):
    """Of the rule itself, V and W of a quadratic; 1 where the method stops being stable, and least for the
    heavy ball at the mu that `fastest_at_minimum` gives."""
    for mu in (0.0, 0.4, 0.9):
        method = Momentum(mu, nesterov)
        for step in (0.01, 0.3, 1.1, 1.8):
            ahead = mu * nesterov
            companion = np.array([[1 - step, mu - step * ahead], [-step, mu - step * ahead]])
            assert method.radius(step) == pytest.approx(np.abs(np.linalg.eigvals(companion)).max(), abs=1e-7)
        assert method.radius(method.stable_below) == pytest.approx(1)
    radii = [Momentum(k / 1000).radius(0.1) for k in range(1000)]
    assert int(np.argmin(radii)) / 1000 == pytest.approx(fastest_at_minimum(0.1, 1.0), abs=1e-3)


def test_fewest_is_the_least_of_all():
    reduction = limit_reduction(G, 12)
    tries = [(rate, Momentum(mu)) for mu in (0.9, 0.6, 0.3, 0.0) for rate in (0.2, 0.1, 0.05, 0.02)]
    counts = [epochs_to(0.05, reduction, 1.0, *one, most=150) for one in tries]
    best = fewest_epochs(0.05, reduction, 1.0, tries, most=150)
    least = min(count for count in counts if count is not None)
    assert best.epochs == least
    assert (best.learning_rate, best.method) == tries[max(i for i, n in enumerate(counts) if n == least)]


def test_what_does_not_learn():
    reduction = limit_reduction(G, 12)
    assert epochs_to(0.05, reduction, 4.0, 5.0, most=200) is None
    assert epochs_to(0.05, reduction, 1.0, 0.001, most=20) is None
    assert fewest_epochs(0.05, reduction, 1.0, [(0.001, HEAVY)], most=20) is None
    for fraction in (0.0, 1.0, float("nan")):
        with pytest.raises(ValueError, match="allowed is 0 < fraction < 1"):
            epochs_to(fraction, reduction, 1.0, 0.1)


COMMAND = ("learning-times", "--g", "0.6", "--zhat", "1", "--momentum")


@pytest.mark.slow
def test_the_command_beside_networks():
    """The counts of one rate and momentum; networks of 400 neurons lie within four of theory's deviations
    of the time."""
    words = ("0.8", "--multiples", "0.05,best", "--size", "400", "--seeds", "4", "--format", "json")
    at_rate, best = json.loads(derive_here(*COMMAND, *words).stdout)
    curve, reduction = limit.learning_curve(G, 1.0), limit_reduction(G, 16)
    rate = 0.05 * curve.critical_rate
    assert at_rate["plain_epochs"] == epochs_to(0.05, reduction, 1.0, rate)
    assert at_rate["momentum_epochs"] == epochs_to(0.05, reduction, 1.0, rate, Momentum(0.8))
    assert at_rate["plain_fall"] == pytest.approx(0.9)
    assert at_rate["plain_networks_learned"] == 4
    assert best["plain_epochs"] < at_rate["plain_epochs"]
    assert best["plain_fall"] < 1 > best["momentum_fall"]
    theory = deviations(G, 1.0, [0.1], 400).learning_time / (curve.time_to(0.05) / UNIT)
    for name in ("plain", "momentum"):
        away = at_rate[f"{name}_networks"] / at_rate[f"{name}_epochs"] - 1
        assert abs(away) < 4 * theory / 2 + 1 / at_rate[f"{name}_epochs"]  # the mean of four networks


@pytest.mark.slow
def test_rates_that_do_not_learn_are_empty():
    words = ("0.5", "--multiples", "0.1,50", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(derive_here(*COMMAND, *words).stdout)))
    assert rows[0]["momentum_epochs"] == "30"
    assert rows[1]["momentum_epochs"] == rows[1]["gain"] == ""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("1",), "--momentum 1: allowed is 0 <= MU < 1"),
        (("best", "--multiples", "0"), "--multiples 0: allowed is numbers > 0"),
        (("best", "--multiples", "1:2:3"), "--multiples 1:2:3: allowed"),
        (("0.5", "--seeds", "3"), "--seeds 3: allowed with --size only"),
        (("0.5", "--orders", "2"), "--orders 2: allowed without --momentum"),
        (("0.5", "--format", "png", "--out", "x.png"), "--momentum goes with --format text, json or csv"),
    ],
)
def test_refusals(words, line):
    assert line in refusal(derive_here(*COMMAND, *words))
