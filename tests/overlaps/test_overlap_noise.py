"""Label noise: exact paths against networks, moments against the paths' own Taylor series, fading of K."""

import json
import re
from functools import partial
from itertools import islice, repeat

import numpy as np
import pytest
import torch
from in_process import derive_here, refusal
from overlap_cases import RANK_ONE, random_overlaps, simulated_loss

from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.closure import GaussianClosure
from derive.overlaps.descent import descent_curve
from derive.overlaps.discrete_filter import exponential_target
from derive.overlaps.noise.fading import fading, noise_matrix
from derive.overlaps.noise.moments import noisy_curve
from derive.overlaps.noise.paths import noisy_paths
from derive.overlaps.noise.visible_noise import unit_directions
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.tasks import WeightedTrials, impulse_task

RATE = 0.02
PROBLEMS = [OverlapProblem(1), OverlapProblem(2, 1, 2), OverlapProblem(2, 2, 1, frozen=("m", "u1"))]


def some_task(problem, trials=3, steps=6, seed=0):
    """Random trials with uneven weights."""
    random = np.random.default_rng(seed)
    shape = (trials, steps)
    inputs = random.standard_normal((*shape, problem.inputs))
    targets = random.standard_normal((*shape, problem.outputs))
    return WeightedTrials(0.2, inputs, targets, random.uniform(0, 0.3, (*shape, problem.outputs)))


def filter_task(steps=100, dt=0.1, decay=0.3, amplitude=1.2):
    return impulse_task(dt, exponential_target(OverlapProblem(), dt, steps, decay, amplitude=amplitude))


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_any_task_without_a_time_loop(problem):
    """Loss and derivatives: scans against the closure's loop over steps, exact for a linear network."""
    task, S = some_task(problem, steps=37), random_overlaps(problem, 2)
    loss, loop = LinearTask(problem, task), GaussianClosure(problem, task)
    assert loss(S)[0] == pytest.approx(loop(S)[0], rel=1e-13)
    assert np.abs(loss(S)[1] - loop(S)[1]).max() < 1e-13
    assert np.abs(loss.response(S) - loop.response(S)).max() < 1e-13


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_taylor_coefficients(problem):
    """What is left after the second order falls as e^3."""
    loss, S = LinearTask(problem, some_task(problem)), random_overlaps(problem, 2)
    V = loss.visible(S)
    H = np.random.default_rng(1).standard_normal((3, *V.shape))
    known = loss.taylor(V, H, 2).derivatives
    left = []
    for e in (0.02, 0.01):
        exact = loss.block_derivatives(V + e * H, loss.target)[1]
        left.append(np.abs(exact - known[:, 0] - e * known[:, 1] - e**2 * known[:, 2]).max())
    assert np.log2(left[0] / left[1]) == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("size", [50, 200, 1000])
@pytest.mark.parametrize("problem", [OverlapProblem(1), OverlapProblem(2, 1, 2)], ids=str)
def test_a_path_is_a_network(problem, size):
    """A full network, autograd through time, with the very noise of the path: rounding apart, one thing."""
    task, S, noise = some_task(problem), random_overlaps(problem, 3), 0.5
    loss = LinearTask(problem, task)
    path = list(islice(noisy_paths(repeat(loss), S, RATE, noise, 2, seed=4), 21))
    random = np.random.default_rng(4)
    X = torch.tensor(sample_network(problem, S, size, 0), requires_grad=True)
    for _, expected in path:
        assert np.abs((X.T @ X / size).detach().numpy() - expected[1]).max() < 1e-12
        drawn = random.standard_normal((2, *loss.target.shape))[1]
        error = noise * drawn.reshape(problem.outputs, task.steps, task.trials).transpose(2, 1, 0)
        arrays = [torch.tensor(a) for a in (task.inputs, task.targets + error, task.weights)]
        (gradient,) = torch.autograd.grad(simulated_loss(problem, X, task.dt, *arrays), X)
        with torch.no_grad():
            X -= RATE * size * gradient


def moments_by_differences(loss, S, noise, epochs, step=0.05):
    """Mean and covariance to order sigma^2 from the exact path as a function of all its noise."""

    def end(errors):
        current = S
        for error in errors:
            block = loss.block_derivatives(loss.visible(current), loss.target + error)[1]
            D = np.zeros_like(S)
            D[: loss.readers, loss.readers :] = block
            F = (D + D.T) * np.array(loss.problem.learns)
            M = np.eye(len(S)) - RATE * F
            current = M.T @ current @ M
        return current

    shape = (epochs, *loss.target.shape)
    centre, mean, covariance = end(np.zeros(shape)), 0, 0
    for unit in np.eye(np.prod(shape)).reshape(-1, *shape):
        values = [end(k * step * unit) for k in (-2, -1, 1, 2)]
        first = (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * step)
        second = (16 * (values[1] + values[2]) - values[0] - values[3] - 30 * centre) / (12 * step**2)
        mean = mean + noise**2 * second / 2
        covariance = covariance + noise**2 * np.outer(first, first)
    return centre, mean, covariance


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_moments_are_the_second_order_of_the_paths(problem):
    """Any rank, any task, frozen vectors: the equations against differences by every single error.

    The noise is small: the equations are followed along their own mean, a sigma^4 apart from this one.
    """
    loss, S = LinearTask(problem, some_task(problem, 2, 4)), random_overlaps(problem, 3)
    noise, epochs = 0.01, 4
    curve = noisy_curve(loss, S, RATE, noise, epochs)
    centre, shift, covariance = moments_by_differences(loss, S, noise, epochs)
    assert np.abs(curve.overlaps[-1] - centre - shift).max() < 1e-7 * np.abs(shift).max()
    assert np.abs(curve.covariance - covariance).max() < 1e-7 * np.abs(covariance).max()


@pytest.mark.slow
def test_the_mean_may_not_be_iterated():
    """Sampled paths of a filter at lr .02, sigma .1: they follow the equations, to the size of N paths.

    What the spread of S adds to the mean has the other sign than what the noise of one epoch adds: the mean
    without its covariance moves uu up, the paths move it down.
    """
    problem = OverlapProblem()
    loss, S = LinearTask(problem, filter_task()), problem.matrix(RANK_ONE)
    epochs, paths, noise = 300, 400, 0.1
    curve, quiet = (noisy_curve(loss, S, RATE, sigma, epochs) for sigma in (noise, 0.0))
    losses, ends = list(islice(noisy_paths(repeat(loss), S, RATE, noise, paths, 0), epochs + 1))[-1]
    error = ends.std(axis=0, ddof=1) / np.sqrt(paths)
    # of ten overlaps the largest of ten Gaussian errors; beyond it lie sigma^4 terms, of a tenth of an error
    assert (np.abs(ends.mean(axis=0) - curve.overlaps[-1]) < 3.5 * error).all()
    assert ends.std(axis=0) == pytest.approx(curve.deviation[-1], rel=4 / np.sqrt(2 * paths))
    assert abs(losses.mean() - curve.loss[-1]) < 3.5 * losses.std() / np.sqrt(paths)
    iterated = S
    for _ in range(epochs):
        iterated = noisy_curve(loss, iterated, RATE, noise, 1).overlaps[-1]
    moved = 1e4 * (curve.overlaps[-1] - quiet.overlaps[-1])[3, 3]
    alone = 1e4 * (iterated - quiet.overlaps[-1])[3, 3]
    assert moved == pytest.approx(-45.65, abs=0.01)
    assert alone == pytest.approx(29.28, abs=0.01)
    assert 1e4 * (ends.mean(axis=0) - quiet.overlaps[-1])[3, 3] == pytest.approx(
        moved, abs=3.5e4 * error[3, 3]
    )


def test_moments_scale_as_the_square_of_the_noise():
    problem = OverlapProblem()
    loss, S = LinearTask(problem, filter_task(40)), problem.matrix(RANK_ONE)
    quiet, small, large = (noisy_curve(loss, S, RATE, sigma, 30) for sigma in (0.0, 1e-3, 2e-3))
    moved = [np.abs(curve.overlaps[-1] - quiet.overlaps[-1]).max() for curve in (small, large)]
    assert np.log2(moved[1] / moved[0]) == pytest.approx(2, abs=1e-4)
    assert np.log2(large.deviation[-1].max() / small.deviation[-1].max()) == pytest.approx(1, abs=1e-6)
    exact = descent_curve(problem, loss, S, RATE, 30)
    assert np.abs(quiet.overlaps - exact.overlaps).max() < 1e-13


@pytest.fixture(scope="module")
def learned():
    """A filter that the network has learned to rounding: the published sampling makes zero loss possible."""
    problem = OverlapProblem()
    target = exponential_target(problem, 0.1, 100, 0.3, sampling="published")
    loss = LinearTask(problem, impulse_task(0.1, target))
    S = descent_curve(problem, loss, problem.matrix(RANK_ONE), RATE, 12000, every=12000).overlaps[-1]
    S = (S + S.T) / 2  # 12000 products leave it symmetric to rounding only
    assert loss(S)[0] < 1e-24
    return loss, S


def norm_of_K(S, covariance):
    """E[tr(J S J S)], J = diag(1, 1, -1, -1)."""
    sign = np.outer([1, 1, -1, -1], [1, 1, -1, -1])
    return float(np.sum(sign * (S**2 + np.diagonal(covariance).reshape(S.shape))))


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.02, 0.01, 0.005])
def test_noise_erases_what_the_flow_conserves(learned, rate):
    """At zero loss |K|^2 falls as exp(-2 epochs/lifetime); formula against moments."""
    loss, S = learned
    epochs, noise = 2000, 0.005
    known = fading(loss, S, rate, noise)
    curve = noisy_curve(loss, S, rate, noise, epochs)
    before = norm_of_K(S, np.zeros((16, 16)))
    assert before > 0.1
    after = norm_of_K(curve.overlaps[-1], curve.covariance)
    # the derivatives need some epochs to come to their spread: a few of 2000
    assert np.log(before / after) / (2 * epochs) * known.lifetime == pytest.approx(1, abs=1 / epochs)
    assert known.rates.min() > 0


@pytest.mark.slow
def test_near_the_limit_of_stability(learned):
    """Twice the rate is worth 2/(2 - lr h) more than four times the fading; above the limit there is none."""
    loss, S = learned
    with pytest.raises(ValueError, match="allowed at these overlaps is less than") as refusal:
        fading(loss, S, 1.0, 0.1)
    limit = float(re.search(r"less than ([0-9.]+)", str(refusal.value))[1])
    descending = noisy_curve(loss, S + 1e-9 * np.eye(4), 0.98 * limit, 0.0, 400)
    assert descending.loss[-1] < 1e-12
    assert fading(loss, S, 0.98 * limit, 0.1).lifetime < fading(loss, S, 0.49 * limit, 0.1).lifetime / 20


def test_fading_of_one_epoch_is_exact(learned):
    """E[K'] = X J (1 - lr^2 Q) X^T of networks, the noise averaged by its own second differences."""
    loss, S = learned
    problem, noise = loss.problem, 0.3
    X = sample_network(problem, S, 40, 0)
    J = np.diag([1.0, 1, -1, -1])
    K = X @ J @ X.T
    mean = np.zeros_like(K)
    for error in np.eye(loss.target.size):
        D = np.zeros((4, 4))
        D[:2, 2:] = loss.block_derivatives(loss.visible(S), loss.target + noise * error)[1]
        moved = X @ (np.eye(4) - RATE * (D + D.T))
        mean += moved @ J @ moved.T - K  # quadratic in the error: each alone, then added
    expected = -(RATE**2) * X @ J @ noise_matrix(loss, S, 0.0, noise) @ X.T
    assert np.abs(mean - expected).max() < 1e-10 * np.abs(K).max()


def test_lifetime_falls_as_the_square_of_noise_and_rate(learned):
    loss, S = learned
    first = fading(loss, S, 1e-5, 0.1)
    # the rate's square up to terms of the order of the rate
    assert fading(loss, S, 2e-5, 0.1).lifetime == pytest.approx(first.lifetime / 4, rel=1e-3)
    assert fading(loss, S, 1e-5, 0.2).lifetime == pytest.approx(first.lifetime / 4, rel=1e-12)
    assert fading(loss, S, 0.01, 0.0).lifetime == np.inf
    assert len(unit_directions(loss)) == 4
    with pytest.raises(ValueError, match="all vectors learning"):
        noise_matrix(LinearTask(OverlapProblem(frozen=("m",)), loss.task), S, 0.01, 0.1)


derive = partial(derive_here, "overlap")


def test_command(tmp_path):
    path = tmp_path / "start.json"
    path.write_text(json.dumps(RANK_ONE))
    common = ("--evolve", path, "--decay", 0.3, "--amplitude", 1.2, "--dt", 0.1, "--steps", 100)
    common += ("--learning-rate", RATE, "--epochs", 20, "--label-noise", 0.1)
    problem = OverlapProblem()
    document = json.loads(derive(*common).stdout)
    curve = noisy_curve(LinearTask(problem, filter_task()), problem.matrix(RANK_ONE), RATE, 0.1, 20)
    for name, pair in problem.pairs.items():
        assert document["overlaps"][name] == pytest.approx(curve.overlaps[:, *pair].tolist(), rel=1e-12)
        assert document["overlaps_std"][name] == pytest.approx(curve.deviation[:, *pair].tolist(), abs=1e-12)
    assert document["overlaps_std"]["uu"][0] == 0
    sampled = json.loads(derive(*common, "--paths", 3, "--seed", 5).stdout)
    assert len(sampled["paths"]) == 3
    several = np.array([path["overlaps"]["vu"] for path in sampled["paths"]])
    assert sampled["overlaps"]["vu"] == pytest.approx(several.mean(axis=0).tolist(), rel=1e-12)
    assert sampled["overlaps_std"]["vu"] == pytest.approx(several.std(axis=0, ddof=1).tolist(), abs=1e-15)
    assert json.loads(derive(*common, "--paths", 3, "--seed", 5).stdout) == sampled
    assert json.loads(derive(*common, "--paths", 3, "--seed", 6).stdout) != sampled


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--label-noise", -1), "--label-noise -1: allowed is a number >= 0"),
        (("--label-noise", "x"), "--label-noise x: allowed is a number >= 0"),
        (("--label-noise", 0.1, "--paths", 0), "--paths 0: allowed are integers >= 1"),
        (("--paths", 3), "--paths 3: allowed with --label-noise"),
        (("--label-noise", 0.1, "--nonlinearity", "erf"), "--nonlinearity erf: allowed is linear"),
    ],
)
def test_bad_noise_is_one_line(options, message):
    assert message in refusal(derive("--start", "random", "--decay", 0.3, *options))
