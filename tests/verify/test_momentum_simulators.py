"""Momentum in all simulators: torch's SGD on the plain network, the rule itself, and theory at large N."""

import numpy as np
import pytest
import torch
from in_process import refusal, verify_here
from scipy.stats import chi2
from slow_cases import slow_but

from derive import limit
from derive.exact.descent import descent
from derive.exact.fluctuations.measure import overlap_measure
from derive.exact.momentum import Momentum
from derive.flow.reduction import instance_bases
from verify.simulators import SIMULATORS, Options, sample_task, simulate, simulate_together
from verify.simulators.rank_one import MOST_ROWS
from verify.truth.networks import TIME_STEP, UnrolledNetwork

METHODS = [Momentum(0.5), Momentum(0.9), Momentum(0.9, nesterov=True), Momentum(0.98, nesterov=True)]
G, UNIT = 0.6, 0.64**2
EPOCHS = 3 * MOST_ROWS + 50
"""More than the velocity has rows, and than lie between two fresh inverses."""


def task(method, size=60, epochs=EPOCHS, zhat=1.0, rate=0.05, dtype="float64"):
    return sample_task(size, G, 4, zhat, rate * (1 - method.mu) * UNIT, epochs, dtype, method)


def by_torch(problem, unrolled):
    """Readouts and W by autograd through the network as it is written down, and torch.optim.SGD."""
    W, m, w = (torch.tensor(x, dtype=torch.float64) for x in (problem.instance.W0, *vectors(problem)))
    W.requires_grad_()
    method = problem.momentum
    optimizer = torch.optim.SGD(
        [W], lr=problem.learning_rate, momentum=method.mu, nesterov=method.nesterov and method.mu > 0
    )
    readouts, norms = [], []
    for epoch in range(problem.epochs + 1):
        if unrolled:
            x = torch.zeros_like(m)
            for _ in range(UnrolledNetwork.steps):
                x = x + TIME_STEP * (-x + W @ x + m)
        else:
            x = torch.linalg.solve(torch.eye(len(m), dtype=torch.float64) - W, m)
        loss = (problem.zhat - w @ x) ** 2 / 2
        readouts.append((w @ x).item())
        optimizer.zero_grad()
        loss.backward()
        norms.append(float(torch.linalg.norm(W.grad)))
        if epoch < problem.epochs:
            optimizer.step()
    return np.array(readouts), np.array(norms), W.detach().numpy()


def vectors(problem):
    return problem.instance.m, problem.instance.w


@pytest.mark.parametrize("method", slow_but(METHODS[2:3], METHODS), ids=str)
@pytest.mark.parametrize("simulator", SIMULATORS)
def test_every_simulator_is_torchs_optimizer(simulator, method):
    """To rounding; the unrolled one for fewer epochs, since autograd keeps every step of time."""
    problem = task(method, epochs=12 if simulator == "unrolled" else EPOCHS)
    readouts, norms, W = by_torch(problem, simulator == "unrolled")
    run = simulate(simulator, problem, Options(tolerance=1e-13))
    np.testing.assert_allclose(run.readout, readouts, rtol=0, atol=1e-12)
    np.testing.assert_allclose(run.gradient_norm, norms, rtol=0, atol=1e-11)
    change = W - problem.instance.W0
    np.testing.assert_allclose(run.frobenius_norm[-1], np.linalg.norm(change), rtol=0, atol=1e-12)
    singular = np.linalg.svd(change, compute_uv=False)[:3]
    np.testing.assert_allclose(run.singular_values[-1, :3], singular, rtol=0, atol=1e-11)
    np.testing.assert_allclose(run.connectivity(problem.instance.W0), W, rtol=0, atol=1e-11)
    other = problem.shuffled() + change
    shuffled = problem.instance.w @ np.linalg.solve(np.eye(len(W)) - other, problem.instance.m)
    assert run.shuffled_loss[-1] == pytest.approx((problem.zhat - shuffled) ** 2 / 2, abs=1e-10)
    assert run.tau[1] == pytest.approx(problem.learning_rate / (1 - method.mu))


@pytest.mark.slow
def test_no_momentum_is_plain_descent_bit_by_bit():
    for simulator in SIMULATORS:
        plain, none = (
            simulate(simulator, sample_task(40, G, 1, 1.0, 0.01, 60, momentum=method))
            for method in (Momentum(), Momentum(0.0, nesterov=True))
        )
        for name in ("readout", "singular_values", "shuffled_loss", "left", "eigenvalues"):
            np.testing.assert_array_equal(getattr(plain, name), getattr(none, name))


@pytest.mark.parametrize("simulator", ["inverse", "fixed_point"])
def test_float32_is_the_double_run_rounded(simulator):
    method = Momentum(0.9)
    single = simulate(simulator, task(method, epochs=80, dtype="float32"), Options(dtype="float32"))
    double = simulate("reduced", task(method, epochs=80))
    np.testing.assert_allclose(single.readout, double.readout, rtol=0, atol=1e-5)
    assert not np.array_equal(single.readout, double.readout)


@pytest.mark.parametrize("method", METHODS[1:3], ids=str)
def test_one_network_in_theory(method):
    """`derive curve --network --momentum` runs the reduction at W; the simulators look where torch does,
    which is W + mu V for Nesterov's method."""
    problem = task(method)
    run = simulate("inverse", problem)
    reduction, *_ = instance_bases(problem.instance, 24)
    how = {"keep": True, "momentum": method}
    ahead = descent(reduction, problem.zhat, problem.learning_rate, EPOCHS, look_ahead=True, **how)
    np.testing.assert_allclose(run.readout, ahead.readout, rtol=0, atol=1e-11)
    at_W = descent(reduction, problem.zhat, problem.learning_rate, EPOCHS, **how)
    velocity = np.diff(at_W.change, axis=0)
    torchs = at_W.change[1:] + method.mu * method.nesterov * velocity
    np.testing.assert_allclose(torchs, ahead.change[1:], rtol=0, atol=1e-13)


def predicted_variance(run):
    """N Var of what ``run`` makes of a reduction: its derivatives by the weights of the overlap measure, by
    central differences, and their covariance between networks (THEORY 8)."""
    measure, part = overlap_measure(G, 0.0, 12), 1e-4
    by = []
    for row in np.eye(len(measure.weights)):
        above, below = (measure.weights * (1 + sign * part * row) for sign in (1, -1))
        by.append(run(measure.reduction(above, above)) - run(measure.reduction(below, below)))
    derivatives = np.array(by) / (2 * part * measure.weights)
    return derivatives @ measure.covariance() @ derivatives


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS[1:3], ids=str)
def test_large_networks_are_the_limit(method):
    """Readouts lie about that of the same descent at N = infinity with the variance of theory: the sum of 24
    squares over it is chi-squared at each size, and over all sizes, within 99.8%."""
    sizes, count, epochs = (128, 256, 512), 24, 30
    rate = 0.02 * (1 - method.mu) * UNIT

    def end(reduction):
        return descent(reduction, 0.5, rate, epochs, momentum=method, look_ahead=True).readout[-1]

    exact, variance = end(limit.limit_reduction(G, 24)), predicted_variance(end)
    sums = []
    for size in sizes:
        tasks = [
            sample_task(size, G, 100 + seed, 0.5, rate, epochs, momentum=method) for seed in range(count)
        ]
        ends = np.array([simulate("reduced", one).readout[-1] for one in tasks])
        sums.append(size * np.sum((ends - exact) ** 2) / variance)
    for total, degrees in (*((x, count) for x in sums), (sum(sums), count * len(sizes))):
        low, high = chi2.ppf([0.001, 0.999], degrees)
        assert low < total < high, (sums, variance)


def test_failed_learning_is_the_same_failure_in_all():
    """Far above the limit of stability every simulator leaves the target by the same path, and one of several
    networks that does so leaves the others alone."""
    method = Momentum(0.8)
    wild = sample_task(60, G, 2, 4.0, 0.004 * UNIT, 40, momentum=method)
    runs = [simulate(name, wild) for name in ("fixed_point", "inverse", "reduced")]
    for run in runs[1:]:
        np.testing.assert_allclose(run.readout[:25], runs[0].readout[:25], rtol=1e-6, atol=1e-8)
    tame = sample_task(60, G, 3, 0.5, 0.004 * UNIT, 40, momentum=method)
    together = simulate_together("fixed_point", [tame, wild])
    np.testing.assert_allclose(together[0].readout, simulate("fixed_point", tame).readout, rtol=0, atol=1e-13)


def test_momenta_do_not_mix_in_one_computation():
    problems = [task(method, epochs=3) for method in METHODS[:2]]
    with pytest.raises(ValueError, match="several momenta: allowed are runs of one"):
        simulate_together("fixed_point", problems)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--momentum", "1"), "--momentum 1: allowed is 0 <= MU < 1"),
        (("--momentum", "nan"), "--momentum nan: allowed is 0 <= MU < 1"),
        (("--momentum", "-0.5"), "--momentum -0.5: allowed is 0 <= MU < 1"),
        (("--nesterov",), "--nesterov: allowed with --momentum"),
    ],
)
@pytest.mark.parametrize("command", [(), ("sweep", "--g", "0", "--zhat", "1", "--learning-rate", "0.1")])
def test_refusals(tmp_path, command, words, line):
    words = (*command, *words, *(("--store", str(tmp_path / "runs")) if command else ()))
    assert (line if not command else "allowed ") in refusal(verify_here(*words))
    assert not (tmp_path / "runs").exists()
