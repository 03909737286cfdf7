"""A plant in the loop, other learning rules and the staircase of ranks: against networks of N neurons."""

from itertools import islice

import numpy as np
import pytest
import torch
from overlap_cases import random_overlaps
from slow_cases import slow_but

from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.descent import descent_curve
from derive.overlaps.discrete_filter import DiscreteFilter
from derive.overlaps.extensions.closed_loop import ClosedLoop, Plant, stability_epoch
from derive.overlaps.extensions.learning_rules import FeedbackAlignment, HebbianRule, follow, task_loss
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.starts import random_start
from derive.overlaps.tasks import WeightedTrials

INTEGRATOR = Plant(
    np.array([[0.0, 1.0], [0.0, 0.0]]),
    np.array([[0.0], [1.0]]),
    np.array([[1.0, 0.0]]),
    np.eye(2),
)


def looped_loss(problem, X, loop):
    """The loss of a network of N neurons in the loop, neuron by neuron."""
    plant, dt, count = loop.plant, loop.dt, len(X)
    Z, V, M, U = (X[:, problem.blocks[letter]] for letter in "zvmu")
    A, B, C, x = (torch.tensor(a) for a in (plant.A, plant.B, plant.C, plant.starts))
    h = torch.zeros(count, x.shape[1], dtype=X.dtype)
    total = 0.0
    for _ in range(loop.steps):
        y = Z.T @ h / count
        h, x = h + dt * (-h + U @ (V.T @ h) / count + M @ (C @ x)), x + dt * (A @ x + B @ y)
        total = total + dt * ((x**2).sum() + loop.effort * ((Z.T @ h / count) ** 2).sum()) / x.shape[1]
    return total


def joint_radius(problem, X, loop):
    """The spectral radius of the network of N neurons with its plant, one step of Euler."""
    plant, count = loop.plant, len(X)
    Z, V, M, U = (X[:, problem.blocks[letter]] for letter in "zvmu")
    rates = np.block([[U @ V.T / count - np.eye(count), M @ plant.C], [plant.B @ Z.T / count, plant.A]])
    return np.abs(np.linalg.eigvals(np.eye(len(rates)) + loop.dt * rates)).max()


@pytest.mark.parametrize(("rank", "channels"), slow_but([(1, 1)], [(1, 1), (2, 2)], several=True))
def test_learning_in_the_loop_is_the_full_networks(rank, channels):
    problem, random = OverlapProblem(rank, channels, channels), np.random.default_rng(3)
    plant = Plant(
        *(0.5 * random.standard_normal(shape) for shape in [(3, 3), (3, channels), (channels, 3), (3, 4)])
    )
    loop = ClosedLoop(problem, plant, 0.1, 30, effort=0.2)
    X = sample_network(problem, random_overlaps(problem, 1), 60, 0)
    curve = descent_curve(problem, loop, X.T @ X / 60, 0.01, 30)
    weights = torch.tensor(X, requires_grad=True)
    for epoch in range(31):
        loss = looped_loss(problem, weights, loop)
        S = (weights.T @ weights / 60).detach().numpy()
        assert curve.loss[epoch] == pytest.approx(loss.item(), rel=1e-11)
        assert np.abs(curve.overlaps[epoch] - S).max() < 1e-11
        (gradient,) = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            weights -= 0.01 * 60 * gradient


@pytest.mark.slow
def test_stability_epoch_of_the_double_integrator():
    """The epoch at which the loop of the overlaps becomes stable is that of the network of N neurons."""
    problem, size, rate = OverlapProblem(), 40, 5e-4
    loop = ClosedLoop(problem, INTEGRATOR, 0.1, 100, effort=0.01)
    X = sample_network(problem, 0.3 * random_start(problem, size, 0), size, 0)
    curve = descent_curve(problem, loop, X.T @ X / size, rate, 200)
    found = stability_epoch(loop, curve)
    assert found is not None
    assert 0 < found < 150
    weights = torch.tensor(X, requires_grad=True)
    radii = []
    for _ in range(int(found) + 1):
        radii.append(joint_radius(problem, weights.detach().numpy(), loop))
        (gradient,) = torch.autograd.grad(looped_loss(problem, weights, loop), weights)
        with torch.no_grad():
            weights -= rate * size * gradient
    assert radii[-1] < 1 <= radii[-2]
    assert radii[-1] == pytest.approx(abs(loop.eigenvalues(curve.overlaps[int(found)])[0]), abs=1e-9)


def test_loops_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="allowed is linear"):
        ClosedLoop(OverlapProblem(nonlinearity="erf"), INTEGRATOR, 0.1, 10)
    with pytest.raises(ValueError, match=r"allowed are \(n, n\)"):
        ClosedLoop(OverlapProblem(1, 2, 1), INTEGRATOR, 0.1, 10)
    with pytest.raises(ValueError, match="effort >= 0"):
        ClosedLoop(OverlapProblem(), INTEGRATOR, 0.1, 10, -1.0)


def rule_case(rank=2):
    problem, random = OverlapProblem(rank, 2, 1), np.random.default_rng(5)
    shape = (3, 25)
    inputs, targets = random.standard_normal((*shape, 2)), 0.3 * random.standard_normal((*shape, 1))
    task = WeightedTrials(0.2, inputs, targets, np.full(targets.shape, 0.02))
    X = random.standard_normal((50, problem.size + problem.outputs + rank)) / 1.5
    return problem, task, X


def changed(problem, task, X, rate, feedback=None, decay=None):
    """One epoch of a network of N neurons by the rule itself, without overlaps."""
    count, dt = len(X), task.dt
    Z, V, M, U = (X[:, problem.blocks[letter]] for letter in "zvmu")
    h, hidden, errors = np.zeros((count, task.trials)), [], []
    hidden.append(h)
    for n in range(task.steps):
        h = h + dt * (-h + U @ (V.T @ h) / count + M @ task.inputs[:, n].T)
        hidden.append(h)
        errors.append(2 * task.weights[:, n].T * (Z.T @ h / count - task.targets[:, n].T))
    dZ, dV, dM, dU = (np.zeros_like(part) for part in (Z, V, M, U))
    if feedback is not None:
        BZ, BV = feedback
        adjoint = np.zeros_like(h)
        for n in range(task.steps, 0, -1):
            adjoint = (1 - dt) * adjoint + dt * BV @ (U.T @ adjoint) / count + BZ @ errors[n - 1]
            dM += dt * adjoint @ task.inputs[:, n - 1]
            dU += dt * adjoint @ (V.T @ hidden[n - 1] / count).T
            dV += dt * hidden[n - 1] @ (U.T @ adjoint / count).T
    else:
        for n in range(1, task.steps + 1):
            dM -= dt * hidden[n] @ task.inputs[:, n - 1]
            dU -= dt * hidden[n] @ (V.T @ hidden[n] / count).T
        dV = dU + decay * V
        dM, dU = dM + decay * M, dU + decay * U
    for n in range(1, task.steps + 1):
        dZ += hidden[n] @ errors[n - 1].T
    after = X.copy()
    for letter, change in zip("zvmu", (dZ, dV, dM, dU), strict=True):
        after[:, problem.blocks[letter]] -= rate * change
    return after


def test_feedback_alignment_is_the_full_networks():
    problem, task, X = rule_case()
    P, rate = problem.size, 0.02
    states = follow(FeedbackAlignment(problem, task), X.T @ X / 50, rate)
    for S in islice(states, 40):
        assert np.abs(S - X.T @ X / 50).max() < 1e-11
        X = changed(problem, task, X, rate, feedback=(X[:, P : P + 1], X[:, P + 1 :]))


def test_feedback_along_the_weights_is_the_gradient():
    problem, task, X = rule_case()
    X[:, problem.size :] = X[:, : problem.outputs + problem.rank]
    S = X.T @ X / 50
    F, P = FeedbackAlignment(problem, task)(S), problem.size
    derivatives = LinearTask(problem, task)(S[:P, :P])[1]
    gradient = derivatives + derivatives.T
    readers = problem.outputs + problem.rank
    # what comes back by B_Z and B_V is what would come back by Z and V
    assert np.abs(F[P:, readers:P] - gradient[:readers, readers:]).max() < 1e-12
    assert np.abs(F[readers:P, :readers] - gradient[readers:, :readers]).max() < 1e-12


@pytest.mark.slow
def test_readout_aligns_with_its_feedback():
    """With fixed random feedback the loss falls by far, and Z turns towards B_Z: an overlap like others."""
    problem = OverlapProblem()
    time = 0.1 * np.arange(1, 61)
    inputs = np.zeros((1, 60, 1))
    inputs[0, 0] = 10
    task = WeightedTrials(0.1, inputs, np.exp(-0.3 * time)[None, :, None], np.full((1, 60, 1), 0.1))
    X = np.random.default_rng(1).standard_normal((200, 6)) * np.array([0.1, 0.3, 0.3, 0.3, 1, 1])
    states = list(islice(follow(FeedbackAlignment(problem, task), X.T @ X / 200, 0.02), 2001))
    losses = [task_loss(problem, task, states[k]) for k in (0, -1)]
    alignment = [S[0, 4] / np.sqrt(S[0, 0] * S[4, 4]) for S in (states[0], states[-1])]
    assert losses[1] < 0.01 * losses[0]
    assert abs(alignment[0]) < 0.2
    assert alignment[1] > 0.5


def test_hebbian_learning_is_the_full_networks():
    problem, task, X = rule_case()
    X, rate, decay = X[:, : problem.size], 0.002, 2.0
    states = follow(HebbianRule(problem, task, decay), X.T @ X / 50, rate)
    first = X.T @ X / 50
    for S in islice(states, 20):
        assert np.abs(S - X.T @ X / 50).max() < 1e-11
        X = changed(problem, task, X, rate, decay=decay)
    assert np.abs(S - first).max() > 0.05


@pytest.mark.slow
def test_staircase_from_small_starts():
    """From a small start a network of rank 2 rests where the best networks of ranks 0 and 1 are, the longer
    the smaller it starts: the time to leave a plateau grows by a constant for every factor of the start."""
    dt, steps, rate = 0.1, 150, 0.01
    time = dt * np.arange(1, steps + 1)
    target = np.exp(-0.3 * time) * np.cos(time)
    decay = (1 - dt) ** np.arange(steps)
    best = [dt * np.sum((target - (decay @ target) / (decay @ decay) * decay) ** 2)]
    one = OverlapProblem(1)
    S = random_start(one, 60, 0)
    best.append(
        descent_curve(one, DiscreteFilter(one, dt, target[:, None, None]), S, 0.02, 6000, 6000).loss[-1]
    )
    two = OverlapProblem(2)
    left = []
    for small in (1e-3, 1e-4, 1e-5):
        start = small * random_start(two, 60, 0)
        curve = descent_curve(two, DiscreteFilter(two, dt, target[:, None, None]), start, rate, 12000)
        slowness = -np.gradient(np.log(curve.loss))
        for height in best:
            resting = np.flatnonzero(np.abs(curve.loss / height - 1) < 0.02)
            slowest = resting[np.argmin(slowness[resting])]
            assert curve.loss[slowest] == pytest.approx(height, rel=1e-4)
            assert slowness[slowest] < 1e-6
        left.append(np.flatnonzero(curve.loss < 0.9 * best[0])[0])
    later, later_still = np.diff(left)
    assert later == pytest.approx(later_still, rel=0.03)
    assert later > 300
