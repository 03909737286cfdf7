"""Runs as sweeps keep them, the same computed here, and `verify sweep` in a process of its own."""

import os
import subprocess
import sys

import numpy as np
from project import ROOT

import verify
from verify.simulators import sample_task, simulate
from verify.sweeps.grid import RunKey

ENTRY = [sys.executable, "-c", "from verify.cli import main; main()"]
GRID = {
    "g": [0.0, 0.5],
    "zhat": [0.5, 1.0],
    "size": 60,
    "seeds": 3,
    "effective_learning_rate": 0.02,
    "epochs": 10,
}


def key(seed, size=40, epochs=6, zhat=1.0):
    return RunKey("reduced", size, 0.5, zhat, seed, 0.01, epochs)


def expected(k):
    return simulate(k.simulator, sample_task(k.size, k.g, k.seed, k.zhat, k.learning_rate, k.epochs))


def check_contents(path, keys):
    """The store holds exactly these runs, each as computing it again gives it."""
    data = verify.open(path)
    assert data.sizes["run"] == len(keys)
    for k in keys:
        one = data.isel(run=np.flatnonzero((data.seed == k.seed) & (data.zhat == k.zhat)))
        assert one.sizes["run"] == 1
        run = expected(k)
        np.testing.assert_array_equal(one.readout[0, : k.epochs + 1], run.readout)
        np.testing.assert_array_equal(one.singular_values[0, : k.epochs + 1], run.singular_values)
        np.testing.assert_array_equal(one.left[0], run.left)


def command(*arguments, cwd, **options):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*ENTRY, "sweep", *arguments], cwd=cwd, capture_output=True, text=True, env=environment, **options
    )
