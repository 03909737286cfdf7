"""Runs for a store, and what it must hold of them."""

import numpy as np

import verify
from verify.simulators import sample_problem, simulate
from verify.sweeps.grid import RunKey


def key(seed, size=40, epochs=6, zhat=1.0):
    return RunKey("reduced", size, 0.5, zhat, seed, 0.01, epochs)


def expected(k):
    return simulate(k.simulator, sample_problem(k.size, k.g, k.seed, k.zhat, k.learning_rate, k.epochs))


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
