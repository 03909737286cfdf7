"""The figures of Ger and Barak: their machinery on small cases, and the cheap ones drawn."""

import json
from functools import partial
from itertools import islice

import numpy as np
import pytest
from in_process import refusal, verify_here
from overlap_cases import RANK_ONE, random_overlaps, train

from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.batches.published import decision_batch, flip_flop_batch
from derive.overlaps.batches.rank_one_closure import RankOneClosure
from derive.overlaps.closure import GaussianClosure
from derive.overlaps.discrete_filter import exponential_target
from derive.overlaps.neurons import Neurons, descend_neurons, gauss_hermite_neurons
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.starts import random_start
from derive.overlaps.tasks import impulse_task
from verify.overlaps.gaussianity import closure_gap, gaussianity, mirrored, reading_error
from verify.papers.ger_barak import flip_flop, networks, protocol, twins

ERF = OverlapProblem(nonlinearity="erf")


verify = partial(verify_here, "figures")


@pytest.mark.parametrize("nonlinearity", ["linear", "erf", "tanh"])
def test_closures_of_many_networks(nonlinearity):
    """Losses, derivatives and outputs against the closure of one network at a time."""
    problem = OverlapProblem(nonlinearity=nonlinearity)
    task = flip_flop_batch(np.random.default_rng(0), 3, 0.1, 60)
    several = np.array([random_overlaps(problem, seed) for seed in range(3)])
    many = RankOneClosure(problem)
    losses, derivatives = many(several, task)
    outputs = many.response(several, task)
    for S, loss, D, y in zip(several, losses, derivatives, outputs, strict=True):
        one = GaussianClosure(problem, task)
        assert loss == pytest.approx(one(S)[0], rel=1e-13)
        assert np.abs(D - one(S)[1]).max() < 1e-13
        assert np.abs(y - one.response(S)[:, :, 0]).max() < 1e-13


@pytest.mark.slow
@pytest.mark.parametrize("adam", [False, True])
def test_networks_neuron_by_neuron(adam):
    """Descent is autograd's through the time loop; Adam's first step is the rate in every weight."""
    problem, S = OverlapProblem(), random_start(OverlapProblem(), 60, 2)
    task = protocol.filter_task(problem)
    X = sample_network(problem, S, 60, 0)
    phase = networks.learn(problem, X, LinearTask(problem, task), 5e-3, 3, adam=adam)
    if adam:
        first = networks.learn(problem, X, LinearTask(problem, task), 5e-3, 1, adam=True)
        assert np.abs(np.abs(first.X - X) - 5e-3).max() < 1e-6
        return
    losses, overlaps = train(problem, X, task, 5e-3, 3)
    assert phase.loss == pytest.approx(losses, rel=1e-12)
    assert np.abs(phase.overlaps - overlaps).max() < 1e-12


@pytest.mark.slow
def test_adam_of_neurons_is_adam():
    """The flip-flop's own Adam against torch's, on the same gradients."""
    import torch

    from derive.overlaps.neurons import loss_and_gradient

    source = flip_flop.batches(protocol.FigureSetting(True, lambda label, steps: lambda: None))
    X = sample_network(ERF, random_start(ERF, 30, 0), 30, 0)
    run = flip_flop.learn_neurons(Neurons.network(X), source, 5e-3, 4, lambda: None, adam=True)
    parameter = torch.tensor(X, requires_grad=True)
    stepper = torch.optim.Adam([parameter], lr=5e-3)
    for epoch in range(4):
        current = Neurons.network(parameter.detach().numpy().copy())
        parameter.grad = torch.tensor(loss_and_gradient(ERF, source.batch(epoch), current)[1]) / len(X)
        stepper.step()
    assert np.abs(run.neurons.X - parameter.detach().numpy()).max() < 1e-12


def test_gaussian_neurons_have_no_closure_error():
    """Gauss-Hermite nodes are Gaussian: what is left falls with their number; other columns have an error."""
    S = random_overlaps(ERF, 0)
    task = decision_batch(np.random.default_rng(0), 4, 0.1, 60)
    gaps = [closure_gap(ERF, task, gauss_hermite_neurons(ERF, S, nodes)) for nodes in (3, 5, 7)]
    assert gaps[0] > 3 * gaps[1] > 9 * gaps[2]
    assert gaps[2] < 1e-4
    signs = Neurons.network(sample_network(ERF, S, 400, 0))
    flat = Neurons.network(np.sign(signs.X) * np.abs(signs.X) ** 0.3)
    assert closure_gap(ERF, task, flat) > 100 * gaps[2]
    measured = gaussianity(ERF, mirrored(gauss_hermite_neurons(ERF, S, 9)))
    assert max(abs(value) for value in measured.excess.values()) < 1e-10
    uniform = Neurons.network(np.linspace(-1, 1, 1001)[:, None] * np.ones(4))
    # a uniform variable: kurtosis 9/5, and correlation sqrt(3/pi) with its normal quantiles
    assert gaussianity(ERF, uniform).excess["z"] == pytest.approx(-1.2, abs=1e-5)
    assert gaussianity(ERF, uniform).correlation["z"] == pytest.approx(np.sqrt(3 / np.pi), abs=1e-3)


def test_starts_of_twins():
    """All are Gram matrices; about as many of the drawn are not as of the published (13.5%)."""
    starts, rejected = twins.random_starts(2000, 0)
    assert np.linalg.eigvalsh(starts)[:, 0].min() >= 0
    # three standard errors of a part of 2000 draws
    assert rejected == pytest.approx(0.135, abs=3 * np.sqrt(0.135 * 0.865 / 2000))


def test_decoding():
    """Chance where twins are alike, certainty where an overlap tells them apart."""
    starts, _ = twins.random_starts(twins.PAIRS, 1)
    alike = np.concatenate([starts, starts])
    apart = alike.copy()
    apart[: twins.PAIRS, 0, 0] += 5
    names = twins.groups()["invisible"]
    assert twins.decoding(alike, names, 0.0)[0] == pytest.approx(0.5, abs=1e-12)
    assert twins.decoding(apart, names, 0.0)[0] == 1
    assert 0.5 < twins.decoding(apart, names, 3.0)[0] <= 1
    read = [twins.decoding(apart, names, 0.0, error)[0] for error in (0.5, 5.0, 500.0)]
    assert read[0] == 1
    assert read[0] > read[1] > read[2] - 0.1
    assert read[2] == pytest.approx(0.5, abs=0.15)


def test_second_start():
    """theta_2 has the published changes and the function of theta_1."""
    S = protocol.theta_one()
    other = protocol.theta_two(S)
    problem = OverlapProblem()
    moved = {name for name, pair in problem.pairs.items() if S[pair] != other[pair]}
    assert moved == {"uu", "mu"}
    assert other[problem.pairs["uu"]] * 500 == pytest.approx(32**2)
    assert other[problem.pairs["mu"]] * 500 == pytest.approx(400)


@pytest.mark.slow
def test_a_figure(tmp_path):
    folder = tmp_path / "not" / "yet"
    run = verify("overlap-fig11", "--quick", "--out", folder)
    assert run.returncode == 0, run.stderr
    assert "entries of G, linear" in run.stdout
    document = json.loads((folder / "overlap-fig11.json").read_text())
    assert document["linear"] == {"zero": 42, "visible": 32, "invisible": 26, "mixed": 0}
    assert (folder / "overlap-fig11.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "overlap-fig11.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("name", ["overlap-fig13", "overlap"])
def test_unknown_figure_is_one_line(name):
    assert "overlap-fig12" in refusal(verify(name))


def test_twins_go_on_where_they_stopped(tmp_path, monkeypatch):
    """Interrupted in either stage, in a folder that is not there yet: the same run to the last bit."""

    class Stopped(Exception):
        pass

    def stopping(after):
        steps = iter(range(10**6))

        def step():
            if next(steps) == after:
                raise Stopped

        return lambda label, count: step

    def running(label, count):
        return lambda: None

    monkeypatch.setattr(twins, "KEPT", 2)
    whole = twins.learn_twins(protocol.FigureSetting(True, running, 4))
    folder = tmp_path / "runs"
    for after in (3, 6):
        with pytest.raises(Stopped):
            twins.learn_twins(protocol.FigureSetting(True, stopping(after), 4, folder))
    again = twins.learn_twins(protocol.FigureSetting(True, running, 4, folder))
    for part in ("overlaps", "first", "second"):
        np.testing.assert_array_equal(getattr(again, part), getattr(whole, part))
    (kept,) = folder.iterdir()
    kept.write_bytes(b"no archive")
    twins.learn_twins.cache_clear()
    complaint = refusal(verify("overlap-fig9", "--quick", "--epochs", 4, "--out", folder))
    assert "not a run of twins that was kept" in complaint


def test_epochs_are_those_of_the_twins():
    assert "overlap-fig9 and overlap-fig10" in refusal(verify("overlap-fig5", "--epochs", 3))


def test_error_of_the_closure_from_cumulants():
    """Columns bent by a size e: what fourth cumulants predict is the error in the readings up to a relative
    error of the order of e. With erf, for which the quadrature is exact enough."""
    problem, sizes = ERF, (0.02, 0.01, 0.005)
    task = flip_flop_batch(np.random.default_rng(0), 2, 0.2, 50)
    nodes = mirrored(gauss_hermite_neurons(problem, random_overlaps(problem, 1), 8))
    wrong = []
    for size in sizes:
        bent = nodes.X + size * (nodes.X**3)[:, [2, 3, 3, 2]]
        found = reading_error(problem, task, Neurons(bent, nodes.weights))
        assert found.alignment > 1 - 10 * size
        wrong.append(abs(found.predicted / found.measured - 1))
    assert np.diff(np.log(wrong)) / np.diff(np.log(sizes)) == pytest.approx(1, abs=0.15)


def test_error_of_the_closure_after_learning():
    """The filter of THEORY 6: the prediction points where the error does, and has two thirds of its size."""
    task = impulse_task(0.1, exponential_target(ERF, 0.1, 50, 0.3, amplitude=1.2))
    states = descend_neurons(ERF, task, gauss_hermite_neurons(ERF, ERF.matrix(RANK_ONE), 5), 0.02)
    for epoch, (_, neurons) in enumerate(islice(states, 101)):
        if epoch in (3, 30, 100):
            found = reading_error(ERF, task, neurons)
            assert found.alignment > 0.98
            assert 0.55 < found.predicted / found.measured < 0.95
