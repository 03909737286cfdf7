"""Training of many networks at once: against autograd, torch's optimizers, and one network at a time."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from verify.training import TASKS, Task, Trials, train
from verify.training.batches import FreshTrials
from verify.training.dynamics import Dynamics
from verify.training.group import TrainingGroup, saved_epoch, state_path
from verify.training.jobs import jobs_for, keys_for
from verify.training.networks import Identity, Networks, initial_network
from verify.training.optimizers import MOMENTUM, Optimizer
from verify.training.run import TrainedNetwork
from verify.training.settings import settings_for
from verify.training.store import read_runs

EXACT = {"rtol": 1e-10, "atol": 1e-13}


def _plain_loss(W, m, w, task, trials, phi):
    """Eqs. 2 and 3 step by step under autograd: an independent statement of the dynamics."""
    arrays = trials.inputs, trials.targets, trials.mask
    inputs, targets, mask = (torch.tensor(array, dtype=W.dtype) for array in arrays)
    h = (m[0] if task.starts_at_input else 0 * m[0]).expand(len(inputs), -1)
    readouts = []
    for n in range(inputs.shape[1]):
        h = h + task.dt * (-h + phi(h) @ W.T + inputs[:, n] @ m)
        readouts.append(phi(h) @ w)
    error = torch.stack(readouts, dim=1) - targets
    return 0.5 * (mask * error**2).sum() / mask.sum()


PHI = {"tanh": torch.tanh, "relu": torch.relu, "linear": lambda x: x}


@pytest.mark.parametrize("nonlinearity", sorted(PHI))
@pytest.mark.parametrize("name", ["flip-flop", "mante", "romo", "cosine"])
def test_gradients_of_many_networks_are_autograds(name, nonlinearity):
    task = TASKS[name]
    starts = [initial_network(task, Identity(12, g, seed)) for g, seed in ((0.0, 0), (0.8, 1))]
    drawn = [task.trials(np.random.default_rng(seed), 3) for seed in range(2)]
    networks = Networks(task, starts, dtype=torch.float64)
    dynamics = Dynamics(networks, 3, drawn[0].inputs.shape[1], nonlinearity)
    dynamics.load(
        *(torch.tensor(np.stack([getattr(t, k) for t in drawn])).transpose(1, 2).double()
          for k in ("inputs", "targets", "mask"))
    )  # fmt: skip
    dynamics.backward(dynamics.forward())
    gradients = networks.parts(dynamics.weights_gradient, dynamics.readout_gradient)
    for k, (start, trials) in enumerate(zip(starts, drawn, strict=True)):
        arrays = start.W, start.m, start.w
        leaves = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]
        loss = _plain_loss(*leaves, task, trials, PHI[nonlinearity])
        loss.backward()
        assert float(dynamics.loss[k]) == pytest.approx(loss.item(), rel=1e-12)
        W, m, w = (leaf.grad for leaf in leaves)
        torch.testing.assert_close(gradients["W"][k].T, W, **EXACT)
        torch.testing.assert_close(gradients["w"][k], w, **EXACT)
        torch.testing.assert_close(gradients["m"][k], m, **EXACT)


@pytest.mark.parametrize("name", ["adam", "sgd", "momentum"])
def test_optimizers_are_torchs(name):
    rate, steps = 0.03, 7
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(2, 5, 4, generator=generator, dtype=torch.float64)
    gradients = torch.randn(steps, 2, 5, 4, generator=generator, dtype=torch.float64)
    ours, gradient = start.clone(), torch.zeros_like(start)
    optimizer = Optimizer(name, [ours], [gradient], rate)
    theirs = start.clone().requires_grad_()
    torchs = {
        "adam": lambda p: torch.optim.Adam(p, lr=rate),
        "sgd": lambda p: torch.optim.SGD(p, lr=rate),
        "momentum": lambda p: torch.optim.SGD(p, lr=rate, momentum=MOMENTUM),
    }[name]([theirs])
    for each in gradients:
        gradient.copy_(each)
        optimizer.step()
        theirs.grad = each.clone()
        torchs.step()
    torch.testing.assert_close(ours, theirs.detach(), rtol=1e-10, atol=1e-12)


def test_clipping_brings_each_networks_whole_gradient_to_its_norm():
    gradients = [torch.full((2, 2, 2), 3.0), torch.full((2, 1, 2), 4.0)]
    gradients[0][1] = gradients[1][1] = 0.01
    parameters = [torch.zeros_like(gradient) for gradient in gradients]
    Optimizer("sgd", parameters, gradients, rate=1.0, clip=0.5).step()
    norms = sum(parameter.square().sum(dim=(1, 2)) for parameter in parameters).sqrt()
    assert float(norms[0]) == pytest.approx(0.5, rel=1e-6)
    assert float(norms[1]) == pytest.approx(0.01 * 6**0.5, rel=1e-5)


def _same(one: TrainedNetwork, other: TrainedNetwork, tolerance: float) -> None:
    np.testing.assert_allclose(one.loss, other.loss, rtol=tolerance)
    for name in ("W", "m", "w"):
        np.testing.assert_allclose(getattr(one.end, name), getattr(other.end, name), atol=tolerance)


@pytest.mark.slow
def test_a_grid_gives_every_network_what_it_is_alone():
    task, settings = TASKS["flip-flop"], {"epochs": 60, "dtype": "float64"}
    grid = train(task, 16, (0.0, 0.9), (0, 1), workers=1, **settings)
    assert [(run.identity.g, run.identity.seed) for run in grid] == [(0, 0), (0, 1), (0.9, 0), (0.9, 1)]
    for run in grid:
        (alone,) = train(task, 16, (run.identity.g,), (run.identity.seed,), **settings)
        _same(run, alone, 1e-9)
    for run, threaded in zip(grid, train(task, 16, (0.0, 0.9), (0, 1), workers=2, **settings), strict=True):
        _same(run, threaded, 1e-9)


@pytest.mark.parametrize("part", ["W", "m", "w"])
def test_what_does_not_learn_stays(part):
    task = TASKS["romo"]
    (run,) = train(task, 10, (0.5,), train=(part,), epochs=3)
    start = initial_network(task, run.identity)
    for name in ("W", "m", "w"):
        moved = np.abs(getattr(run.end, name) - getattr(start, name)).max() > 0
        assert moved == (name == part)


@pytest.mark.slow
def test_training_goes_on_where_it_stopped(tmp_path):
    task, identities = TASKS["flip-flop"], [Identity(12, 0.5, 0), Identity(12, 0.5, 1)]
    settings = settings_for(task, 12, 0.5, epochs=230)
    whole = TrainingGroup(task, identities, settings).run()

    class Stop(Exception):
        pass

    for stop_at in (40, 170, 229):  # before the first saving, between two, before the last
        group = TrainingGroup(task, identities, settings, states=tmp_path)
        begun = group.epoch

        def stop(group=group, stop_at=stop_at):
            if group.epoch == stop_at:
                raise Stop

        with pytest.raises(Stop):
            group.run(stop)
        assert begun == {40: 0, 170: 0, 229: 100}[stop_at]
    resumed = TrainingGroup(task, identities, settings, states=tmp_path)
    assert resumed.epoch == 200
    for one, other in zip(whole, resumed.run(), strict=True):
        _same(one, other, 0)
        np.testing.assert_array_equal(one.strengths, other.strengths)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("name", ["flip-flop", "cosine"])
def test_a_gpu_trains_the_same_networks(name):
    """The captured graph against the CPU; float64, so that only the order of sums differs."""
    settings = {"epochs": 30, "dtype": "float64"}
    here = train(TASKS[name], 32, (0.0, 0.9), (0, 1), **settings)
    there = train(TASKS[name], 32, (0.0, 0.9), (0, 1), device="cuda", **settings)
    for one, other in zip(here, there, strict=True):
        _same(one, other, 1e-8)


def test_blocks_drawn_ahead_are_the_same_trials():
    """What a GPU's training gets, from threads, without a GPU."""
    task, identities = TASKS["romo"], [Identity(8, 0.5, seed) for seed in range(3)]
    plain, ahead = (FreshTrials(task, identities, "cpu", torch.float32) for _ in range(2))
    ahead._pool = ThreadPoolExecutor(2)
    for epoch in (0, 49, 50, 149, 20):
        for one, other in zip(plain(epoch), ahead(epoch), strict=True):
            assert torch.equal(one, other)


@pytest.mark.slow
def test_a_killed_command_goes_on(tmp_path):
    """SIGKILL between two savings; the finished command prints what an undisturbed one does."""
    command = [
        sys.executable,
        "-c",
        "from verify.cli import main; main()",
        "task",
        "flip-flop",
        "--size",
        "24",
    ]
    command += ["--g", "0.9", "--seeds", "2", "--epochs", "600"]
    store = ["--store", str(tmp_path)]
    killed = subprocess.Popen([*command, *store], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("states/*.npz")) and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.kill()
    killed.wait()
    assert list(tmp_path.glob("states/*.npz"))
    assert not list(tmp_path.glob("*/N_24"))
    done = subprocess.run([*command, *store], capture_output=True, text=True, check=True)
    assert done.stdout == subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert len(read_runs(tmp_path)) == 2
    assert not list(tmp_path.glob("states/*"))


def test_a_damaged_state_is_not_gone_on_from(tmp_path):
    task, identity = TASKS["flip-flop"], Identity(8, 0, 0)
    settings = settings_for(task, 8, 0, epochs=2)
    path = state_path(tmp_path, task.name, identity, settings)
    path.write_bytes(b"PK\x03\x04 nothing")
    assert saved_epoch(path) == 0
    assert TrainingGroup(task, [identity], settings, states=tmp_path).epoch == 0


@pytest.mark.slow
def test_networks_go_on_whatever_group_they_are_in(tmp_path):
    """Three networks stop at epoch 100 or 200 in other groups than those that they go on in."""
    task, settings = TASKS["romo"], {"epochs": 230}
    whole = train(task, 10, (0.5,), (0, 1, 2), **settings)
    keys = keys_for(task, 10, (0.5,), (0, 1, 2), **settings)

    class Stop(Exception):
        pass

    for seeds, end in (((0, 1), 120), ((2,), 210)):
        group = TrainingGroup(
            task, [keys[s].identity for s in seeds], keys[0].settings, states=tmp_path / "states"
        )

        def stop(group=group, end=end):
            if group.epoch == end:
                raise Stop

        (tmp_path / "states").mkdir(exist_ok=True)
        with pytest.raises(Stop):
            group.run(stop)
    jobs = jobs_for(keys, 1, 8, tmp_path / "states")
    assert [[key.identity.seed for key in job.keys] for job in jobs] == [[0, 1], [2]]
    reports = []
    done = train(
        task, 10, (0.5,), (0, 1, 2), tmp_path, workers=1, report=lambda *r: reports.append(r), **settings
    )
    assert reports[0] == (200, 690)
    for one, other in zip(whole, done, strict=True):
        _same(one, other, 0)


@pytest.mark.slow
def test_groups_trained_in_threads_report_one_after_the_other():
    inside, together, told = [], [], []

    def report(finished, whole):
        together.extend(inside)
        inside.append(finished)
        time.sleep(2e-3)  # long enough for the other thread to come in, were it let
        inside.pop()
        told.append((finished, whole))

    train(TASKS["flip-flop"], 8, (0.0, 0.5), (0, 1), workers=2, group=2, epochs=30, report=report)
    assert not together
    assert [finished for finished, _ in told] == sorted(finished for finished, _ in told)
    assert told[-1] == (120, 120)


def test_flip_flop_learns_a_rank_two_change_at_g_0():
    """The paper's Fig. 1: two singular values above the rest; smaller N as its Fig. S1 allows."""
    (run,) = train(TASKS["flip-flop"], 64, epochs=300)
    assert run.convergence_epoch is not None
    assert 50 < run.convergence_epoch < 150
    strengths = run.strengths[-1]
    assert strengths[1] > 2.5 * strengths[2]


def test_a_task_of_the_users_own():
    def trials(rng, count):
        level = rng.uniform(-1, 1, (count, 1, 1))
        inputs = np.broadcast_to(level, (count, 12, 1))
        mask = np.zeros((count, 12, 1))
        mask[:, 8:] = 1
        return Trials(inputs, 0.5 * inputs, mask)

    half = Task("half", inputs=1, outputs=1, trials=trials, epochs=150, optimizer="sgd")
    (run,) = train(half, 32, (0.5,))
    assert run.convergence_epoch is not None
    assert run.task == "half"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 3}, "allowed is N >= 4"),
        ({"g": (-0.5,)}, "g >= 0"),
        ({"optimizer": "newton"}, "adam, sgd, momentum"),
        ({"train": ("W", "x")}, "subset of W,m,w"),
        ({"train": ()}, "subset of W,m,w"),
        ({"nonlinearity": "sine"}, "tanh, relu, linear"),
        ({"rate": -1.0}, "numbers > 0"),
    ],
)
def test_requests_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        train(TASKS["flip-flop"], **{"size": 8, "epochs": 1, **changes})


def test_a_network_that_leaves_the_finite_numbers_is_not_converged():
    (run,) = train(TASKS["cosine"], 8, (0.8,), rate=1e6, epochs=20)
    assert not run.finite
    assert run.convergence_epoch is None


def test_strengths_that_agree_to_six_digits_have_draws_of_their_own():
    near, same, old = (Identity(8, g, 3).generator(0).random() for g in (0.9 + 1e-9, 0.9 + 2e-9, 0.9))
    assert len({near, same, old}) == 3
    assert old == np.random.default_rng([3, 8, 900000, 0, 0]).random()  # as in stores of earlier versions
