"""Where learning starts, and at which times a target is sampled."""

import json
from functools import partial

import numpy as np
import pytest
from in_process import derive_here, refusal
from overlap_cases import RANK_ONE, train

from derive.overlaps.descent import descent_curve
from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target, sample_times
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.starts import random_network, random_start
from derive.overlaps.tasks import impulse_task

derive = partial(derive_here, "overlap")


def test_sample_times():
    assert sample_times(0.1, 3) == pytest.approx([0.1, 0.2, 0.3])
    assert sample_times(0.1, 3, "published") == pytest.approx([0.0, 0.15, 0.3])
    with pytest.raises(ValueError, match="allowed are ours, published"):
        sample_times(0.1, 3, "theirs")
    with pytest.raises(ValueError, match="integers >= 2"):
        sample_times(0.1, 1, "published")


def test_zero_loss_with_published_sampling():
    """Samples exp(-c k dt T/(T-1)), k = 0, 1, ...: zm = a, and vu of a decay that is a little faster."""
    problem, dt, steps, decay, amplitude = OverlapProblem(), 0.05, 400, 0.2, 1.3
    target = exponential_target(problem, dt, steps, decay, amplitude=amplitude, sampling="published")
    step = np.exp(-decay * dt * steps / (steps - 1))
    vu = 1 - (1 - step) / dt
    S = np.zeros((4, 4))
    for name, value in (("zm", amplitude), ("zu", amplitude * vu), ("vm", 1.0), ("vu", vu)):
        S[problem.pairs[name]] = value
    loss, _ = DiscreteFilter(problem, dt, target)(S)
    assert loss < 1e-24


@pytest.mark.slow
def test_the_published_protocol_in_a_network():
    """N = 500, dt 0.05, 400 steps, c 0.2, lr 5e-3, their sampling: map and network, to rounding."""
    problem = OverlapProblem()
    target = exponential_target(problem, 0.05, 400, 0.2, sampling="published")
    S = random_start(problem, 500, 3)
    losses, overlaps = train(
        problem, sample_network(problem, S, 500, 1), impulse_task(0.05, target), 5e-3, 12
    )
    curve = descent_curve(problem, DiscreteFilter(problem, 0.05, target), S, 5e-3, 12)
    assert np.abs(overlaps - curve.overlaps).max() < 1e-12
    assert losses == pytest.approx(curve.loss, rel=1e-12)


@pytest.mark.parametrize("problem", [OverlapProblem(1), OverlapProblem(2), OverlapProblem(3, 2, 2)], ids=str)
def test_random_start(problem):
    X = random_network(problem, 300, 5)
    S = random_start(problem, 300, 5)
    assert np.abs(X.T @ X / 300 - S).max() < 1e-14
    for block in problem.blocks.values():
        assert np.trace(S[block, block]) == pytest.approx(1, abs=1e-13)
    assert np.array_equal(S, random_start(problem, 300, 5))
    assert not np.array_equal(S, random_start(problem, 300, 6))
    spread = [random_start(problem, size, 5)[0, -1] for size in (10**3, 10**5)]
    assert abs(spread[1]) < abs(spread[0]) < 0.2


@pytest.mark.parametrize("problem", [OverlapProblem(1), OverlapProblem(2), OverlapProblem(3, 2, 2)], ids=str)
def test_balanced_start(problem):
    """The same from both ends, a Gram matrix, blocks of norm 1."""
    S = random_start(problem, 200, 1, balanced=True)
    other = [name.translate(str.maketrans("zvmu", "muzv")) for name in problem.vectors]
    swap = [problem.vectors.index(name) for name in other]
    assert np.abs(S - S[np.ix_(swap, swap)]).max() < 1e-15
    assert np.linalg.eigvalsh(S)[0] > 0
    for block in problem.blocks.values():
        assert np.trace(S[block, block]) == pytest.approx(1, abs=1e-13)


@pytest.mark.slow
def test_balanced_start_has_the_law_of_the_published_rejection():
    """Variance of zu where zu and vm agree: half of a free overlap's 1/N, in both."""
    problem, size = OverlapProblem(), 100
    kept = []
    for seed in range(4000):
        S = random_start(problem, size, seed)
        if abs(S[0, 3] - S[1, 2]) < 0.02:  # the published 1e-3 would keep one of a hundred
            kept.append(S[0, 3])
    ours = [random_start(problem, size, seed, balanced=True)[0, 3] for seed in range(1000)]
    for values in (kept, ours):
        # a variance from n draws: sqrt(2/n) of itself; four of those, and terms of order 1/N
        assert np.var(values) * 2 * size == pytest.approx(1, abs=4 * np.sqrt(2 / len(values)) + 2 / size)


def test_start_on_the_command_line(tmp_path):
    path = tmp_path / "start.json"
    path.write_text(json.dumps(RANK_ONE))
    common = ("--decay", 0.3, "--steps", 20, "--epochs", 3)
    assert derive("--start", path, *common).stdout == derive("--evolve", path, *common).stdout
    document = json.loads(derive("--start", "random", "--size", 80, "--seed", 4, *common).stdout)
    assert document["overlaps"]["vu"][0] == random_start(OverlapProblem(), 80, 4)[1, 3]
    document = json.loads(derive("--start", "balanced", "--rank", 2, *common).stdout)
    assert document["overlaps"]["zu1"][0] == pytest.approx(document["overlaps"]["v1m"][0], abs=1e-16)
    published = json.loads(derive("--evolve", path, *common, "--sampling", "published").stdout)
    problem = OverlapProblem()
    target = exponential_target(problem, 0.05, 20, 0.3, sampling="published")
    loss, _ = DiscreteFilter(problem, 0.05, target)(problem.matrix(RANK_ONE))
    assert published["loss"][0] == pytest.approx(loss, rel=1e-13)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--start", "random", "--evolve", "x.json"), "allowed is one of them"),
        (("--start", "random", "--size", 3), "--size 3: allowed are integers >= 4"),
        (("--start", "random", "--size", "x"), "--size x: allowed are integers >= 4"),
        (("--start", "random", "--seed", -1), "--seed -1: allowed are integers >= 0"),
        (("--start", "balanced", "--inputs", 2), "as many inputs as outputs"),
        (("--start", "absent.json"), "No such file"),
        (("--evolve", "x.json", "--size", 30), "--size 30: allowed with --start random or balanced"),
        (("--start", "random", "--sampling", "theirs"), "--sampling theirs: allowed are ours, published"),
        (("--start", "random", "--sampling", "published", "--steps", 1), "allowed with published sampling"),
    ],
)
def test_bad_starts_are_one_line(options, message):
    assert message in refusal(derive(*options, "--decay", 0.3))


def test_no_start_no_seed():
    assert "--seed 3: allowed with --evolve or --start only" in refusal(derive("--seed", 3))
