"""`verify sweep` as a user runs it: bad input, kill -9, clusters."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from in_process import refusal, verify_here
from project import ROOT
from sweep_runs import ENTRY, GRID, command, expected

import verify
from derive.command_line import UsageProblem
from verify.sweeps.engine import compute
from verify.sweeps.grid import RunKey, make_grid
from verify.sweeps.store import Store


@pytest.mark.parametrize(
    ("arguments", "given", "allowed"),
    [
        (["missing.toml"], "missing.toml", "TOML file"),
        (["--g", "0.5", "--zhat", "1"], "no learning rate", "learning_rate"),
        (["--g", "0.5", "--zhat", "x", "--learning-rate", "1"], "--zhat x", "numbers"),
        (["--g", "0.5", "--zhat", "1", "--learning-rate", "1", "--workers", "0"], "--workers 0", ">= 1"),
        (["--g", "0.5", "--zhat", "1", "--learning-rate", "1", "--device", "tpu"], "tpu", "cpu"),
    ],
)
def test_bad_input_is_one_line_and_status_2(tmp_path, arguments, given, allowed):
    complaint = refusal(verify_here("sweep", *arguments, cwd=tmp_path))
    assert given in complaint
    assert allowed in complaint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and sends POSIX signals")
@pytest.mark.slow
def test_kill_9_of_workers_and_of_the_whole_program(tmp_path):
    """Killed at any time, a sweep loses nothing finished, and its continuation does only the rest."""
    (tmp_path / "grid.toml").write_text(
        "g = [0.3, 0.6]\nzhat = [0.5, 1.0]\nsize = 200\nseeds = 5\n"
        'effective_learning_rate = 0.02\nepochs = 40\nsimulator = "inverse"\n'
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    begin = [*ENTRY, "sweep", "grid.toml"]

    def finished():
        try:
            return verify.open(tmp_path / "runs").sizes["run"]
        except UsageProblem:
            return 0

    def started(minimum):
        process = subprocess.Popen(begin, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
        while finished() < minimum:
            assert process.poll() is None
            time.sleep(0.05)
        return process

    process = started(2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = finished()
    assert 2 <= before < 20

    process = started(before + 1)
    victims = _workers(process.pid)
    for worker in victims:
        os.kill(worker, signal.SIGKILL)
    assert victims
    process.wait(timeout=120)
    assert process.returncode == 0
    data = verify.open(tmp_path / "runs")
    assert data.sizes["run"] == 20
    labels = set(zip(*(data[name].values for name in ("g", "zhat", "seed")), strict=True))
    assert len(labels) == 20
    for index in (0, 19):
        row = data.isel(run=index)
        again = compute(
            RunKey("inverse", 200, float(row.g), float(row.zhat), int(row.seed), float(row.learning_rate), 40)
        )
        np.testing.assert_allclose(
            row.readout, again.readout, rtol=0, atol=1e-13
        )  # threads may differ in BLAS

    # nothing is missing: no cluster is started; then a second grid extends the store
    done = command("grid.toml", cwd=tmp_path)
    assert "0 runs added, 20 were there" in done.stdout
    done = command(
        "grid.toml", "--g", "0.3,0.5", "--seeds", "1", "--epochs", "50", "--workers", "1", cwd=tmp_path
    )
    assert "4 runs added, 0 were there" in done.stdout
    assert verify.open(tmp_path / "runs").sizes == {**data.sizes, "run": 24, "epoch": 51}


@pytest.mark.slow
def test_no_answer_from_a_scheduler_is_one_line(tmp_path, monkeypatch):
    from verify.sweeps import cluster, engine

    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with (
        Store(tmp_path) as store,
        pytest.raises(UsageProblem, match=r"--scheduler tcp://127.0.0.1:9: .*allowed is"),
    ):
        engine.sweep(make_grid(GRID), store, "tcp://127.0.0.1:9")


def _workers(parent):
    """Process ids of the dask workers below ``parent``."""
    found, below = [], [parent]
    while below:
        current = below.pop()
        for task in Path(f"/proc/{current}/task").glob("*/children"):
            below += [int(child) for child in task.read_text().split()]
        if current != parent and b"spawn_main" in Path(f"/proc/{current}/cmdline").read_bytes():
            found.append(current)
    return found


def test_a_running_scheduler_gives_the_runs_that_this_process_would(tmp_path):
    from distributed import LocalCluster

    from verify.sweeps.engine import sweep

    grid, reports = make_grid({**GRID, "seeds": 1}), []
    with (
        LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster,
        Store(tmp_path) as store,
    ):
        failures = sweep(grid, store, cluster.scheduler_address, report=lambda *state: reports.append(state))
    assert failures == []
    assert reports[0] == (0, 4)
    assert reports[-1] == (4, 4)
    data = verify.open(tmp_path)
    for k in grid.keys:
        row = data.isel(run=np.flatnonzero((data.g == k.g) & (data.zhat == k.zhat))).isel(run=0)
        np.testing.assert_array_equal(row.readout, expected(k).readout)
