"""`verify sweep --task`: grids of networks on dask's workers, in the store that sweeps have."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from in_process import refusal, verify_here

import verify
from derive.command_line import UsageProblem
from verify.training import TASKS, open_trained, train
from verify.training.jobs import keys_for, states_folder
from verify.training.store import networks_store, read_run, read_runs
from verify.training.sweep import Cluster, sweep

GRID = {"epochs": 24}
STRENGTHS, SEEDS = (0.0, 0.5), (0, 1)


def wanted(*names, size=10, **settings):
    return [
        (TASKS[name], key)
        for name in names
        for key in keys_for(TASKS[name], size, STRENGTHS, SEEDS, **{**GRID, **settings})
    ]


def same(one, other):
    assert (one.task, one.identity, one.settings) == (other.task, other.identity, other.settings)
    for name in ("loss", "recorded", "norms", "strengths"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("W", "m", "w"):
        np.testing.assert_array_equal(getattr(one.end, name), getattr(other.end, name))


@pytest.mark.slow
def test_workers_train_what_one_process_does(tmp_path):
    """Two tasks, a running scheduler: every number is the same to the last bit."""
    from distributed import LocalCluster

    grid, reports = wanted("romo", "flip-flop"), []
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0") as cluster,
        networks_store(tmp_path) as store,
    ):
        place = Cluster(cluster.scheduler_address, group=2)
        assert sweep(grid, store, place, lambda *state: reports.append(state)) == []
        assert sweep(grid, store, place, lambda *state: reports.append(("again", *state))) == []
    assert reports[0] == (0, 8 * 24)
    assert max(done for done, _ in reports) <= 8 * 24
    assert not list(states_folder(store).iterdir())
    for name in ("romo", "flip-flop"):
        here = train(TASKS[name], 10, STRENGTHS, SEEDS, group=2, workers=1, **GRID)
        for one, other in zip(read_runs(tmp_path, name), here, strict=True):
            same(one, other)
    data = open_trained(tmp_path)
    assert data.sizes["run"] == 8
    assert set(data.task.values) == {"romo", "flip-flop"}
    assert set(data.epochs.values) == {24}


@pytest.mark.slow
def test_settings_and_lengths_of_runs_come_back(tmp_path):
    """Runs of several lengths, rates and clippings in one group of the store."""
    task, runs = TASKS["romo"], []
    asked = ({"epochs": 7}, {"epochs": 90}, {"epochs": 7, "clip": 0.5}, {"epochs": 7, "rate": 1 / 3})
    for settings in asked:
        runs += train(task, 8, (0.3,), (0,), tmp_path, workers=1, **settings)
    with networks_store(tmp_path) as store:
        for settings, run in zip(asked, runs, strict=True):
            (key,) = keys_for(task, 8, (0.3,), (0,), **settings)
            same(read_run(store, key), run)
    assert len(list(tmp_path.glob("*/N_*"))) == 1
    assert len(read_runs(tmp_path, "romo", 8)) == 4


KILLED = ("--task", "flip-flop", "--size", "24", "--g", "0.9", "--seeds", "3", "--epochs", "700")


@pytest.mark.slow
def test_a_killed_sweep_goes_on(tmp_path):
    """SIGKILL of the command and its workers between two savings."""
    command = [sys.executable, "-m", "verify", "sweep", *KILLED, "--workers", "1", "--store", str(tmp_path)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    killed = subprocess.Popen(command, start_new_session=True, **quiet)
    deadline = time.monotonic() + 300
    while not list(tmp_path.glob("states/*.npz")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert list(tmp_path.glob("states/*.npz"))
    assert not list(tmp_path.glob("*/N_24"))
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}: 3 networks added, 0 were there\n")
    here = train(TASKS["flip-flop"], 24, (0.9,), (0, 1, 2), workers=1, epochs=700)
    for one, other in zip(read_runs(tmp_path), here, strict=True):
        np.testing.assert_allclose(one.loss, other.loss, rtol=1e-5)
    assert not list(tmp_path.glob("states/*"))


def test_a_store_of_networks_and_one_of_simulations_are_told_apart(tmp_path):
    with networks_store(tmp_path):
        pass
    with pytest.raises(UsageProblem, match="a store of networks; allowed is one of simulations"):
        verify.open(tmp_path)
    with pytest.raises(UsageProblem, match="another sweep is writing"), networks_store(tmp_path):
        networks_store(tmp_path)


def test_a_damaged_network_is_named_and_repair_puts_its_group_aside(tmp_path):
    train(TASKS["romo"], 8, (0.3,), (0, 1), tmp_path, workers=1, epochs=3)
    (chunk,) = tmp_path.glob("*/N_8/loss/c/1/*")
    chunk.write_bytes(b"nothing")
    with pytest.raises(UsageProblem, match=r"loss/c/1/0: damaged .* allowed is --repair"):
        read_runs(tmp_path)
    (coordinate,) = tmp_path.glob("*/N_8/g/c/0")
    coordinate.write_bytes(b"nothing")
    with pytest.raises(UsageProblem, match="allowed is --repair"):
        networks_store(tmp_path)
    with networks_store(tmp_path, repair=True) as store:
        (said,) = store.repaired
    assert "about 2 runs" in said


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--task", "x"), "--task x: allowed are flip-flop, flip-flop-bits, mante, romo, cosine"),
        (("--task", "romo", "--zhat", 1), "--zhat 1: not with --task"),
        (("--task", "romo", "--matrix-free"), "--matrix-free: not with --task"),
        (("grid.toml", "--task", "romo"), "GRID grid.toml: not with --task"),
        (("--optimizer", "adam"), "--optimizer adam: allowed with --task"),
        (("--task", "romo", "--g", "0,-1"), "--g -1: allowed is numbers >= 0"),
        (("--task", "romo,mante", "--size", 4), "--size 4: mante has 4 input and 1 readout vectors"),
        (("--task", "romo", "--epochs", 0), "--epochs 0: allowed are integers >= 1"),
        (("--task", "romo", "--group", 0), "--group 0: allowed are integers >= 1"),
        (("--task", "romo", "--train", "W,q"), "--train W,q: allowed is a non-empty subset of W,m,w"),
        (("--task", "romo", "--device", "tpu"), "--device tpu: allowed are cpu, cuda"),
    ],
)
def test_bad_requests_are_one_line(tmp_path, monkeypatch, arguments, line):
    monkeypatch.chdir(tmp_path)
    assert refusal(verify_here("sweep", *arguments)).startswith(f"verify: {line}")
    assert not list(tmp_path.iterdir())


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
