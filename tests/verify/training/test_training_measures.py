"""Measures of trained networks against plain numpy, and the command that prints them."""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from in_process import refusal, verify_here

from verify.training import TASKS, train
from verify.training.measures import functional_rank, loss_of, measure, readouts_of, spectra
from verify.training.networks import SHUFFLE_STREAM, TEST_STREAM, Network, initial_network
from verify.training.report import SCALARS, record
from verify.training.run import CONVERGED


def _loss(network, trials, dt=0.5):
    """Eqs. 2 and 3 in numpy."""
    h, total = np.zeros((len(trials.inputs), len(network.W))), 0.0
    for n in range(trials.inputs.shape[1]):
        h = (1 - dt) * h + dt * (np.tanh(h) @ network.W.T + trials.inputs[:, n] @ network.m)
        error = np.tanh(h) @ network.w - trials.targets[:, n]
        total += (trials.mask[:, n] * error**2).sum()
    return total / (2 * trials.mask.sum())


@pytest.fixture(scope="module")
def trained():
    return train(TASKS["mante"], 16, (0.9,), (0,), epochs=40)[0]


def test_measures_are_what_numpy_finds(trained):
    task, start = TASKS["mante"], initial_network(TASKS["mante"], trained.identity)
    found = measure(task, trained, trials=50)
    change = trained.end.W - start.W
    assert found.norm == pytest.approx(np.sqrt((change**2).sum()), rel=1e-5)
    left, strengths, right = np.linalg.svd(change)
    np.testing.assert_allclose(found.singular_values, strengths, atol=1e-5)
    explained = np.cumsum(strengths**2) / (change**2).sum()
    np.testing.assert_allclose(found.explained_variance, explained, rtol=1e-4)
    rng = trained.identity.generator(TEST_STREAM)
    for rank in range(26):
        W = start.W + sum(strengths[r] * np.outer(left[:, r], right[r]) for r in range(min(rank, 16)))
        expected = _loss(Network(W, trained.end.m, trained.end.w), task.trials(rng, 50))
        assert found.truncation_loss[rank] == pytest.approx(expected, rel=1e-4)
    shuffled = trained.identity.generator(SHUFFLE_STREAM).permutation(start.W.ravel()).reshape(16, 16)
    assert sorted(shuffled.ravel()) == sorted(start.W.ravel())
    expected = _loss(Network(shuffled + change, trained.end.m, trained.end.w), task.trials(rng, 50))
    assert found.shuffled_loss == pytest.approx(expected / trained.loss[0], rel=1e-4)


def test_ranks_refer_to_the_loss_at_rank_0_and_to_the_initial_loss():
    losses = np.array([4.0, 1.0, 0.15, 0.01])
    assert functional_rank(losses, losses[0]) == 2
    assert functional_rank(losses, 1.0) == 3
    assert functional_rank(losses, 0.1) is None


def test_readouts_and_loss_belong_together(trained):
    task = TASKS["mante"]
    trials = task.trials(np.random.default_rng(3), 9)
    z = readouts_of(task, trained.end, trials)
    expected = (trials.mask * (z - trials.targets) ** 2).sum() / (2 * trials.mask.sum())
    assert loss_of(task, trained.end, trials) == pytest.approx(expected, rel=1e-5)


def test_spectra_of_the_start_and_the_end(trained):
    found = spectra(TASKS["mante"], trained)
    start = initial_network(TASKS["mante"], trained.identity).W
    np.testing.assert_allclose(found.initial, np.linalg.svd(start)[1], atol=1e-5)
    assert found.whole_eigenvalues.sum() == pytest.approx(np.trace(trained.end.W), abs=1e-4)
    assert found.change_eigenvalues.sum() == pytest.approx(np.trace(trained.end.W - start), abs=1e-4)


def test_recorded_factors_are_the_change(trained):
    """At look k, U s V^T with all 12 of 16 ranks is dW up to the ranks left out."""
    rest = trained.norms[-1] ** 2 - (trained.strengths[-1] ** 2).sum()
    assert rest < 1e-3 * trained.norms[-1] ** 2
    product = (trained.left[-1] * trained.strengths[-1]) @ trained.right[-1].T
    change = trained.end.W - initial_network(TASKS["mante"], trained.identity).W
    assert np.linalg.norm(product - change) < 0.2 * np.linalg.norm(change)  # one update later


OPTIONS = ("--size", 12, "--epochs", 30, "--seeds", 2)


_verify = partial(verify_here, "task")


@pytest.mark.parametrize(("loss", "ranks"), [([1.0, 0.5, 0.06], (None, None)), ([1.0, 0.5, 0.04], (3, 4))])
def test_a_network_that_never_converged_has_no_functional_rank(loss, ranks):
    task = TASKS["flip-flop"]
    (run,) = train(task, 8, epochs=3)
    measures = replace(measure(task, run, 8), functional_rank=3, functional_rank_initial=4)
    entry = record(replace(run, loss=np.array(loss)), measures)
    assert (entry["functional_rank"], entry["functional_rank_initial"]) == ranks


@pytest.mark.slow
def test_the_json_has_the_documented_keys_and_its_means(tmp_path):
    done = _verify("flip-flop", *OPTIONS, "--g", "0,0.5", "--format", "json", "--out", tmp_path)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert {"task", "size", "runs", "mean", "std"} <= found.keys()
    assert (found["task"], found["size"], len(found["runs"])) == ("flip-flop", 12, 4)
    for run in found["runs"]:
        assert {
            "g", "seed", "convergence_epoch", "norm", "singular_values", "truncation_loss", "functional_rank",
            "functional_rank_initial", "shuffled_loss", "initial_loss", "loss",
        } <= run.keys()  # fmt: skip
        assert len(run["loss"]) == 30
        assert len(run["truncation_loss"]) == 26
        below = [epoch for epoch, loss in enumerate(run["loss"]) if loss < CONVERGED * run["loss"][0]]
        assert run["convergence_epoch"] == (below[0] if below else None)
    for g in (0, 0.5):
        chosen = [run for run in found["runs"] if run["g"] == g]
        for key in SCALARS:
            values = [run[key] for run in chosen]
            mean, std = found["mean"][f"{g:g}"][key], found["std"][f"{g:g}"][key]
            if None in values:
                assert mean is None
            else:
                assert mean == pytest.approx(np.mean(values))
                assert std == pytest.approx(np.std(values), abs=1e-12)
    assert json.loads((tmp_path / "task_flip-flop.json").read_text()) == found
    assert (tmp_path / "task_flip-flop.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_the_same_command_gives_the_same_bytes_and_a_store_the_same_networks(tmp_path):
    plain = _verify("romo", *OPTIONS, "--g", "0.9")
    first = _verify("romo", *OPTIONS, "--g", "0.9", "--store", tmp_path)
    kept = _verify("romo", *OPTIONS, "--g", "0.9", "--store", tmp_path)
    assert plain.stdout == first.stdout == kept.stdout
    assert "not converged" in plain.stdout
    from verify.training import open_trained

    data = open_trained(tmp_path, "romo")
    assert data.sizes["run"] == 2
    assert list(data.seed.values) == [0, 1]
    assert not list(tmp_path.glob("states/*"))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("nothing",), "task nothing: allowed are flip-flop, flip-flop-bits, mante, romo, cosine, sentiment"),
        (("mante", "--size", 4), "--size 4: mante has 4 input and 1 readout vectors; allowed is N >= 5"),
        (("romo", "--g", "-0.1"), "--g -0.1: allowed is numbers >= 0, like 0,0.9"),
        (("romo", "--g", "x"), "--g x: allowed is numbers >= 0, like 0,0.9"),
        (("romo", "--g", ""), "--g : allowed is numbers >= 0, like 0,0.9"),
        (("romo", "--epochs", 0), "--epochs 0: allowed are integers >= 1"),
        (("romo", "--seeds", 0), "--seeds 0: allowed are integers >= 1"),
        (("romo", "--train", "W,x"), "--train W,x: allowed is a non-empty subset of W,m,w"),
        (("romo", "--optimizer", "x"), "--optimizer x: allowed are adam, sgd, momentum"),
        (("romo", "--learning-rate", "0"), "--learning-rate 0: allowed is a finite number > 0"),
        (("romo", "--device", "tpu"), "--device tpu: allowed are cpu, cuda"),
        (("romo", "--data", "x"), "--data x: allowed with the task sentiment, not with romo"),
        (("sentiment", "--g", "1"), "--g 1: not for the task sentiment; allowed are --size, --seeds"),
    ],
)
def test_bad_requests_are_one_line(arguments, line):
    assert refusal(_verify(*arguments)).startswith(f"verify: {line}")


def test_a_folder_that_is_no_store_is_refused(tmp_path):
    (tmp_path / "other").write_text("")
    assert "allowed is a store or an empty folder" in refusal(_verify("romo", *OPTIONS, "--store", tmp_path))
    assert [entry.name for entry in tmp_path.iterdir() if not entry.name.startswith(".")] == ["other"]
