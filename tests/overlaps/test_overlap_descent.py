"""The exact descent map against full networks; losses and gradients against quadrature."""

import numpy as np
import pytest
import torch
from overlap_cases import RANK_ONE, random_overlaps, train

from derive.overlaps.continuous_filter import (
    ContinuousFilter,
    UnstableNetwork,
    effective_system,
    exponential_system,
)
from derive.overlaps.descent import LossNotFinite, descent_curve, flow_curve
from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.tasks import impulse_task


def numerical_gradient(loss, S, step=1e-6):
    gradient = np.zeros_like(S)
    for index in np.ndindex(S.shape):
        change = np.zeros_like(S)
        change[index] = step
        gradient[index] = (loss(S + change)[0] - loss(S - change)[0]) / (2 * step)
    return gradient


@pytest.mark.slow
@pytest.mark.parametrize(
    ("problem", "size"),
    [
        (OverlapProblem(1), 50),
        (OverlapProblem(1), 1000),
        (OverlapProblem(2), 100),
        (OverlapProblem(3, 2, 2), 100),
        (OverlapProblem(2, 2, 1, frozen=("m1", "v")), 100),
    ],
    ids=str,
)
def test_exact_map_is_the_full_network(problem, size):
    """150 epochs of a full network in double precision: only rounding separates the two."""
    S, dt = random_overlaps(problem, problem.rank), 0.1
    target = exponential_target(problem, dt, 40, 0.3, 0.5)
    losses, overlaps = train(
        problem, sample_network(problem, S, size, 0), impulse_task(dt, target), 0.01, 150
    )
    curve = descent_curve(problem, DiscreteFilter(problem, dt, target), S, 0.01, 150)
    assert curve.loss[-1] < 0.7 * curve.loss[0]
    assert np.abs(curve.loss - losses).max() < 1e-12
    assert np.abs(curve.overlaps - overlaps).max() < 1e-12


@pytest.mark.parametrize("problem", [OverlapProblem(1), OverlapProblem(2), OverlapProblem(3, 2, 2)], ids=str)
def test_gradients_of_the_filter_losses(problem):
    S = random_overlaps(problem, 7)
    discrete = DiscreteFilter(problem, 0.1, exponential_target(problem, 0.1, 37, 0.3, 0.5))
    continuous = ContinuousFilter(problem, exponential_system(problem, 0.3, 0.5))
    for loss in (discrete, continuous):
        # central differences with step 1e-6: rounding 1e-16/1e-6 times a loss of order one
        assert np.abs(loss(S)[1] - numerical_gradient(loss, S)).max() < 5e-9


@pytest.mark.parametrize("problem", [OverlapProblem(1), OverlapProblem(2, 2, 2)], ids=str)
def test_continuous_loss_is_the_integral(problem):
    from scipy.integrate import quad

    S = random_overlaps(problem, 3)
    network, target = effective_system(problem, S), exponential_system(problem, 0.4, 1.1, 0.8)

    def integrand(t):
        difference = network.response(np.array([t])) - target.response(np.array([t]))
        return float(np.sum(difference**2))

    integral = quad(integrand, 0, 80, limit=400, epsabs=1e-11)[0]
    # the responses have fallen below exp(-0.4 * 80) at the end
    assert ContinuousFilter(problem, target)(S)[0] == pytest.approx(integral, abs=1e-9)


def test_discrete_loss_tends_to_the_continuous_one():
    """Euler with step dt: the difference falls with slope 1 in dt."""
    problem = OverlapProblem(2)
    S = random_overlaps(problem, 3)
    exact = ContinuousFilter(problem, exponential_system(problem, 0.4))(S)[0]
    errors = []
    for dt in (0.02, 0.01, 0.005):
        target = exponential_target(problem, dt, round(60 / dt), 0.4)
        errors.append(abs(DiscreteFilter(problem, dt, target)(S)[0] - exact))
    slopes = np.diff(np.log(errors)) / np.log(0.5)
    assert slopes == pytest.approx(1, abs=0.05)  # the next order in dt is left out


def test_flow_against_descent_has_slope_one():
    problem = OverlapProblem(2)
    S, dt = random_overlaps(problem, 4), 0.1
    loss = DiscreteFilter(problem, dt, exponential_target(problem, dt, 60, 0.3))
    end = flow_curve(problem, loss, S, [0, 1.0]).overlaps[-1]
    rates = np.array([0.02, 0.01, 0.005])
    errors = [
        np.abs(descent_curve(problem, loss, S, rate, round(1 / rate)).overlaps[-1] - end).max()
        for rate in rates
    ]
    slopes = np.diff(np.log(errors)) / np.diff(np.log(rates))
    assert slopes == pytest.approx(1, abs=0.05)


@pytest.mark.slow
def test_published_size_and_rate_against_single_precision():
    """N = 500, dt 0.05, 400 steps, lr 5e-3, c = 0.2; 12 of the 2000 epochs (benchmarks run all)."""
    problem = OverlapProblem()
    S = problem.matrix(RANK_ONE)
    target = exponential_target(problem, 0.05, 400, 0.2)
    X = sample_network(problem, S, 500, 0)
    losses, overlaps = train(problem, X, impulse_task(0.05, target), 5e-3, 12, dtype=torch.float32)
    curve = descent_curve(problem, DiscreteFilter(problem, 0.05, target), S, 5e-3, 12)
    assert np.abs(curve.overlaps - overlaps).max() < 1e-5
    assert np.abs(curve.loss - losses).max() < 1e-5


def test_learned_network_is_the_solution():
    """Euler solution of THEORY 6: vu = 1 - (1 - exp(-c dt))/dt, zm = a exp(-c dt), zu vm = zm vu."""
    problem = OverlapProblem()
    dt, c, a = 0.1, 0.3, 1.2
    loss = DiscreteFilter(problem, dt, exponential_target(problem, dt, 100, c, 0, a))
    end = problem.named(
        descent_curve(problem, loss, problem.matrix(RANK_ONE), 0.02, 1500, every=1500).overlaps[-1]
    )
    vu = 1 - (1 - np.exp(-c * dt)) / dt
    zm = a * np.exp(-c * dt)
    assert end["vu"] == pytest.approx(vu, abs=1e-10)
    assert end["zm"] == pytest.approx(zm, abs=1e-10)
    assert end["zu"] * end["vm"] == pytest.approx(zm * vu, abs=1e-10)


def test_divergence_names_the_epoch_and_keeps_what_was_before():
    problem = OverlapProblem()
    loss = DiscreteFilter(problem, 0.1, exponential_target(problem, 0.1, 50, 0.3))
    with pytest.raises(LossNotFinite, match="epoch") as failure:
        descent_curve(problem, loss, problem.matrix(RANK_ONE), 20.0, 100)
    assert len(failure.value.curve.loss) == failure.value.epoch
    assert np.isfinite(failure.value.curve.loss).all()


def test_unstable_network_is_named():
    problem = OverlapProblem()
    S = problem.matrix({**RANK_ONE, "vu": 1.4, "uu": 3})
    with pytest.raises(UnstableNetwork, match=r"eigenvalue 0\.4"):
        ContinuousFilter(problem, exponential_system(problem, 0.3))(S)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"uu": 0.1}, "eigenvalue -0.0986"), ({"zm": float("nan")}, "zm = nan"), ({"zq": 1}, "overlap zq")],
)
def test_bad_overlaps(changes, message):
    with pytest.raises(ValueError, match=message):
        OverlapProblem().matrix({**RANK_ONE, **changes})
