"""Outliers of full matrices: what is certified is all there is, and doubt goes to all eigenvalues."""

import numpy as np
import pytest
import torch

from verify.simulators import outliers_of_matrix, sample_task, simulate
from verify.simulators.outliers_of_matrix import spectral_radius_below
from verify.simulators.run import listed_outliers, outlier_edge


def trained(size, g, seed, epochs=150):
    task = sample_task(size, g, seed, 2.0, 0.004 * (1 - g * g) ** 2, epochs)
    W = simulate("reduced", task).connectivity(task.instance.W0)
    return W, outlier_edge(task.instance.W0)


@pytest.mark.slow
@pytest.mark.parametrize("g", [0.0, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("seed", [0, 1])
def test_certified_outliers_are_those_among_all_eigenvalues(g, seed):
    W, edge = trained(outliers_of_matrix.SMALLEST, g, seed)
    certified = outliers_of_matrix._certified(torch.from_numpy(W), edge)
    assert certified is not None
    found, dense = listed_outliers(certified, edge), listed_outliers(np.linalg.eigvals(W), edge)
    np.testing.assert_allclose(found, dense, rtol=0, atol=1e-11)


def test_pairs_and_several_outliers_are_certified():
    """Two real ones and a complex pair, planted in a plane each."""
    size, g = outliers_of_matrix.SMALLEST, 0.4
    random = np.random.default_rng(3)
    W = random.standard_normal((size, size)) * g / np.sqrt(size)
    Q = np.linalg.qr(random.standard_normal((size, 4)))[0]
    planted = np.zeros((4, 4))
    planted[:2, :2] = [[0.5, -0.9], [0.9, 0.5]]
    planted[2, 2], planted[3, 3] = -1.2, 0.7
    W, edge = W + Q @ planted @ Q.T, g * (1 + 2 / np.sqrt(size))
    certified = outliers_of_matrix._certified(torch.from_numpy(W), edge)
    dense = listed_outliers(np.linalg.eigvals(W), edge)
    assert np.isfinite(dense).sum() == 4
    np.testing.assert_allclose(listed_outliers(certified, edge), dense, rtol=0, atol=1e-11)


@pytest.mark.slow
def test_what_is_missed_or_unsettled_is_left_to_all_eigenvalues(monkeypatch):
    W, edge = trained(outliers_of_matrix.SMALLEST, 0.6, 0)
    dense = listed_outliers(np.linalg.eigvals(W), edge)
    assert np.isfinite(dense).any()
    W = torch.from_numpy(W)
    nothing = torch.zeros(len(W), 0, dtype=W.dtype)
    for missed in (nothing, None):
        with monkeypatch.context() as patched:
            patched.setattr(outliers_of_matrix, "_outlier_space", lambda *_, answer=missed: answer)
            assert outliers_of_matrix._certified(W, edge) is None
            found = outliers_of_matrix.outliers_of_matrix(W, edge)
        np.testing.assert_allclose(found, dense, rtol=0, atol=1e-12)


@pytest.mark.parametrize("angle", [0.0, 1.0, np.pi])
def test_the_bound_on_the_spectral_radius_is_one(angle):
    """Nonnormal by a similarity of condition 1e2; never True where an eigenvalue is on the edge."""
    random = np.random.default_rng(5)
    D = 0.5 * random.standard_normal((60, 60)) / np.sqrt(60)
    D[:2] = D[:, :2] = 0
    D[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    S = np.linalg.qr(random.standard_normal((60, 60)))[0] * np.geomspace(1, 100, 60)
    D = torch.from_numpy(S @ D @ np.linalg.inv(S))
    for edge, below in ((0.5, False), (0.999, False), (1.0, False), (1.01, True), (1.3, True)):
        assert spectral_radius_below(D, edge) is below
