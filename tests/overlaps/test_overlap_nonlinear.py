"""The closure, the exact limit by quadrature, and real networks, side by side (THEORY 6)."""

import numpy as np
import pytest
from overlap_cases import RANK_ONE, random_overlaps, train
from slow_cases import slow_but

from derive.overlaps.closure import GaussianClosure
from derive.overlaps.descent import descent_curve
from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target
from derive.overlaps.neurons import (
    Neurons,
    gauss_hermite_neurons,
    loss_and_gradient,
    neuron_curve,
    output,
    quasi_random_neurons,
)
from derive.overlaps.nonlinearity import NONLINEARITIES
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.tasks import WeightedTrials, decision, flip_flop, impulse_task

ERF = OverlapProblem(nonlinearity="erf")
# the setting of THEORY 6: dt 0.1, 50 steps, y* = 1.2 exp(-0.3 t), lr 0.02, 300 epochs
FILTER = impulse_task(0.1, exponential_target(ERF, 0.1, 50, 0.3, amplitude=1.2))
RATE, EPOCHS = 0.02, 300


@pytest.mark.slow
def test_exact_limit_and_closure_end_where_theory_says():
    S = ERF.matrix(RANK_ONE)
    closure = descent_curve(ERF, GaussianClosure(ERF, FILTER), S, RATE, EPOCHS).overlap("zz")[-1]
    exact = neuron_curve(ERF, FILTER, gauss_hermite_neurons(ERF, S, 8), RATE, EPOCHS).overlap("zz")[-1]
    assert closure == pytest.approx(3.080, abs=5e-4)
    assert exact == pytest.approx(2.780, abs=5e-4)


@pytest.mark.slow
def test_networks_approach_the_exact_limit_and_not_the_closure():
    """Random networks deviate from the limit as N^(-1/2), and keep a distance from the closure."""
    S, epochs = ERF.matrix(RANK_ONE), 80
    closure = descent_curve(ERF, GaussianClosure(ERF, FILTER), S, RATE, epochs).overlap("zz")[-1]
    exact = neuron_curve(ERF, FILTER, gauss_hermite_neurons(ERF, S, 7), RATE, epochs).overlap("zz")[-1]
    sizes, seeds = (64, 256, 1024), 10
    spread = []
    for size in sizes:
        ends = []
        for seed in range(seeds):
            X = np.random.default_rng(seed).multivariate_normal(np.zeros(4), S, size)
            curve = neuron_curve(ERF, FILTER, Neurons.network(X), RATE, epochs)
            ends.append(curve.overlap("zz")[-1])
        spread.append(np.sqrt(np.mean((np.array(ends) - exact) ** 2)))
    slope = np.polyfit(np.log(sizes), np.log(spread), 1)[0]
    # a root mean square over 10 seeds is known to 1/sqrt(20) = 22%: the slope to 0.22 sqrt(2)/log(16)
    assert slope == pytest.approx(-0.5, abs=3 * 0.22 * np.sqrt(2) / np.log(16))
    assert abs(closure - exact) > 3 * spread[-1]


@pytest.mark.slow
def test_first_step_agrees_to_first_order():
    """Closure and limit have the same dS/dtau at Gaussian columns; the second derivative differs."""
    S = ERF.matrix(RANK_ONE)
    nodes = gauss_hermite_neurons(ERF, S, 16)
    differences = []
    for rate in (1e-2, 5e-3, 2.5e-3):
        one = neuron_curve(ERF, FILTER, nodes, rate, 2).overlaps[2]
        differences.append(
            np.abs(one - descent_curve(ERF, GaussianClosure(ERF, FILTER), S, rate, 2).overlaps[2]).max()
        )
    slopes = np.diff(np.log(differences)) / np.log(0.5)
    assert slopes == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("phi", slow_but(["erf"], ["erf", "tanh", "relu"]))
def test_neurons_are_the_full_network(phi):
    """Our backpropagation against autograd, 50 epochs, double precision."""
    problem = OverlapProblem(2, 2, 2, phi)
    task = flip_flop(2, 3, 0.2, 30, 1)
    X = sample_network(problem, random_overlaps(problem, 1), 60, 0)
    losses, overlaps = train(problem, X, task, 0.02, 50, phi=phi)
    curve = neuron_curve(problem, task, Neurons.network(X), 0.02, 50)
    assert np.abs(curve.loss - losses).max() < 1e-12
    assert np.abs(curve.overlaps - overlaps).max() < 1e-12


@pytest.mark.parametrize("phi", ["linear", "erf", "tanh", "relu"])
def test_closure_gradient(phi):
    problem = OverlapProblem(2, 1, 1, phi)
    loss = GaussianClosure(problem, decision(4, 0.2, 20, 0))
    S = random_overlaps(problem, 2)
    derivatives, step = loss(S)[1], 1e-6
    for index in np.ndindex(S.shape):
        change = np.zeros_like(S)
        change[index] = step
        assert (loss(S + change)[0] - loss(S - change)[0]) / (2 * step) == pytest.approx(
            derivatives[index], abs=1e-8
        )


def test_closure_of_a_linear_network_is_the_discrete_filter():
    problem = OverlapProblem(2, 2, 2)
    S, target = random_overlaps(problem, 2), exponential_target(problem, 0.1, 30, 0.3)
    one, two = GaussianClosure(problem, impulse_task(0.1, target))(S), DiscreteFilter(problem, 0.1, target)(S)
    assert one[0] == pytest.approx(two[0], abs=1e-13)
    assert np.abs(one[1] - two[1]).max() < 1e-13


@pytest.mark.parametrize("phi", ["erf", "tanh"])
def test_closure_output_is_the_gaussian_average(phi):
    """At Gaussian columns the closure is exact: Gauss-Hermite neurons converge to it."""
    problem = OverlapProblem(nonlinearity=phi)
    S, task = problem.matrix(RANK_ONE), decision(4, 0.2, 20, 0)
    exact = GaussianClosure(problem, task).response(S)
    errors = [
        np.abs(output(problem, task, gauss_hermite_neurons(problem, S, n)) - exact).max() for n in (6, 12)
    ]
    assert errors[1] < 1e-4 * np.abs(exact).max()
    assert errors[1] < errors[0] / 10


@pytest.mark.parametrize("odd_count", [5, 6])
def test_half_rule_is_the_whole_rule(odd_count):
    """x and -x learn as mirror images where phi is odd: half of the nodes give the same curve."""
    S = ERF.matrix(RANK_ONE)
    half = gauss_hermite_neurons(ERF, S, odd_count)
    relu = gauss_hermite_neurons(OverlapProblem(nonlinearity="relu"), S, odd_count)
    assert len(relu.X) == odd_count**4
    one, two = (neuron_curve(ERF, FILTER, n, RATE, 10) for n in (half, relu))
    assert np.abs(one.overlaps - two.overlaps).max() < 1e-12


@pytest.mark.slow
def test_rules_agree_above_rank_one():
    """Rank 2, six dimensions: two scrambles of 2^14 Sobol points, and Gauss-Hermite towards them."""
    problem = OverlapProblem(2, nonlinearity="tanh")
    S, task = random_overlaps(problem, 4), impulse_task(0.2, exponential_target(problem, 0.2, 20, 0.3))

    def end(rule):
        return neuron_curve(problem, task, rule, 0.05, 10).overlaps[-1]

    one, two = (end(quasi_random_neurons(problem, S, 2**14, seed)) for seed in (0, 1))
    assert np.abs(one - two).max() < 3e-4  # 16384 random points: about 1e-2
    coarse, fine = (np.abs(end(gauss_hermite_neurons(problem, S, n)) - one).max() for n in (4, 6))
    assert fine < coarse / 2


@pytest.mark.parametrize(
    ("delta", "accuracy"), [(0.1, 1e-14), (1.0, 1e-14), (9.0, 1e-14), (30.0, 3e-8), (90.0, 5e-5)]
)
def test_gain_of_tanh(delta, accuracy):
    """The stated accuracy of the gain, against adaptive quadrature."""
    from scipy.integrate import quad

    def density(x):
        return np.exp(-x * x / 2) / np.sqrt(2 * np.pi)

    exact = quad(
        lambda x: density(x) * (1 - np.tanh(np.sqrt(delta) * x) ** 2),
        -40,
        40,
        epsabs=1e-14,
        limit=400,
        points=[0],
    )[0]
    assert float(NONLINEARITIES["tanh"].gain(np.array(delta))) == pytest.approx(exact, abs=accuracy)


@pytest.mark.parametrize("name", list(NONLINEARITIES))
def test_gain_slope_and_derivative(name):
    phi, step = NONLINEARITIES[name], 1e-6
    x = np.array([-1.3, -0.2, 0.4, 2.0])
    assert phi.derivative(x) == pytest.approx(
        (phi.function(x + step) - phi.function(x - step)) / (2 * step), abs=1e-8
    )
    delta = np.array([0.2, 0.9, 2.0])
    slope = (phi.gain(delta + step) - phi.gain(delta - step)) / (2 * step)
    assert phi.gain_slope(delta) == pytest.approx(slope, abs=1e-6)


def test_tasks_are_masked_and_checked():
    task = flip_flop(2, 4, 0.1, 60, 3)
    assert (task.targets[task.weights > 0] != 0).all()
    assert not task.weights[:, 0].any()
    before = loss_and_gradient(ERF, FILTER, gauss_hermite_neurons(ERF, ERF.matrix(RANK_ONE), 3))[0]
    ignored = WeightedTrials(FILTER.dt, FILTER.inputs, FILTER.targets, np.zeros_like(FILTER.weights))
    assert (
        loss_and_gradient(ERF, ignored, gauss_hermite_neurons(ERF, ERF.matrix(RANK_ONE), 3))[0] == 0 < before
    )
    with pytest.raises(ValueError, match="2 inputs and 2 outputs: the problem has 1 and 1"):
        GaussianClosure(ERF, task)
