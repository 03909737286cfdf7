"""Many runs as one computation, each as it is alone; what a GPU is given."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from in_process import refusal, verify_here

import verify.device
import verify.simulators
import verify.sweeps.engine as engine
from derive import Instance
from verify.simulators import (
    DescentTask,
    Options,
    sample_task,
    simulate,
    simulate_together,
)
from verify.simulators.linear_solver import linear_solver
from verify.simulators.readouts import UnrolledReadouts
from verify.simulators.run import SimulatedRun
from verify.sweeps.grid import RunKey, make_grid
from verify.sweeps.groups import ON_DEVICE, compute_group, grouped, separated
from verify.sweeps.store import Store

EPOCHS = 15
LOOK = Options(eigenvalue_stride=5)


def several(size=40):
    """Networks that differ in all that may differ."""
    settings = [(0.0, 0, 0.5, 0.02), (0.6, 1, 1.0, 0.01), (0.8, 2, 2.0, 0.003)]
    return [sample_task(size, g, seed, zhat, rate, EPOCHS) for g, seed, zhat, rate in settings]


def close(first, second, tolerance=1e-12):
    """Every number that two runs record, W as a whole."""
    for field in fields(SimulatedRun):
        name = field.name
        one, other = getattr(first, name), getattr(second, name)
        if name in ("tau", "readout", "loss", "gradient_norm", "frobenius_norm", "shuffled_loss"):
            np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance, err_msg=name)
        elif name in ("singular_values", "strengths", "eigenvalues", "eigenvalue_epochs"):
            np.testing.assert_allclose(one, other, rtol=0, atol=tolerance, err_msg=name)
    zero = np.zeros((len(first.left),) * 2)
    np.testing.assert_allclose(first.connectivity(zero), second.connectivity(zero), rtol=0, atol=tolerance)
    assert first.facts["finite_epochs"] == second.facts["finite_epochs"]


@pytest.mark.parametrize("simulator", ["unrolled", "fixed_point", "inverse", "reduced"])
def test_runs_together_are_the_runs_one_by_one(simulator):
    """To rounding: sums in another order, over 15 epochs."""
    tasks, epochs = several(), []
    together = simulate_together(simulator, tasks, LOOK, lambda: epochs.append(0))
    assert len(epochs) == EPOCHS * len(tasks)
    for run, task in zip(together, tasks, strict=True):
        close(run, simulate(simulator, task, LOOK))


def test_a_cache_that_is_full_changes_no_number(monkeypatch):
    import verify.simulators.full_networks as full

    tasks = several()
    together = simulate_together("unrolled", tasks, LOOK)
    monkeypatch.setattr(full, "CACHE", 2 * 40 * 40 * 8)
    for first, second in zip(together, simulate_together("unrolled", tasks, LOOK), strict=True):
        close(first, second)


@pytest.mark.parametrize("simulator", ["unrolled", "fixed_point"])
def test_one_that_fails_leaves_the_others_alone(simulator):
    """A learning rate far above the critical one; and a network without a fixed point."""
    tasks = several()
    wild = replace(tasks[1], learning_rate=80.0)
    singular = Instance(np.eye(40), *np.eye(40)[:2])
    lost = DescentTask(singular, lambda: singular.W0, 1.0, 0.1, EPOCHS)
    runs = simulate_together(simulator, [tasks[0], wild, lost, tasks[2]], LOOK)
    close(runs[0], simulate(simulator, tasks[0], LOOK))
    close(runs[3], simulate(simulator, tasks[2], LOOK))
    alone = simulate(simulator, wild, LOOK)
    np.testing.assert_array_equal(np.isnan(runs[1].readout), np.isnan(alone.readout))
    if simulator == "fixed_point":
        assert np.isnan(runs[2].readout).all()
        assert not runs[2].strengths.any()
    else:  # grows in proportion to t, and is finite
        assert np.isfinite(runs[2].readout[0])
        assert np.isnan(alone.readout[-1])


def test_runs_of_different_sizes_or_lengths_are_refused():
    for other in (several(41)[0], replace(several()[0], epochs=EPOCHS + 1)):
        with pytest.raises(ValueError, match="allowed are runs of one size"):
            simulate_together("unrolled", [several()[1], other])


def test_what_cannot_be_run_stands_in_its_place():
    singular = Instance(np.eye(40), *np.eye(40)[:2])
    lost = DescentTask(singular, lambda: singular.W0, 1.0, 0.1, EPOCHS)
    reason, run = simulate_together("reduced", [lost, several()[0]])
    assert isinstance(reason, ValueError)
    close(run, simulate("reduced", several()[0]))


def test_the_batched_gradient_is_autograd_through_time():
    m, w = torch.randn(2, 3, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) / 4
    W = torch.randn(3, 20, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(2)) / 10
    z, gradient = UnrolledReadouts(m, w).with_gradient(W)
    leaf = W.clone().requires_grad_()
    x = torch.zeros_like(m)
    for _ in range(198):
        x = x + 0.5 * (-x + torch.einsum("sij,sj->si", leaf, x) + m)
    plain = (w * x).sum(dim=1)
    plain.sum().backward()
    assert torch.allclose(z, plain, rtol=0, atol=1e-14)
    assert torch.allclose(gradient, leaf.grad, rtol=0, atol=1e-13)
    assert torch.allclose(UnrolledReadouts(m, w).readout(W), plain, rtol=0, atol=1e-14)


def test_groups_differ_in_what_may_differ_in_a_batch():
    table = {"g": [0.3, 0.5], "zhat": [1.0, 2.0], "learning_rate": 0.1, "size": [20, 30], "seeds": 3}
    keys = make_grid(table | {"simulator": ["unrolled", "reduced"]}).keys
    assert [len(group) for group in grouped(keys, None, "cpu")] == [1] * len(keys)
    groups = list(grouped(keys, 5, "cpu"))
    assert sorted(map(len, groups)) == [2] * 4 + [5] * 8
    assert sorted(map(str, (key for group in groups for key in group))) == sorted(map(str, keys))
    assert all(len({(key.simulator, key.size) for key in group}) == 1 for group in groups)
    large = [replace(keys[0], size=size, seed=seed) for size in (1024, 16384) for seed in range(20)]
    assert [len(group) for group in grouped(large, None, "cuda")] == [ON_DEVICE, 4] + [1] * 20


def test_a_group_that_is_lost_is_a_reason_for_each_of_its_runs():
    key = RunKey("unrolled", 20, 0.3, 1.0, 0, 0.1, 2)
    group = (key, replace(key, seed=1))
    lost = ConnectionError("gone")
    assert list(separated([(group, lost), (group, ["a", "b"])])) == [
        (group[0], lost),
        (group[1], lost),
        (group[0], "a"),
        (group[1], "b"),
    ]


@pytest.mark.slow
def test_a_sweep_in_batches_writes_the_same_runs(tmp_path):
    from distributed import LocalCluster

    table = {"g": [0.3, 0.5], "zhat": 1.0, "learning_rate": 0.05, "size": 24, "seeds": 3, "epochs": 6}
    grid = make_grid(table | {"simulator": "unrolled"})
    (first,) = compute_group(grid.keys[:1])
    reports = []
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        Store(tmp_path) as store,
    ):
        store.add(grid.keys[0], first)
        seen = lambda *state: reports.append(state)  # noqa: E731
        assert engine.sweep(grid, store, cluster.scheduler_address, report=seen, batch=4) == []
        assert all(key in store for key in grid.keys)
    assert reports[-1] == (5, 5)
    data = verify.open(tmp_path)
    for key in grid.keys:
        row = data.isel(run=np.flatnonzero((data.g == key.g) & (data.seed == key.seed)))
        np.testing.assert_allclose(row.readout[0], engine.compute(key).readout, rtol=0, atol=1e-12)


SWEEP = ("sweep", "--g", 0.3, "--zhat", 1, "--learning-rate", 0.1, "--size", 20, "--seeds", 1, "--epochs", 2)


def test_bad_batches_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for text in ("0", "x", "1.5"):
        assert f"--batch {text}: allowed are integers" in refusal(verify_here(*SWEEP, "--batch", text))
    assert list(tmp_path.iterdir()) == []


def test_matrix_free_is_asked_of_the_device_and_done_there(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(verify.device, "check_device", lambda device: None)
    monkeypatch.setattr(engine, "sweep", lambda grid, *_: asked.append(grid) or [])
    done = verify_here(*SWEEP, "--device", "cuda", "--matrix-free", "--store", tmp_path)
    assert done.returncode == 0, done.stderr
    (grid,) = asked
    assert (grid.device, grid.keys[0].matrix_free) == ("cuda", True)
    # torch's name of a device that is there: what a GPU is given is done on it
    task = sample_task(60, 0.6, 1, 1.0, 0.02, 10)
    there = linear_solver(task.instance.W0, "cpu:0", matrix_free=True)
    assert isinstance(there._W0, torch.Tensor)
    solver = linear_solver(task.instance.W0, matrix_free=True)
    for name in ("plain", "transposed"):
        r = np.stack([task.instance.m, task.instance.w], axis=1)
        np.testing.assert_allclose(getattr(there, name)(r), getattr(solver, name)(r), rtol=0, atol=1e-14)
    runs = [
        simulate("reduced", task, Options(device=device, matrix_free=True)) for device in ("cpu", "cpu:0")
    ]
    close(*runs)
