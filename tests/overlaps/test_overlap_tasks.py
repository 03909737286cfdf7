"""BatchSource as published or from a file, learned by overlaps, limit and networks; direct descent."""

import json
from functools import partial
from itertools import islice, repeat

import numpy as np
import pytest
from in_process import derive_here, refusal
from overlap_cases import RANK_ONE, random_overlaps, train
from slow_cases import slow_but

from derive.overlaps.batches.linear_task import LinearTask
from derive.overlaps.batches.published import (
    decision_batch,
    flip_flop_batch,
    published_teacher,
    taught_batch,
)
from derive.overlaps.batches.source import BatchSource
from derive.overlaps.batches.task_file import task_of_file
from derive.overlaps.closure import GaussianClosure
from derive.overlaps.descent import curve_of, descend_batches, descent_curve
from derive.overlaps.discrete_filter import DiscreteFilter, exponential_target
from derive.overlaps.problem import OverlapProblem
from derive.overlaps.sampling import sample_network
from derive.overlaps.starts import random_start
from derive.overlaps.tasks import WeightedTrials
from derive.overlaps.visible_descent import visible_descent

DT, STEPS = 0.05, 400


derive = partial(derive_here, "overlap")


def random(seed=0):
    return np.random.default_rng(seed)


def test_flip_flop_trials():
    """First pulse at .5, .5 long; nothing asked for 2 after it; then asked for 4 to 10, until the next."""
    task = flip_flop_batch(random(), 50, DT, STEPS)
    asked = task.weights > 0
    assert task.weights.sum() == pytest.approx(1, abs=1e-12)
    for inputs, targets, mask in zip(task.inputs[..., 0], task.targets[..., 0], asked[..., 0], strict=True):
        onsets = np.flatnonzero((inputs != 0) & (np.roll(inputs, 1) == 0))
        assert onsets[0] == round(0.5 / DT)
        for onset, following in zip(onsets, [*onsets[1:], STEPS], strict=True):
            assert (inputs[onset : min(onset + 10, STEPS)] == inputs[onset]).all()
            assert (inputs[onset + 10 : following] == 0).all()
            assert (targets[onset:following] == 0.5 * inputs[onset]).all()
            assert not mask[onset : onset + 50].any()
            assert mask[onset + 50 : following].all()
            if following < STEPS:
                assert 2.5 + 4 - DT <= (following - onset) * DT <= 2.5 + 10 + DT


def test_decision_trials():
    task = decision_batch(random(), 2000, DT, STEPS)
    asked = task.weights[0, :, 0] > 0
    assert np.flatnonzero(asked).tolist() == list(range(220, 400))
    coherence = 16 * task.targets[:, -1, 0]
    assert set(np.round(coherence, 9)) == {-16, -8, -2, 2, 8, 16}
    stimulus = task.inputs[:, 20:200, 0].mean(axis=1)
    # noise of 0.05 over 180 samples; the largest of 2000
    assert np.abs(stimulus - 0.032 * coherence).max() < 4.5 * 0.05 / np.sqrt(180)
    assert task.inputs[:, :20].std() == pytest.approx(0.05, rel=0.02)


def test_the_teacher_is_learned_by_itself():
    """A student with the teacher's overlaps makes no error, and stays; loss = T dt times the mean square."""
    problem = OverlapProblem(nonlinearity="erf")
    teacher = published_teacher(problem)
    task = taught_batch(random(), 4, DT, 90, problem, teacher)
    loss, derivatives = GaussianClosure(problem, task)(teacher)
    assert loss == 0
    assert np.abs(derivatives).max() == 0
    silent = GaussianClosure(problem, task)(np.zeros((4, 4)))[0]
    assert silent == pytest.approx(90 * DT * np.mean(task.targets**2), rel=1e-12)


@pytest.mark.parametrize(
    "problem", slow_but([OverlapProblem(1)], [OverlapProblem(1), OverlapProblem(2, 2, 2)]), ids=str
)
def test_a_linear_network_on_flip_flops(problem):
    """Exact descent in overlaps against a network of 60 neurons."""
    task = flip_flop_batch(random(), 3, 0.1, 80, problem.inputs)
    S = random_overlaps(problem, 0)
    curve = descent_curve(problem, LinearTask(problem, task), S, 0.05, 12)
    losses, overlaps = train(problem, sample_network(problem, S, 60, 0), task, 0.05, 12)
    assert losses == pytest.approx(curve.loss, rel=1e-12)
    assert np.abs(overlaps - curve.overlaps).max() < 1e-12


def test_fresh_batches():
    """The batch of an epoch is the same for everyone who asks; a network sees what the overlaps see."""
    problem = OverlapProblem()
    batches = BatchSource(lambda generator: flip_flop_batch(generator, 2, 0.1, 60), seed=7)
    assert np.array_equal(batches.batch(3).inputs, batches.batch(3).inputs)
    assert not np.array_equal(batches.batch(3).inputs, batches.batch(4).inputs)
    fixed = BatchSource(batches.draw, 7, fixed=True)
    assert np.array_equal(fixed.batch(9).inputs, batches.batch(0).inputs)
    S = random_start(problem, 50, 0)
    losses = (LinearTask(problem, task) for task in batches.tasks())
    curve = curve_of(problem, descend_batches(problem, losses, S, 0.1), 5)
    X = sample_network(problem, S, 50, 0)
    for epoch, task in enumerate(islice(batches.tasks(), 5)):
        losses_of_network, overlaps = train(problem, X, task, 0.1, 1)
        assert losses_of_network[0] == pytest.approx(curve.loss[epoch], rel=1e-12)
        assert np.abs(overlaps[1] - curve.overlaps[epoch + 1]).max() < 1e-12
        X = sample_network(problem, overlaps[1], 50, epoch)


def test_direct_descent():
    """It follows dL/dsigma by differences, leaves the invisible overlaps alone, and learns more slowly."""
    problem = OverlapProblem()
    target = exponential_target(problem, DT, STEPS, 0.2, sampling="published")
    loss, S, rate = DiscreteFilter(problem, DT, target), random_start(problem, 500, 0), 5e-3
    states = list(islice(visible_descent(problem, repeat(loss), S, rate), 1200))
    moved, e = states[1][1] - S, 1e-6
    for name, (i, j) in problem.pairs.items():
        unit = np.zeros_like(S)
        unit[i, j] = unit[j, i] = e
        slope = (loss(S + unit)[0] - loss(S - unit)[0]) / (2 * e)
        assert moved[i, j] == moved[j, i] == pytest.approx(-rate * slope, abs=1e-9), name
    preconditioned = descent_curve(problem, loss, S, rate, 1200).loss
    direct = np.array([value for value, _ in states])
    epochs = [int(np.argmax(curve < 0.05 * curve[0])) for curve in (preconditioned, direct)]
    # published for one start: 471 and 1717, a ratio of 3.6; five percent of the first loss
    assert epochs == [319, 811]


def test_direct_descent_on_a_diagonal_overlap():
    problem = OverlapProblem(nonlinearity="erf")
    loss = GaussianClosure(problem, flip_flop_batch(random(), 2, 0.1, 60))
    S, e = problem.matrix({**RANK_ONE, "zm": 0.8}), 1e-6
    _, (_, after) = islice(visible_descent(problem, repeat(loss), S, 0.1), 2)
    unit = np.zeros_like(S)
    unit[2, 2] = e
    slope = (loss(S + unit)[0] - loss(S - unit)[0]) / (2 * e)
    assert after[2, 2] - S[2, 2] == pytest.approx(-0.1 * slope, rel=1e-5)


def some_arrays(problem):
    task = flip_flop_batch(random(), 3, 0.1, 70, problem.inputs)
    return task, {"inputs": task.inputs, "targets": task.targets, "mask": task.weights}


def test_task_file(tmp_path):
    problem = OverlapProblem()
    task, arrays = some_arrays(problem)
    np.savez(tmp_path / "own.npz", **arrays)
    found = task_of_file(tmp_path / "own.npz", problem, 0.1)
    assert np.array_equal(found.inputs, task.inputs)
    assert np.allclose(found.weights, task.weights, rtol=1e-14)
    (tmp_path / "start.json").write_text(json.dumps(RANK_ONE))
    common = ("--evolve", tmp_path / "start.json", "--task", tmp_path / "own.npz", "--dt", 0.1)
    document = json.loads(derive(*common, "--epochs", 3).stdout)
    S = problem.matrix(RANK_ONE)
    curve = descent_curve(problem, LinearTask(problem, task), S, 0.005, 3)
    assert document["loss"] == pytest.approx(curve.loss.tolist(), rel=1e-12)
    noisy = json.loads(derive(*common, "--epochs", 3, "--label-noise", 0.1).stdout)
    assert noisy["overlaps_std"]["zm"][-1] > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.pop("targets"), "arrays inputs, mask: allowed are inputs, targets and mask"),
        (lambda a: a.update(other=a["mask"]), "allowed are inputs, targets and mask"),
        (lambda a: a.update(inputs=a["inputs"][:, :, 0]), "allowed are numbers, (batch, T, 1)"),
        (lambda a: a.update(targets=a["targets"][:2]), "allowed is (3, 70, 1)"),
        (lambda a: a.update(inputs=np.repeat(a["inputs"], 2, axis=2)), "allowed is (batch, T, 1)"),
        (lambda a: a.update(mask=-a["mask"]), "mask: allowed are numbers >= 0"),
        (lambda a: a.update(mask=0 * a["mask"]), "mask: allowed are numbers >= 0, not all of them 0"),
        (lambda a: a.update(targets=a["targets"] * np.nan), "targets: allowed are finite numbers"),
        (lambda a: a.update(inputs=a["inputs"].astype(object)), "not an archive of arrays"),
        (lambda a: a.update(inputs=a["inputs"].astype(str)), "allowed are numbers"),
    ],
)
def test_bad_task_files_are_one_line(change, message, tmp_path):
    _, arrays = some_arrays(OverlapProblem())
    change(arrays)
    np.savez(tmp_path / "own.npz", **arrays)
    assert message in refusal(derive("--start", "random", "--task", tmp_path / "own.npz"))


def test_no_archive_at_all(tmp_path):
    for content in (b"", b"PK\x03\x04 nonsense", b"[1, 2]"):
        (tmp_path / "own.npz").write_bytes(content)
        complaint = refusal(derive("--start", "random", "--task", tmp_path / "own.npz"))
        assert "not an archive of arrays" in complaint


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--task", "maze"), "--task maze: allowed are flip-flop, decision, teacher, a FILE.npz"),
        (("--task", "absent.npz"), "cannot be read"),
        (("--task", "flip-flop", "--decay", 1), "exactly one of"),
        (("--task", "flip-flop", "--batch", 0), "--batch 0: allowed are integers >= 1"),
        (("--task", "flip-flop", "--steps", 20), "long enough for the answer to count"),
        (("--task", "decision", "--inputs", 2), "one input and one output"),
        (("--task", "flip-flop", "--outputs", 2), "as many inputs as outputs"),
        (("--task", "teacher"), "needed is --teacher JSON"),
        (("--decay", 1, "--batch", 3), "--batch 3: allowed with --task"),
        (("--decay", 1, "--fixed-batch"), "--fixed-batch: allowed with --task"),
        (("--task", "flip-flop", "--sampling", "published"), "allowed with --decay only"),
        (("--task", "flip-flop", "--teacher", "x.json"), "allowed with --task teacher"),
    ],
)
def test_bad_tasks_are_one_line(options, message):
    assert message in refusal(derive("--start", "random", *options))


def test_an_unstable_teacher_is_named(tmp_path):
    path = tmp_path / "teacher.json"
    path.write_text(json.dumps({**RANK_ONE, "vu": 1.4, "uu": 3}))
    complaint = refusal(derive("--start", "random", "--task", "teacher", "--teacher", path))
    assert "the effective network has the eigenvalue 0.4: allowed are negative real parts" in complaint


@pytest.mark.parametrize("task", ["flip-flop", "decision", "teacher"])
def test_nonlinear_tasks_on_the_command_line(task):
    """Exact limit by default, with its accuracy; the closure on demand; direct descent beside it."""
    common = ("--nonlinearity", "erf", "--start", "balanced", "--task", task, "--batch", 2, "--steps", 80)
    common += ("--epochs", 2, "--dt", 0.1, "--learning-rate", 0.05, "--fixed-batch")
    exact = json.loads(derive(*common, "--nodes", 4).stdout)
    closure = json.loads(derive(*common, "--limit", "closure", "--direct").stdout)
    assert exact["limit"] == "exact"
    assert closure["limit"] == "closure"
    # both exact for Gaussian columns, which the first epoch begins with
    assert exact["loss"][0] == pytest.approx(closure["loss"][0], abs=10 * exact["accuracy"] + 1e-5)
    assert closure["direct"]["loss"][0] == closure["loss"][0]
    assert set(closure["direct"]["overlaps"]) == {"zm", "zu", "vm", "vu", "mm", "mu", "uu"}


def test_the_limit_says_when_it_is_too_dear(monkeypatch):
    common = ("--nonlinearity", "erf", "--start", "balanced", "--decay", 0.3, "--steps", 10, "--epochs", 1)
    run = derive(*common, "--nodes", 6)
    assert json.loads(run.stdout)["limit"] == "exact"
    assert run.stderr == ""
    monkeypatch.setattr("derive.commands.overlap_space.learning.DEAR", 100.0)
    run = derive(*common)
    assert json.loads(run.stdout)["limit"] == "closure"
    assert "this is the Gaussian closure, --limit exact asks for the limit" in run.stderr
    assert run.stderr.count("\n") == 1
    assert json.loads(derive(*common, "--limit", "exact", "--nodes", 6).stdout)["limit"] == "exact"


def test_points_above_rank_one_are_what_is_affordable(monkeypatch):
    """4096 of them, fewer where that is dear, never fewer than 256; the closure where that is too dear."""
    common = ("--nonlinearity", "erf", "--start", "random", "--rank", 2, "--size", 20, "--decay", 0.3)
    common += ("--steps", 3, "--epochs", 1)
    asked = {number: derive(*common, "--nodes", number).stdout for number in (8, 9, 12)}
    assert derive(*common).stdout == asked[12]
    for points, number in ((2**9, 9), (2**8, 8)):
        monkeypatch.setattr("derive.commands.overlap_space.learning.DEAR", 2.0 * points * 3)
        assert derive(*common).stdout == asked[number]
    monkeypatch.setattr("derive.commands.overlap_space.learning.DEAR", 100.0)
    assert json.loads(derive(*common).stdout)["limit"] == "closure"


def test_shapes_are_held_together():
    with pytest.raises(ValueError, match="the problem has 1 and 1"):
        LinearTask(OverlapProblem(), WeightedTrials(0.1, *(np.ones((1, 3, 2)) for _ in range(3))))
    with pytest.raises(ValueError, match="allowed is linear"):
        LinearTask(
            OverlapProblem(nonlinearity="erf"), WeightedTrials(0.1, *(np.ones((1, 3, 1)) for _ in range(3)))
        )
