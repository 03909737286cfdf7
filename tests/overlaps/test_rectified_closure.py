"""The closure of a ReLU network, whose neurons have means, against neurons, autograd and the exact limit."""

import json
from itertools import islice, repeat

import numpy as np
import pytest
from in_process import derive_here, refusal
from overlap_cases import RANK_ONE

from derive.overlaps.closure import GaussianClosure
from derive.overlaps.descent import descent_curve
from derive.overlaps.discrete_filter import exponential_target
from derive.overlaps.neurons import Neurons, loss_and_gradient, neuron_curve, output, quasi_random_neurons
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.rectified_closure import RectifiedClosure, rectified_curve, rectified_descent
from derive.overlaps.tasks import WeightedTrials, impulse_task

PROBLEM = OverlapProblem(nonlinearity="relu")
FILTER = impulse_task(0.1, exponential_target(PROBLEM, 0.1, 50, 0.3, amplitude=1.2))
RATE, EPOCHS = 0.02, 300


def case(problem, steps=12):
    """S1 of neurons with means, and a task of several channels."""
    random = np.random.default_rng(0)
    X = random.standard_normal((40, problem.size)) / 1.5 + 0.3 * random.standard_normal(problem.size)
    ones = np.hstack([X, np.ones((40, 1))])
    shapes = [(4, steps, problem.inputs), (4, steps, problem.outputs)]
    inputs, targets = (random.standard_normal(shape) for shape in shapes)
    return ones.T @ ones / 40, WeightedTrials(0.2, inputs, targets, np.full(targets.shape, 0.05))


def gaussian_neurons(S1, seed, count):
    mean = S1[:-1, -1]
    covariance = S1[:-1, :-1] - np.outer(mean, mean)
    return Neurons.network(np.random.default_rng(seed).multivariate_normal(mean, covariance, count))


def test_gradient():
    """Every derivative against differences."""
    problem = OverlapProblem(2, 2, 1, "relu")
    S1, task = case(problem)
    loss, step = RectifiedClosure(problem, task), 1e-6
    derivatives = loss(S1)[1]
    for index in list(np.ndindex(S1.shape))[:-1]:
        change = np.zeros_like(S1)
        change[index] = step
        numeric = (loss(S1 + change)[0] - loss(S1 - change)[0]) / (2 * step)
        assert numeric == pytest.approx(derivatives[index], abs=1e-8)


def test_output_is_the_gaussian_average():
    """Gaussian neurons with means approach it as N^(-1/2)."""
    problem = OverlapProblem(2, 2, 1, "relu")
    S1, task = case(problem)
    expected = RectifiedClosure(problem, task).response(S1)
    sizes, errors = (2**10, 2**14), []
    for size in sizes:
        found = [output(problem, task, gaussian_neurons(S1, seed, size)) for seed in range(12)]
        errors.append(np.sqrt(np.mean([(one - expected) ** 2 for one in found])))
    slope = np.log(errors[1] / errors[0]) / np.log(sizes[1] / sizes[0])
    # a root mean square over 12 networks is known to 1/sqrt(24)
    assert slope == pytest.approx(-0.5, abs=3 * np.sqrt(2 / 24) / np.log(16))


def test_first_step_is_the_networks():
    """dS/dtau and the change of the means of Gaussian neurons, on average over networks: exact at S1."""
    S1, task = case(PROBLEM, steps=8)
    rate = 1e-4
    _, after = islice(rectified_descent(PROBLEM, repeat(RectifiedClosure(PROBLEM, task)), S1, rate), 2)
    expected = (after[1] - S1) / rate
    changes = []
    for seed in range(20):
        neurons = gaussian_neurons(S1, seed, 20_000)
        moved = neurons.X - rate * loss_and_gradient(PROBLEM, task, neurons)[1]
        ones = [np.hstack([X, np.ones((len(X), 1))]) for X in (neurons.X, moved)]
        before, later = (one.T @ one / len(one) for one in ones)
        changes.append((later - before) / rate)
    error = np.std(changes, axis=0, ddof=1) / np.sqrt(20)
    assert np.all(np.abs(np.mean(changes, axis=0) - expected) <= 4.5 * error + 1e-9)
    # what leaving out the means would miss
    assert np.abs(expected[:-1, -1]).max() > 20 * error[:-1, -1].max()


@pytest.mark.slow
def test_closer_to_the_limit_than_without_means():
    """The published setting of THEORY 6 with a ReLU: largest error in an overlap, and the loss at the end."""
    S = PROBLEM.matrix(RANK_ONE)
    limit = neuron_curve(PROBLEM, FILTER, quasi_random_neurons(PROBLEM, S, 2**11, 0), RATE, EPOCHS)
    closure, _ = rectified_curve(PROBLEM, repeat(RectifiedClosure(PROBLEM, FILTER)), S, RATE, EPOCHS)
    without = descent_curve(PROBLEM, GaussianClosure(PROBLEM, FILTER), S, RATE, EPOCHS)
    errors = [np.abs(one.overlaps - limit.overlaps).max() for one in (closure, without)]
    assert errors[0] < 0.3
    assert errors[1] > 5 * errors[0]
    assert closure.loss[100] == pytest.approx(limit.loss[100], abs=0.003)
    assert without.loss[100] > 0.1


def test_on_the_command_line():
    common = ("overlap", "--nonlinearity", "relu", "--start", "random", "--decay", 0.3, "--steps", 10)
    run = derive_here(*common, "--epochs", 3, "--limit", "closure")
    document = json.loads(run.stdout)
    assert document["limit"] == "closure"
    assert list(document["means"]) == ["z", "v", "m", "u"]
    assert [values[0] for values in document["means"].values()] == [0] * 4
    assert document["means"]["z"][-1] != 0
    assert json.loads(derive_here(*common, "--epochs", 1, "--nodes", 4).stdout)["limit"] == "exact"
    complaint = refusal(derive_here(*common, "--epochs", 3, "--direct"))
    assert "allowed are linear, erf and tanh" in complaint
