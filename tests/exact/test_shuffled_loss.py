"""The loss after W0 is replaced by an independent copy: the exact limit against networks and series."""

import itertools

import numpy as np
import pytest

from derive import FixedPointTask, LearningEnd, limit
from derive.exact.shuffled_loss import shuffled_loss, shuffled_readout
from verify.simulators import sample_task, simulate


def _at(g, zhat, fraction):
    """The curve, and the distance come when this fraction of the loss is left."""
    curve = limit.learning_curve(g, zhat)
    return curve, float(curve.position(np.array([curve.time_to(fraction)]))[0][0])


def test_without_w0_nothing_is_lost():
    for fraction in (0.7, 0.05):
        curve, T = _at(0.0, 1.0, fraction)
        assert shuffled_loss(0.0, curve, T) == pytest.approx(fraction / 2, rel=1e-12)


@pytest.mark.parametrize("g", [0.3, 0.8, 0.99])
def test_small_targets_follow_the_printed_law(g):
    """L = L0 g^4 (2 - g^2)^2 at the end of learning, with corrections of order zhat^2 beta."""
    zhat = 1e-4 * (1 - g * g) ** 0.5
    curve = limit.learning_curve(g, zhat)
    law = zhat**2 / 2 * g**4 * (2 - g**2) ** 2
    assert shuffled_loss(g, curve, curve.length) == pytest.approx(law, rel=1e-6)


@pytest.mark.parametrize(("g", "zhat"), [(0.4, 0.3), (0.6, 0.25)])
def test_error_of_the_series_in_progress_falls_with_the_order(g, zhat):
    delta = 1 - 0.3**0.5
    curve, T = _at(g, zhat, 0.3)
    exact = float(shuffled_readout(g, curve.path.change(np.array(T))))
    end = LearningEnd(FixedPointTask(), 13)
    errors = [abs(end.shuffled_readout.truncate(k)(delta, zhat, g) - exact) for k in (1, 5, 9, 13)]
    assert all(later < earlier / 4 for earlier, later in itertools.pairwise(errors))
    assert errors[-1] < 1e-5 * exact


def test_chains_of_any_length_agree():
    """12, 16 and 24 chain vectors; the path itself is good to 1e-12."""
    values = []
    for size in (12, 16, 24):
        curve = limit.learning_curve(0.9, 2.0, size=size)
        values.append(shuffled_loss(0.9, curve, 0.9 * curve.length))
    assert values == pytest.approx([values[0]] * 3, rel=1e-11)


@pytest.mark.slow
def test_networks_approach_it():
    """The mean over networks of N = 400; its standard error from their scatter, and a bias of order 1/N."""
    g, zhat, seeds = 0.6, 1.0, 24
    curve = limit.learning_curve(g, zhat)
    rate = 0.6 * curve.time_to(0.05) / 100
    losses = [
        simulate("reduced", sample_task(400, g, seed, zhat, rate, 100)).shuffled_loss[-1]
        for seed in range(seeds)
    ]
    error = np.std(losses, ddof=1) / np.sqrt(seeds)
    T = float(curve.position(np.array([rate * 100]))[0][0])
    assert np.mean(losses) == pytest.approx(shuffled_loss(g, curve, T), abs=4 * error)
    assert error < 0.02
