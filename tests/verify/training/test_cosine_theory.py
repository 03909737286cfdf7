"""The cosine task at g = 0: one real number learns, and it cannot turn."""

import numpy as np
import pytest

from verify.training import TASKS, train
from verify.training.cosine_theory import descent, least_loss, loss, slope, turning_eigenvalue
from verify.training.measures import spectra
from verify.training.networks import initial_network

EPOCHS = 200


@pytest.fixture(scope="module")
def silent():
    return train(TASKS["cosine"], 12, (0.0,), epochs=EPOCHS, dtype="float64")[0]


@pytest.mark.slow
def test_the_change_is_c_m_m_and_c_descends_its_own_loss(silent):
    path, losses = descent(silent.settings.rate, EPOCHS)
    m = initial_network(TASKS["cosine"], silent.identity).m[0].astype(float) / np.sqrt(12)
    np.testing.assert_allclose(silent.end.W, path[-1] * np.outer(m, m), atol=1e-6)  # W0, m in float32
    np.testing.assert_allclose(silent.loss, losses, rtol=1e-6)
    np.testing.assert_allclose(silent.norms, np.abs(path[silent.recorded]), atol=1e-6)


def test_the_slope_is_the_losss():
    for c in (-1.0, 0.0, 0.7, 1.02):
        assert slope(c) == pytest.approx((loss(c + 1e-6) - loss(c - 1e-6)) / 2e-6, rel=1e-6, abs=1e-9)


@pytest.mark.slow
def test_no_real_eigenvalue_is_good_enough(silent):
    """The best exponential keeps over 97% of the initial loss, and descent ends there."""
    best, least = least_loss()
    assert all(loss(c) >= least for c in np.linspace(-3, 3, 400))
    assert least > 0.97 * loss(0.0)
    path, _ = descent(0.2, 3000)
    assert path[-1] == pytest.approx(best, abs=1e-4)
    assert silent.convergence_epoch is None


def test_the_turning_eigenvalue_makes_the_cosine():
    step = 1 + 0.1 * (turning_eigenvalue() - 1)
    n = np.arange(100)
    np.testing.assert_allclose((step**n).real, np.cos(2 * np.pi * 0.1 * n / 5), atol=1e-12)
    assert turning_eigenvalue().imag == pytest.approx(2 * np.pi / 5, rel=0.003)


@pytest.mark.slow
def test_with_initial_connectivity_a_pair_of_eigenvalues_reaches_it():
    (run,) = train(TASKS["cosine"], 128, (0.4,), epochs=700)
    assert run.convergence_epoch is not None
    eigenvalues = spectra(TASKS["cosine"], run).whole_eigenvalues
    nearest = np.abs(eigenvalues - turning_eigenvalue()).min()
    assert nearest < 0.03
