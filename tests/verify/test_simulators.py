"""Four simulators, one run: each against the next slower one, and against what is published."""

import numpy as np
import pytest

from derive import Instance
from verify.simulators import (
    DescentTask,
    Options,
    sample_instance,
    sample_shuffled,
    sample_task,
    simulate,
)
from verify.simulators.run import outlier_edge
from verify.truth.descent import descend
from verify.truth.networks import TIME_STEP, FixedPointNetwork, UnrolledNetwork

CURVES = ("readout", "loss", "gradient_norm", "frobenius_norm", "shuffled_loss", "singular_values")
LOOK = Options(eigenvalue_stride=20)


def aligned(size, g, rho, seed):
    """An instance with w.m = rho."""
    instance = Instance.sample(size, g, seed)
    w = instance.w - (instance.w @ instance.m) * instance.m
    return Instance(instance.W0, instance.m, rho * instance.m + np.sqrt(1 - rho**2) * w / np.linalg.norm(w))


def problem(g, zhat, rho, size=96, epochs=60, rate=0.05):
    instance = aligned(size, g, rho, seed=4)
    shuffled = sample_shuffled(size, g, 4)
    return DescentTask(instance, lambda: shuffled, zhat, rate * (1 - g * g) ** 2 / (1 + zhat**2), epochs)


def agree(first, second, tolerance):
    """Every observable of two runs, and the trained W."""
    for name in CURVES:
        np.testing.assert_allclose(
            getattr(first, name), getattr(second, name), rtol=0, atol=tolerance, err_msg=name
        )
    np.testing.assert_allclose(first.eigenvalues, second.eigenvalues, rtol=0, atol=100 * tolerance)
    zero = np.zeros((len(first.left),) * 2)
    kept = max(first.facts["factor_remainder"], second.facts["factor_remainder"])
    assert np.linalg.norm(first.connectivity(zero) - second.connectivity(zero)) < 100 * tolerance + kept


CASES = [(0.0, 1.0, 0.0), (0.3, 0.5, 0.0), (0.6, 2.0, 0.0), (0.6, 1.0, 0.4), (0.8, 0.5, -0.5)]


@pytest.mark.parametrize(("g", "zhat", "rho"), CASES)
def test_rank_one_inverse_against_autograd(g, zhat, rho):
    """Both are exact: rounding 1e-16, times the condition of I - W and 60 epochs."""
    task = problem(g, zhat, rho)
    agree(simulate("inverse", task, LOOK), simulate("fixed_point", task, LOOK), 1e-11)


@pytest.mark.parametrize(("g", "zhat", "rho"), CASES)
def test_reduced_against_rank_one_inverse(g, zhat, rho):
    """The reduced run asks for 1e-10 of zhat in the readout; the losses carry it by zhat or so."""
    task = problem(g, zhat, rho)
    run = simulate("reduced", task, LOOK)
    assert run.facts["basis_error"] <= 1e-10
    agree(run, simulate("inverse", task, LOOK), 1e-8)


@pytest.mark.parametrize(("g", "zhat", "rho"), CASES[:4])
def test_fixed_point_against_unrolled(g, zhat, rho):
    """They differ by the transient (1 - dt (1 - lambda))^n of the Euler dynamics, n = 198."""
    task = problem(g, zhat, rho, epochs=20)
    fixed, unrolled = (simulate(name, task, LOOK) for name in ("fixed_point", "unrolled"))
    W = fixed.connectivity(task.instance.W0)
    rate = np.abs(1 - TIME_STEP * (1 - np.linalg.eigvals(W))).max()
    agree(fixed, unrolled, 1e-11 + 1e3 * rate**UnrolledNetwork.steps)


def test_descent_of_the_main_command_is_the_same_run():
    task = problem(0.6, 1.0, 0.0)
    ours = simulate("reduced", task)
    torchs = descend(FixedPointNetwork(task.instance), task.zhat, task.learning_rate, task.epochs)
    for name in ("readout", "loss", "frobenius_norm"):
        np.testing.assert_allclose(getattr(ours, name), torchs.observables[name], rtol=0, atol=1e-9)


@pytest.mark.slow
def test_twelve_vectors_carry_1024_neurons_through_200_epochs():
    """THEORY 5: d = 12 reproduces N = 1024 descent to 1e-14."""
    task = sample_task(1024, 0.6, 0, 0.5, 0.02 * 0.4096, 200)
    run = simulate("reduced", task, Options(tolerance=1e-14))
    assert run.facts["basis_size"] <= 12
    R = np.eye(1024) - run.connectivity(task.instance.W0)
    assert task.instance.w @ np.linalg.solve(R, task.instance.m) == pytest.approx(run.readout[-1], abs=1e-12)


def test_matrix_free_is_the_factorised_run():
    task = sample_task(200, 0.6, 1, 1.0, 0.02 * 0.4096, 50)
    agree(simulate("reduced", task, Options(matrix_free=True)), simulate("reduced", task), 1e-9)


def test_a_network_without_recurrence_divides_by_no_zero():
    """g = 0 without a factorisation: products with W0 add nothing to a space."""
    with np.errstate(divide="raise", invalid="raise"):
        free = simulate("reduced", sample_task(20, 0.0, 0, 2.0, 0.1, 5), Options(matrix_free=True))
    plain = simulate("reduced", sample_task(20, 0.0, 0, 2.0, 0.1, 5))
    np.testing.assert_allclose(free.eigenvalues, plain.eigenvalues, rtol=1e-12)


@pytest.mark.parametrize("simulator", ["inverse", "fixed_point", "reduced"])
def test_single_precision_is_the_double_run_rounded(simulator):
    """float32: 1e-7 of rounding, times the growth of deviations during learning (about 10), 50 epochs."""
    single = simulate(
        simulator,
        sample_task(150, 0.5, 2, 1.0, 0.01, 50, "float32"),
        Options(dtype="float32", tolerance=1e-6),
    )
    double = simulate("fixed_point", sample_task(150, 0.5, 2, 1.0, 0.01, 50))
    for name in CURVES:
        np.testing.assert_allclose(
            getattr(single, name), getattr(double, name), rtol=0, atol=1e-4, err_msg=name
        )
    assert not np.array_equal(single.readout, double.readout)


@pytest.mark.slow
def test_failed_learning_is_the_same_failure_in_all():
    """Above the critical rate descent overshoots and loses digits at every swing; 75 epochs hold a few."""
    task = sample_task(200, 0.6, 2, 4.0, 0.002 * 0.4096, 75)
    runs = [
        simulate(name, task, Options(eigenvalue_stride=1)) for name in ("fixed_point", "inverse", "reduced")
    ]
    assert runs[0].readout.max() > 4.0
    for run in runs[1:]:
        np.testing.assert_allclose(run.readout, runs[0].readout, rtol=1e-5, atol=1e-8)


def test_outliers_are_those_of_the_full_matrix():
    """All eigenvalues beyond the edge, real or complex, wherever they lie."""
    task = sample_task(300, 0.5, 7, 3.0, 0.002 * 0.5625, 120)
    run = simulate("reduced", task, Options(eigenvalue_stride=30))
    W = run.connectivity(task.instance.W0)
    values = np.linalg.eigvals(W)
    beyond = np.sort(np.abs(values[np.abs(values) > outlier_edge(task.instance.W0)]))[::-1]
    assert len(beyond) >= 1
    found = np.abs(run.eigenvalues[-1])
    np.testing.assert_allclose(found[np.isfinite(found)], beyond, rtol=1e-8)


def test_gradient_norm_at_the_start_is_zhat_beta():
    """Eq. 12, N -> infinity: |dW/dtau| = zhat beta, with a deviation of order N^(-1/2) = 0.03."""
    run = simulate("reduced", sample_task(1024, 0.6, 0, 0.5, 0.01, 2))
    assert run.gradient_norm[0] == pytest.approx(0.5 / (1 - 0.36), rel=0.1)


def test_seeds_give_the_same_network_in_either_precision():
    wide, narrow = sample_instance(300, 0.7, 5), sample_instance(300, 0.7, 5, "float32")
    np.testing.assert_array_equal(narrow.W0, wide.W0.astype(np.float32))
    np.testing.assert_array_equal(narrow.m, wide.m.astype(np.float32))
    assert not np.allclose(sample_shuffled(300, 0.7, 5), wide.W0)


def test_no_fixed_point_and_bad_numbers_are_refused():
    singular = Instance(np.eye(3), *np.eye(3)[:2])
    with pytest.raises(ValueError, match="singular"):
        simulate("reduced", DescentTask(singular, lambda: singular.W0, 1.0, 0.1, 5))
    with pytest.raises(ValueError, match="allowed"):
        sample_task(10, 0.5, 0, -1.0, 0.1, 5)
    strong = Instance(Instance.sample(50, 0.9, 0).W0 * 2, *np.eye(50)[:2])
    with pytest.raises(ValueError, match="converge"):
        simulate("reduced", DescentTask(strong, lambda: strong.W0, 1.0, 0.1, 5), Options(matrix_free=True))
